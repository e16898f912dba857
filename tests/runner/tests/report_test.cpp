#include "../../harness/report.hpp"

#include <doctest/doctest.h>

using harness::Guide;
using harness::Kind;
using harness::Verdict;

namespace {

Verdict verdict(const char* suite, const char* name, Kind kind) {
    Verdict verdict;
    verdict.suite = suite;
    verdict.hint = "CONCEPTS.md, \"Bump\"";
    verdict.name = name;
    verdict.kind = kind;
    return verdict;
}

Guide guide() {
    Guide guide;
    guide.title = "Step 2: bump";
    guide.places = {{"2.1", "steps/2_bump/bump.hpp:31"}, {"2.2", "steps/2_bump/bump.hpp:54"}};
    guide.again = "./workshop test";
    guide.hint = "./workshop hint";
    guide.done = "Step 2 is done";
    guide.next = "Next: step 3.\n";
    return guide;
}

}  // namespace

TEST_CASE("a failure is told in full, done tasks in a line") {
    std::vector<Verdict> verdicts = {
        verdict("2.1 allocate", "a block lies inside", Kind::done),
        verdict("2.1 allocate", "a full buffer says nullptr", Kind::done),
        verdict("2.2 used", "used is zero at first", Kind::done),
        verdict("2.2 used", "used and remaining add up", Kind::wrong),
        verdict("2.2 used", "reset", Kind::to_do),
        verdict("2.3 deallocate", "the newest block comes back", Kind::to_do),
        verdict("2.3 deallocate", "no other does", Kind::to_do),
    };
    verdicts[3].summary = "used() + remaining() is 60, capacity() is 64";
    verdicts[3].story = "1. \x1b[31mallocate\x1b[0m 4 bytes\n\n   +0x000 [a a a a]\n";
    verdicts[3].judge_place = "tests/2_bump.cpp:88";

    CHECK(harness::report(verdicts, guide(), false) ==
          R"(Step 2: bump

  done   2.1 allocate                                                     2 of 2
  wrong  2.2 used                                                         1 of 3
         done   used is zero at first
         wrong  used and remaining add up
         to do  reset
  to do  2.3 deallocate                                                   0 of 2

wrong: used and remaining add up
  used() + remaining() is 60, capacity() is 64

  1. allocate 4 bytes

     +0x000 [a a a a]

  the judge  tests/2_bump.cpp:88
  the task   steps/2_bump/bump.hpp:54
  read       CONCEPTS.md, "Bump"
  a hint     ./workshop hint 2.2
  again      ./workshop test 2.2
)");
}

TEST_CASE("an untouched starter is called what it is") {
    const std::vector<Verdict> verdicts = {
        verdict("2.1 allocate", "a block lies inside", Kind::to_do),
        verdict("2.2 used", "used is zero at first", Kind::to_do),
    };

    CHECK(harness::report(verdicts, guide(), false) ==
          R"(Step 2: bump

  to do  2.1 allocate                                                     0 of 1
         to do  a block lies inside
  to do  2.2 used                                                         0 of 1

Nothing is written yet: this is the expected start.
Begin with task 2.1 at steps/2_bump/bump.hpp:31

  read       CONCEPTS.md, "Bump"
  a hint     ./workshop hint 2.1
  again      ./workshop test 2.1
)");
}

TEST_CASE("green is one line, and what is next") {
    const std::vector<Verdict> verdicts = {
        verdict("2.1 allocate", "a block lies inside", Kind::done),
        verdict("2.2 used", "used is zero at first", Kind::done),
    };

    CHECK(harness::report(verdicts, guide(), false) ==
          "Step 2 is done: all 2 tests pass.\nNext: step 3.\n");
    CHECK(harness::all_done(verdicts));
    CHECK_FALSE(harness::all_done({}));
}

TEST_CASE("a task that is written, and waits for another one, is no start") {
    std::vector<Verdict> verdicts = {verdict("2.1 allocate", "one", Kind::to_do)};
    verdicts[0].summary = "waits for 2.2, which is not written yet";
    verdicts[0].learner_place = "steps/2_bump/bump.hpp:60";
    Guide written;
    written.places["2.1"] = "";

    CHECK(harness::report(verdicts, written, false) ==
          R"(  to do  2.1 allocate                                                     0 of 1
         to do  one

to do: one
  waits for 2.2, which is not written yet

  your code  steps/2_bump/bump.hpp:60
  read       CONCEPTS.md, "Bump"
)");
}

TEST_CASE("what does not compile is said first, and each task takes a line") {
    std::vector<Verdict> verdicts = {
        verdict("2.1 allocate", "a block lies inside", Kind::wrong),
        verdict("2.4 adapter", "one", Kind::does_not_compile),
        verdict("2.4 adapter", "two", Kind::does_not_compile),
    };
    verdicts[0].summary = "no";
    verdicts[1].summary = "expected ';' after expression";
    verdicts[1].story = "steps/2_bump/m.hpp:7\n    7 | x\n";
    verdicts[1].learner_place = "steps/2_bump/m.hpp:7";
    Guide by_hand;

    CHECK(harness::report(verdicts, by_hand, false) ==
          R"(  wrong             2.1 allocate                                          0 of 1
                    wrong             a block lies inside
  does not compile  2.4 adapter                                           0 of 2

does not compile: 2.4 adapter
  expected ';' after expression

  steps/2_bump/m.hpp:7
      7 | x

  your code  steps/2_bump/m.hpp:7
  read       CONCEPTS.md, "Bump"
)");
}

TEST_CASE("one fate for all takes a line a task") {
    std::vector<Verdict> verdicts = {verdict("2.1 allocate", "one", Kind::crashed),
                                     verdict("2.1 allocate", "two", Kind::crashed),
                                     verdict("2.2 used", "three", Kind::crashed)};
    verdicts[0].summary = "the program ended before its tests began (signal 11)";

    CHECK(harness::report(verdicts, Guide{}, false) ==
          R"(  crashed  2.1 allocate                                                   0 of 2
  crashed  2.2 used                                                       0 of 1

crashed: one
  the program ended before its tests began (signal 11)

  read       CONCEPTS.md, "Bump"
)");
}

TEST_CASE("a long name goes on in its column") {
    std::vector<Verdict> verdicts = {verdict("2.1 a", "", Kind::wrong),
                                     verdict("2.1 a", "b", Kind::done)};
    for (int times = 0; times < 20; ++times) {
        verdicts[0].name += "word ";
    }
    const std::string text = harness::report(verdicts, Guide{}, false);
    CHECK(text.find("\n         wrong  word word") != text.npos);
    CHECK(text.find("\n                word word") != text.npos);
}

TEST_CASE("with colour, a story keeps its own") {
    std::vector<Verdict> verdicts = {verdict("2.1 a", "b", Kind::crashed)};
    verdicts[0].story = "\x1b[35mpink\x1b[0m\n";
    const std::string text = harness::report(verdicts, Guide{}, true);
    CHECK(text.find("\x1b[35mpink\x1b[0m") != text.npos);
    CHECK(text.find("\x1b[31mcrashed\x1b[0m") != text.npos);
    CHECK(harness::without_colour(text) == harness::report(verdicts, Guide{}, false));
}

TEST_CASE("nothing at all is not green") {
    CHECK(harness::report({}, guide(), false) == "No test case ran.\n");
}

TEST_CASE("long lines are broken at blanks") {
    CHECK(harness::wrapped("aa bb cc", 1, 6) == " aa bb\n cc\n");
    CHECK(harness::wrapped("aaaaaaaaaa b", 0, 4) == "aaaaaaaaaa\nb\n");
    CHECK(harness::wrapped("one\ntwo", 2, 80) == "  one\n  two\n");
    CHECK(harness::wrapped("", 2, 80) == "");
}

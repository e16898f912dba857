// Two steps whose "compiler" joins shell scripts: step 2's judge says what step 1 set.

#include "../testing.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;

namespace {

constexpr const char* two_steps = "1_one\t1\t1_one\n2_two\t2\t2_two\n";

constexpr const char* build_file = R"(
rule compile
  command = cat $in > $out
  description = Compiling C++ object $out
rule link
  command = cp $in $out && chmod +x $out
  description = Linking target $out
build tests/learner_1_one.p/o.o: compile ../steps/1_one/one.hpp ../judge1
build tests/learner_1_one: link tests/learner_1_one.p/o.o
build tests/learner_2_two.p/o.o: compile ../steps/1_one/one.hpp ../steps/2_two/two.hpp ../judge2
build tests/learner_2_two: link tests/learner_2_two.p/o.o
build tests/mixed_2_two.p/o.o: compile ../solutions/1_one/one.hpp ../steps/2_two/two.hpp ../judge2
build tests/mixed_2_two: link tests/mixed_2_two.p/o.o
)";

std::string judge_of(const std::string& word, const std::string& suite) {
    return "printf '%s\\t" + suite + "\\t\\tcase\\tsummary\\t\\t\\t\\t0\\nend of verdicts\\n' " +
           word + " >&${2}\n";
}

class Workshop : public Folder {
public:
    Workshop() {
        write("build/build.ninja", build_file);
        write("tests/1_one.cpp", "TEST_SUITE(\"1.1 one\") { TEST_CASE(\"case\") {} }\n");
        write("tests/2_two.cpp", "TEST_SUITE(\"2.1 two\") { TEST_CASE(\"case\") {} }\n");
        write("judge1", judge_of("$one", "1.1 one"));
        write("judge2", judge_of("$two", "2.1 two"));
        write("solutions/1_one/one.hpp", "one=done\n");
        write("steps/2_two/two.hpp", "two=$one\n");
    }

    struct Told {
        int code;
        std::string text;
        std::string fault;
    };

    Told test(const std::string& step) const {
        const Project project = this->project(two_steps);
        TestOptions options;
        options.step = step;
        const TestRun run = test_once(project, options);
        return {run.code, run.text, earlier_fault(project, options, run)};
    }
};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a fault in an earlier step is found, and the tests that show it") {
    const Workshop workshop;
    workshop.write("steps/1_one/one.hpp", "one=wrong\n");

    const auto told = workshop.test("2");

    CHECK(told.code == red);
    CHECK(holds(told.fault, "Your step 2 is right"));
    CHECK(holds(told.fault, "The tests of step 1 show it: ./workshop test 1"));
}

TEST_CASE("a fault of the step's own is not laid on an earlier one") {
    const Workshop workshop;
    workshop.write("steps/1_one/one.hpp", "one=done\n");
    workshop.write("steps/2_two/two.hpp", "two=wrong\n");

    const auto told = workshop.test("2");

    CHECK(told.code == red);
    CHECK(told.fault.empty());
}

TEST_CASE("a test that fails by chance is not laid on an earlier step") {
    const Workshop workshop;
    const std::string seen = (workshop.path() / "seen").string();
    workshop.write("steps/1_one/one.hpp",
                   "one=wrong; [ -e '" + seen + "' ] && one=done; touch '" + seen + "'\n");

    const auto told = workshop.test("2");

    CHECK(told.code == red);
    CHECK(told.fault.empty());
}

TEST_CASE("without a step, the first that is not done is told in full") {
    const Workshop workshop;
    workshop.write("steps/1_one/one.hpp", "one=done\n");
    workshop.write("steps/2_two/two.hpp", "two=wrong\n");

    const auto told = workshop.test("");

    CHECK(told.code == red);
    CHECK(holds(told.text, "Step 1 is done"));
    CHECK_FALSE(holds(told.text, "Next:"));
    CHECK(holds(told.text, "Step 2: two"));
}

TEST_CASE("green is code 0, and names what is next") {
    const Workshop workshop;
    workshop.write("steps/1_one/one.hpp", "one=done\n");

    CHECK(workshop.test("1").code == green);
    CHECK(holds(workshop.test("1").text, "Next: step 2, two."));
    CHECK(workshop.test("").code == green);
    CHECK(holds(workshop.test("2").text, "That was the last part of the workshop."));
}

TEST_CASE("what is known before all is: how many pass, and what is wrong") {
    using harness::Kind;
    std::vector<harness::Verdict> verdicts = {{.suite = "5.1 SpinLock", .kind = Kind::done},
                                              {.suite = "5.1 SpinLock", .kind = Kind::done}};
    CHECK(standing(verdicts) == "so far all 2 tests pass ...");

    verdicts.push_back({.suite = "5.2 Locked", .kind = Kind::wrong, .summary = "it is lost"});
    CHECK(standing(verdicts) == "so far 2 of 3 tests pass; 5.2 Locked: it is lost ...");
}

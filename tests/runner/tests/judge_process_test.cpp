#include "../judge_process.hpp"

#include <doctest/doctest.h>

using namespace runner;
using harness::Kind;
using harness::Verdict;

namespace {

JudgeSource source() {
    JudgeSource source = scan_judge(
        "TEST_SUITE(\"2.1 allocate\") { TEST_CASE(\"one\") {} TEST_CASE(\"two\") {} }\n"
        "TEST_SUITE(\"2.2 used\") { TEST_CASE(\"three\") {} }\n");
    source.judge = "2_bump";
    return source;
}

std::string line(const char* suite, const char* name) {
    Verdict verdict;
    verdict.suite = suite;
    verdict.name = name;
    verdict.kind = Kind::done;
    return harness::to_line(verdict) + "\n";
}

}  // namespace

TEST_CASE("a judge that is through is believed") {
    Outcome outcome;
    outcome.exit_code = 1;
    outcome.verdicts = line("2.1 allocate", "one") + "end of verdicts\n";
    CHECK(verdicts_of(outcome, source(), "").size() == 1);
}

TEST_CASE("a judge that ends before its tests gives every case a verdict") {
    Outcome outcome;
    outcome.signal = 11;
    outcome.output = "AddressSanitizer: SEGV\n    #0 0x1 in x /w/steps/2_bump/bump.hpp:12:3\n";

    const auto verdicts = verdicts_of(outcome, source(), "");

    REQUIRE(verdicts.size() == 3);
    for (const Verdict& verdict : verdicts) {
        CHECK(verdict.kind == Kind::crashed);
    }
    CHECK(verdicts[0].summary ==
          "the program ended before its tests began (signal 11, Segmentation fault)");
    CHECK(verdicts[0].story.find("AddressSanitizer") != std::string::npos);
    CHECK(verdicts[0].learner_place == "steps/2_bump/bump.hpp:12");
    CHECK(verdicts_of(outcome, source(), "2.2").size() == 1);
}

TEST_CASE("exit(0) in the middle loses no verdict and is not green") {
    Outcome outcome;
    outcome.exit_code = 0;
    outcome.verdicts = line("2.1 allocate", "one") + "a line torn in tw";

    const auto verdicts = verdicts_of(outcome, source(), "");

    REQUIRE(verdicts.size() == 3);
    CHECK(verdicts[0].kind == Kind::done);
    CHECK(verdicts[1].kind == Kind::crashed);
    CHECK(verdicts[1].summary == "the program ended in the middle of its tests (exit code 0)");
    CHECK(verdicts[2].kind == Kind::not_run);
}

TEST_CASE("a judge that never came to an end hung") {
    Outcome outcome;
    outcome.signal = 15;
    outcome.timed_out = true;
    CHECK(verdicts_of(outcome, source(), "")[0].kind == Kind::hung);
}

TEST_CASE("a judge of which nothing is known still gets a verdict") {
    JudgeSource unknown;
    unknown.judge = "7_secret";
    Outcome outcome;
    outcome.started = false;
    const auto verdicts = verdicts_of(outcome, unknown, "");
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].name == "7_secret");
    CHECK(verdicts[0].kind == Kind::crashed);
}

TEST_CASE("a place in the learner's tree is found in what a program wrote") {
    CHECK(first_learner_place("in f() /home/x/steps/2_bump/bump.hpp:44:9\n") ==
          "steps/2_bump/bump.hpp:44");
    CHECK(first_learner_place("footsteps/a.hpp:4 ../steps/b.hpp:5") == "steps/b.hpp:5");
    CHECK(first_learner_place("steps/ and nothing more") == "");
}

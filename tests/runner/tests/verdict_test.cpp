#include "../../harness/verdict.hpp"

#include <doctest/doctest.h>

using harness::Kind;
using harness::Verdict;

TEST_CASE("a verdict survives the way through its line") {
    Verdict verdict;
    verdict.suite = "2.1 allocate";
    verdict.hint = "CONCEPTS.md, 'Bump'";
    verdict.name = "a \\name\\ with\ttabs";
    verdict.kind = Kind::out_of_memory;
    verdict.summary = "\\n is no line end";
    verdict.story = "one\n\ttwo\n\n\\\\three\\";
    verdict.judge_place = "tests/2_bump.cpp:12";
    verdict.learner_place = "steps/2_bump/bump.hpp:3";
    verdict.milliseconds = 1234;

    const std::string line = harness::to_line(verdict);
    const std::optional<Verdict> back = harness::from_line(line);

    CHECK(line.find('\n') == line.npos);
    REQUIRE(back);
    CHECK(back->suite == verdict.suite);
    CHECK(back->hint == verdict.hint);
    CHECK(back->name == verdict.name);
    CHECK(back->kind == verdict.kind);
    CHECK(back->summary == verdict.summary);
    CHECK(back->story == verdict.story);
    CHECK(back->judge_place == verdict.judge_place);
    CHECK(back->learner_place == verdict.learner_place);
    CHECK(back->milliseconds == verdict.milliseconds);
    CHECK(back->task() == "2.1");
}

TEST_CASE("every kind survives") {
    for (int number = 0; number <= static_cast<int>(Kind::not_run); ++number) {
        Verdict verdict;
        verdict.kind = static_cast<Kind>(number);
        const std::optional<Verdict> back = harness::from_line(harness::to_line(verdict));
        REQUIRE(back);
        CHECK(back->kind == verdict.kind);
    }
}

TEST_CASE("a line that is no verdict is refused") {
    CHECK_FALSE(harness::from_line(""));
    CHECK_FALSE(harness::from_line(harness::end_of_verdicts));
    CHECK_FALSE(harness::from_line("done\tsuite"));
    const std::string good = harness::to_line(Verdict{});
    REQUIRE(harness::from_line(good));
    CHECK_FALSE(harness::from_line(good + "\t"));
    CHECK_FALSE(harness::from_line(good + "x"));
    CHECK_FALSE(harness::from_line("well " + good));
    CHECK_FALSE(harness::from_line("done\t\\x\t\t\t\t\t\t\t0"));
}

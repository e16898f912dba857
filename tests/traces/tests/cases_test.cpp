// From the output of Google Benchmark to a table.

#include "../../bench/cases.hpp"

#include "../../bench/statistics.hpp"
#include "contains.hpp"

#include <doctest/doctest.h>

#include <string>

using traces_tests::contains;

TEST_CASE("the lines of a benchmark are read by the names of their columns") {
    const auto all = bench::parse_csv(
        "2026-01-01T00:00:00+00:00\nRunning x\nLoad Average: 1, 2, 3\n"
        "name,iterations,real_time,cpu_time,time_unit,bytes_per_second,items_per_second,label,"
        "error_occurred,error_message\n"
        "\"by_hand\",1000,5,5,ns,,2.5e+08,,,\n"
        "\"of<int, long>\",1000,5,5,ns,,1e9,,,\n"
        "\"broken\",,,,,,,,true,\"no block, none\"\n"
        "\"empty\",1000,5,5,ns,,,,,\n");

    REQUIRE(all.size() == 4);
    CHECK(all[0].name == "by_hand");
    CHECK(all[0].nanoseconds == doctest::Approx(4));
    CHECK(all[1].name == "of<int, long>");
    CHECK(all[1].nanoseconds == doctest::Approx(1));
    CHECK(all[2].error == "no block, none");
    CHECK(all[3].error == "it measured nothing");
}

TEST_CASE("nothing is read from something else") {
    CHECK(bench::parse_csv("").empty());
    CHECK(bench::parse_csv("\"x\",1,2\nhello\n").empty());
}

TEST_CASE("speeds are ratios of a round, and then their median") {
    bench::CaseColumn column;
    column.cases["base"].times = {10, 20, 30};
    column.cases["fast"].times = {5, 5, 10};
    column.cases["slow"].times = {1000, 2000, 3000};

    const std::string text = bench::render({"base", "fast", "slow"}, {column});

    CHECK(contains(text, "multiple of base's"));
    CHECK(contains(text, "base    1.00  20.0 ns\n"));
    CHECK(contains(text, "fast    3.00  5.00 ns\n"));
    CHECK(contains(text, "slow  0.0100  2000 ns\n"));
    CHECK(contains(text, "Medians of 3 rounds."));
}

TEST_CASE("what failed is said in its cell and below") {
    bench::CaseColumn solution{"solution", {}};
    solution.cases["base"].times = {10};
    solution.cases["one"].times = {10};
    bench::CaseColumn yours{"yours", {}};
    yours.cases["base"].times = {10};
    yours.cases["one"].failure = "to do";
    yours.cases["one"].reason = "todo() in steps/2_bump/bump.hpp:33";

    const std::string text = bench::render({"base", "one", "two"}, {solution, yours});

    CHECK(contains(text, "      solution  yours     time\n"));
    CHECK(contains(text, "one       1.00  to do  10.0 ns\n"));
    CHECK(contains(text, "two          -      -        -\n"));
    CHECK(contains(text, "\nyours, one: to do: todo() in steps/2_bump/bump.hpp:33\n"));
}

TEST_CASE("medians, spreads and means") {
    CHECK(bench::median({3, 1, 2}) == 2);
    CHECK(bench::median({4, 1, 2, 3}) == 2.5);
    CHECK(bench::median({7}) == 7);
    CHECK(bench::spread({10, 10, 10}) == 0);
    CHECK(bench::spread({8, 9, 10, 11, 12}) == doctest::Approx(0.1));
    CHECK(bench::geometric_mean({0.5, 2}) == doctest::Approx(1));
    CHECK(bench::geometric_mean({4, 1}) == doctest::Approx(2));
}

// The file between the runner, which measures, and the page.

#include "../../bench/findings.hpp"

#include "../../bench/trace_charts.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bench;

namespace {

const std::string a_file =
    "workshop-bench 1\n"
    "part\tStep 4: free list\n"
    "about\tcommand\t./workshop bench 4\n"
    "name\tpairs/malloc\n"
    "tree\t0\tsolution\n"
    "tree\t1\tyours\n"
    "case\t0\tpairs/malloc\t12.5\tunfairness\t2\n"
    "case\t0\tpairs/malloc\t13.5\n"
    "failed-case\t1\tpairs/malloc\tto do\ttodo() in steps/4_free_list/bins.hpp:7\n"
    "tree\t0\tsolution\n"
    "replay\t0\ttrace\tone\t1000\t5000\t6000\n"
    "replay\t0\tuse\tone\tbins\t10000\t8000\n"
    "replay\t0\ttime\tone\tmalloc\t20\n"
    "replay\t0\ttime\tone\tbins\t10\n"
    "heap\t0\t4.solution.heap\n";

std::string complaint(const std::string& text) {
    try {
        read_findings(text);
    } catch (const FindingsError& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("all that was noted is read") {
    const Findings found = read_findings(a_file);

    CHECK(found.title == "Step 4: free list");
    CHECK(found.about.front().second == "./workshop bench 4");
    REQUIRE(found.columns.size() == 2);
    CHECK(found.columns[0].heading == "solution");
    CHECK(found.columns[0].cases.at("pairs/malloc").times == std::vector{12.5, 13.5});
    CHECK(found.columns[0].cases.at("pairs/malloc").counters.at("unfairness").front() == 2);
    CHECK(found.columns[1].cases.at("pairs/malloc").failure == "to do");
    CHECK(found.has_cases());
    CHECK(found.has_traces());
    CHECK(found.heaps[0] == "4.solution.heap");
    CHECK(found.trace_columns().size() == 1);
}

TEST_CASE("traces have a chart of speed and one of utilisation") {
    const std::vector<BarChart> charts = trace_charts(read_findings(a_file));

    REQUIRE(charts.size() == 2);
    CHECK(charts[0].groups[0].label == "one");
    CHECK(charts[0].groups[0].bars[0].value == doctest::Approx(2));
    CHECK(charts[1].groups[0].bars[0].value == doctest::Approx(0.5));
    CHECK(trace_charts(Findings{}).empty());
}

TEST_CASE("a file that is none is refused with the line and what was expected") {
    CHECK(complaint("") == "line 0: expected `workshop-bench 1`");
    CHECK(complaint("hello\n") == "line 1: expected `workshop-bench 1`");
    CHECK(complaint("workshop-bench 1\nabout\tx\n") == "line 2: expected 3 words between tabs");
    CHECK(complaint("workshop-bench 1\ncase\t0\tx\t5\n") ==
          "line 2: expected the number of a tree that was named before");
    CHECK(complaint("workshop-bench 1\ntree\t0\t\ncase\t0\tx\tfive\n") ==
          "line 3: expected a number");
    CHECK(complaint("workshop-bench 1\ntree\t1\t\n") == "line 2: expected a tree of 0 or 1");
    CHECK(complaint("workshop-bench 1\ntree\t0\t\nreplay\t0\thello\n") ==
          "line 3: expected a line of a replay");
}

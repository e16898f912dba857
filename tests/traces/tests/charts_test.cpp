// Bars, as text and as SVG.

#include "../../bench/cases.hpp"
#include "../../bench/chart.hpp"
#include "../../bench/svg.hpp"
#include "contains.hpp"
#include "well_formed.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace bench;
using traces_tests::contains;
using traces_tests::count;
using traces_tests::well_formed;

namespace {

BarChart some_chart() {
    BarChart chart;
    chart.title = "churn <8 & more>";
    chart.unit = "speed";
    chart.colours = {"solution", "yours"};
    chart.groups = {{"malloc", {{"1", 10, 8, 12, 0, "", ""}, {"2", 20, 20, 20, 1, "note", ""}}},
                    {"bins", {{"1", 0, 0, 0, 1, "", "to do"}}}};
    return chart;
}

}  // namespace

TEST_CASE("a bar of text is as long as its value") {
    const std::string text = text_of(some_chart());

    CHECK(contains(text, "\nmalloc\n  1  ################## 10.0\n"));
    CHECK(contains(text, "\n  2  #################################### 20.0, note\n"));
    CHECK(contains(text, "\nbins\n  1  to do\n"));
}

TEST_CASE("a chart without values has no bars") {
    BarChart chart;
    chart.groups = {{"bins", {{"", 0, 0, 0, 0, "", "crashed"}}}};

    CHECK(contains(text_of(chart), "crashed"));
    CHECK(well_formed(svg_of(chart)));
}

TEST_CASE("a picture has a bar for each value, a whisker for each spread, and a title") {
    const std::string picture = svg_of(some_chart());

    CHECK(well_formed(picture));
    CHECK(count(picture, "<g><title>") == 2);
    CHECK(count(picture, "class=\"whisker\"") == 1);
    CHECK(contains(picture, "<title>malloc, 1: 10.0 (8.00 to 12.0)</title>"));
    CHECK(contains(picture, "role=\"img\""));
    CHECK(contains(picture, "churn &lt;8 &amp; more&gt;"));
    CHECK(contains(picture, ">to do</text>"));
}

TEST_CASE("a picture as a file stands by itself") {
    const std::string file = svg_file({some_chart(), some_chart()}, "Step 4");

    CHECK(well_formed(file));
    CHECK(contains(file, "prefers-color-scheme:dark"));
    CHECK_FALSE(contains(file, "<script"));
    CHECK(count(file, "http") == 1);  // the name of the namespace
    CHECK(count(file, "<g><title>") == 4);
}

TEST_CASE("curves lie between 0 and 1") {
    const std::string picture = svg_of({{"bins", {0, 0.5, 1, 3}}, {"first fit", {}}}, "use", 1000);

    CHECK(well_formed(picture));
    CHECK(contains(picture, "operation 1000"));
    CHECK(count(picture, "class=\"curve") == 2);
    CHECK(contains(picture, "L265.0 8.0L355.0 8.0\""));  // 3 is shown as 1
}

TEST_CASE("names are taken apart") {
    const CaseName threads = parts_of("any_size/Locked<a,b>/real_time/threads:4");
    CHECK(threads.workload == "any_size");
    CHECK(threads.contender == "Locked<a,b>");
    CHECK(threads.threads == 4);
    CHECK(parts_of("latency/malloc/iterations:1000").contender == "malloc");
    CHECK(parts_of("by_hand").workload.empty());
    CHECK(parts_of("by_hand").contender == "by_hand");
}

TEST_CASE("what is compared is measured side by side") {
    CHECK(in_order({"any/a", "same/a/threads:1", "same/a/threads:2", "same/b/threads:1",
                    "same/b/threads:2", "any/b"}) ==
          std::vector<std::string>{"any/a", "any/b", "same/a/threads:1", "same/b/threads:1",
                                   "same/a/threads:2", "same/b/threads:2"});
}

TEST_CASE("each workload and number of threads has its own yardstick, table and chart") {
    const std::vector<std::string> names{"same/a/threads:1",
                                         "same/a/threads:2",
                                         "same/b/threads:1",
                                         "same/b/threads:2",
                                         "any/a",
                                         "any/b"};
    CaseColumn column;
    column.cases["same/a/threads:1"].times = {10};
    column.cases["same/a/threads:2"].times = {20, 20};
    column.cases["same/b/threads:1"].times = {5};
    column.cases["same/b/threads:2"].times = {60, 80};
    column.cases["same/b/threads:2"].counters["unfairness"] = {3, 3};
    column.cases["any/a"].times = {100};
    column.cases["any/b"].times = {50};

    CHECK(yardstick_of(names, "same/b/threads:2") == "same/a/threads:2");
    const std::string text = render(names, {column});
    CHECK(contains(text, "multiple of a's at the same work."));
    CHECK(contains(text, "\nany\n  a   1.00   100 ns\n  b   2.00  50.0 ns\n"));
    CHECK(contains(text,
                   "\n   1 thread  2 threads\na      1.00       1.00\nb      2.00       0.29\n"));
    CHECK(contains(text, "same: millions of operations a second"));
    CHECK(contains(text, "14.6, unfairness 3.00\n"));

    const std::vector<BarChart> all = charts(names, {column});
    REQUIRE(all.size() == 2);
    CHECK(all[0].of_threads);
    CHECK(all[0].groups[0].bars[0].value == doctest::Approx(100));
    CHECK(all[0].groups[1].bars[1].lowest == doctest::Approx(12.5));
    CHECK(all[1].groups[1].bars[0].value == doctest::Approx(2));
}

TEST_CASE("long times have larger units") {
    CHECK(duration(4.541) == "4.54 ns");
    CHECK(duration(9999) == "9999 ns");
    CHECK(duration(16'480) == "16.5 us");
    CHECK(duration(12'050'600) == "12.1 ms");
}

TEST_CASE("latencies have a table of their own") {
    CaseColumn column;
    column.cases["work/a"].times = {10};
    Case& latency = column.cases["latency/a"];
    latency.times = {30};
    latency.counters = {{"allocate p50", {20}},
                        {"allocate p99", {40}},
                        {"allocate p99.9", {60}},
                        {"allocate max", {8000}},
                        {"overhead", {14}}};

    const std::string text = render({"work/a", "latency/a"}, {column});

    CHECK(contains(text, "a, allocate  20.0 ns  40.0 ns  60.0 ns  8000 ns\n"));
    CHECK(contains(text, "twice takes 14.0 ns"));
    CHECK_FALSE(contains(text, "\nlatency\n"));
    CHECK(charts({"work/a", "latency/a"}, {column}).size() == 1);
}

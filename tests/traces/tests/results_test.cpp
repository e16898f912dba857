// From the lines of replay programs to tables.

#include "../results.hpp"

#include "contains.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using traces::Results;
using traces_tests::contains;

namespace {

Results results_of(std::initializer_list<const char*> lines) {
    Results results;
    for (const char* line : lines) {
        CAPTURE(line);
        CHECK(results.add(line));
    }
    return results;
}

const std::initializer_list<const char*> two_traces = {
    "trace\tone\t1000\t5000\t6000", "trace\ttwo\t2000\t1000\t1000", "use\tone\tbins\t10000\t8000",
    "use\ttwo\tbins\t1250\t1100",   "time\tone\tmalloc\t20",        "time\tone\tloop\t1",
    "time\tone\tbins\t5",           "time\ttwo\tmalloc\t10",        "time\ttwo\tbins\t10",
    "time\tone\tmalloc\t30",        "time\tone\tbins\t10",          "time\tone\tmalloc\t40",
    "time\tone\tbins\t8",           "use\tone\tmalloc\t0\t10000"};

}  // namespace

TEST_CASE("ratios are those of a round, and then their median") {
    const Results results = results_of(two_traces);

    const std::string text = traces::render({{"", &results}});

    // 20/5, 30/10, 40/8; and 10/10. The mean of 4 and 1 is 2.
    CHECK(contains(text, "one             4.00  30.0 ns  1.0 ns\n"));
    CHECK(contains(text, "two             1.00  10.0 ns       -\n"));
    CHECK(contains(text, "geometric mean  2.00\n"));
    CHECK(contains(text, "Medians of 3 rounds."));
}

TEST_CASE("utilisation and reach") {
    const Results results = results_of(two_traces);

    const std::string text = traces::render({{"", &results}});

    CHECK(contains(text, "one             0.50  0.83       5,000\n"));
    CHECK(contains(text, "two             0.80  1.00       1,000\n"));
    CHECK(contains(text, "geometric mean  0.63  0.91\n"));
    CHECK(contains(text, "one             0.62    0.50       1,000\n"));
    CHECK(contains(text, "two             0.91       -       2,000\n"));
}

TEST_CASE("two trees stand beside each other") {
    const Results solution = results_of(two_traces);
    const Results yours =
        results_of({"trace\tone\t1000\t5000\t6000", "time\tone\tmalloc\t20", "time\tone\tbins\t40",
                    "failed\tone\tbest fit\tto do\ttodo() in steps/x.hpp:3",
                    "trace\ttwo\t2000\t1000\t1000", "failed\ttwo\tbins\tcrashed\tsignal 11"});

    const std::string text = traces::render({{"solution", &solution}, {"yours", &yours}});

    CHECK(contains(text,
                   "\n                             bins\n"
                   "                solution    yours   malloc"));
    CHECK(contains(text, "one                 4.00     0.50"));
    CHECK(contains(text, "two                 1.00  crashed"));
    CHECK(contains(text, "geometric mean      2.00        -"));
    CHECK(contains(text, "yours, bins, two: crashed: signal 11\n"));
    CHECK(contains(text, "yours, best fit, one: to do: todo() in steps/x.hpp:3\n"));
}

TEST_CASE("another malloc has a column of its own, and no buffer") {
    Results results = results_of(two_traces);
    CHECK(results.add("other\tone\tmimalloc\t10"));
    CHECK(results.add("other\tone\tmimalloc\t15"));
    CHECK_FALSE(results.add("other\tone\tmimalloc\t0"));
    CHECK_FALSE(results.add("other\tthree\tmimalloc\t1"));

    const std::string text = traces::render({{"", &results}});

    // 20/10 and 30/15.
    CHECK(contains(text, "one             4.00      2.00  30.0 ns  1.0 ns\n"));
    CHECK(contains(text, "two             1.00         -  10.0 ns       -\n"));
    CHECK(contains(text, "geometric mean  2.00         -\n"));
    CHECK(results.contenders().size() == 1);
}

TEST_CASE("resident memory is shown for all, where the system tells it") {
    Results results = results_of(two_traces);
    CHECK_FALSE(contains(traces::render({{"", &results}}), "Resident"));

    CHECK(results.add("resident\tone\tbins\t10000"));
    CHECK(results.add("resident\tone\tmalloc\t20000"));
    CHECK(results.add("resident\tone\tmimalloc\t50000"));

    const std::string text = traces::render({{"", &results}});
    CHECK(contains(text, "\nResident: "));
    CHECK(contains(text, "\none             0.50    0.25      0.10\n"));
    CHECK(contains(text, "\ntwo                -       -         -\n"));
}

TEST_CASE("lines that are none are left out") {
    Results results;
    CHECK_FALSE(results.add(""));
    CHECK_FALSE(results.add("hello"));
    CHECK_FALSE(results.add("time\tunknown\tbins\t5"));
    CHECK(results.add("trace\tone\t1\t1\t1"));
    CHECK_FALSE(results.add("trace\tone\t1\t1\t1"));
    CHECK_FALSE(results.add("time\tone\tbins\tfive"));
    CHECK_FALSE(results.add("time\tone\tbins\t-5"));
    CHECK_FALSE(results.add("time\tone\tbins\t0"));
    CHECK_FALSE(results.add("time\tone\tbins\tnan"));
    CHECK_FALSE(results.add("use\tone\tbins\t5"));
    CHECK(results.contenders().empty());
    CHECK(results.traces().front().outcomes.empty());
}

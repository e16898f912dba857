// Bars, as text for the terminal; svg.hpp draws the same ones.

#pragma once

#include <string>
#include <vector>

namespace bench {

struct Bar {
    std::string label;  // "2 threads", "yours"; may be empty
    double value = 0;   // the median
    double lowest = 0;  // of all rounds
    double highest = 0;
    std::size_t colour = 0;  // index in BarChart::colours
    std::string note;        // behind the value: "unfairness 1.3"
    std::string failure;     // in place of a value: "to do", "crashed"
};

/// Bars that belong together: one contender.
struct BarGroup {
    std::string label;
    std::vector<Bar> bars;
};

struct BarChart {
    std::string title;
    std::string unit;                  // "millions of operations a second"
    std::string explanation;           // what else has to be known, or nothing
    std::vector<std::string> colours;  // what each means: "solution", "yours"
    std::vector<BarGroup> groups;
    bool of_threads = false;  // it tells more than a table does
};

/// The largest value that has to be shown, with its spread; 0 where there is none.
double largest(const BarChart& chart);

/// Lines of '#', each with its value behind it.
std::string text_of(const BarChart& chart);

}  // namespace bench

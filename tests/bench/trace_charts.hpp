// What replays have shown, as charts.

#pragma once

#include <vector>

#include "chart.hpp"
#include "findings.hpp"

namespace bench {

/// Throughput and utilisation, a group of bars for each trace; nothing where there are no traces.
std::vector<BarChart> trace_charts(const Findings& findings);

}  // namespace bench

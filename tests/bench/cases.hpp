// What the cases of Google Benchmark have shown, collected from its output and told as a table.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// One case as it was measured once.
struct Measured {
    std::string name;
    double nanoseconds = 0;  // for one operation; 0 where it failed
    std::string error;       // in the words of the case
};

/// Reads what a benchmark prints with --benchmark_format=csv; other lines are passed over.
std::vector<Measured> parse_csv(std::string_view text);

/// What is known of one case in one tree.
struct Case {
    std::vector<double> times;  // nanoseconds an operation, one for each round
    std::string failure;        // "to do", "crashed" and so on, or nothing
    std::string reason;
};

struct CaseColumn {
    std::string heading;  // "yours"; may be empty where there is only one
    std::map<std::string, Case> cases;
};

/// A line for each name: its speed as a multiple of the first one's, and the time, the first
/// column's. Then the spread, and what failed.
std::string render(const std::vector<std::string>& names, const std::vector<CaseColumn>& columns);

}  // namespace bench

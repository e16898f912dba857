// What the cases of Google Benchmark have shown, collected from its output and told as a table.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chart.hpp"

namespace bench {

/// One case as it was measured once.
struct Measured {
    std::string name;
    double nanoseconds = 0;  // for one operation; 0 where it failed
    std::string error;       // in the words of the case
    std::map<std::string, double> counters;
};

/// What a name says: "any_size/malloc/real_time/threads:2" is a workload, who does it, and with how
/// many threads.
struct CaseName {
    std::string workload;   // may be empty
    std::string contender;  // never
    unsigned threads = 0;   // 0 where the name does not say it
};
CaseName parts_of(std::string_view name);

/// The cases so that those that are compared stand beside each other: by workload and threads, in
/// the order in which each was first named.
std::vector<std::string> in_order(const std::vector<std::string>& names);

/// The first of the cases with this one's workload and threads: speeds are multiples of its speed.
const std::string& yardstick_of(const std::vector<std::string>& names, const std::string& name);

/// Reads what a benchmark prints with --benchmark_format=csv; other lines are passed over.
std::vector<Measured> parse_csv(std::string_view text);

/// What is known of one case in one tree.
struct Case {
    std::vector<double> times;  // nanoseconds an operation, one for each round
    std::map<std::string, std::vector<double>> counters;
    std::string failure;  // "to do", "crashed" and so on, or nothing
    std::string reason;

    void add(const Measured& measured);
};

struct CaseColumn {
    std::string heading;  // "yours"; may be empty where there is only one
    std::map<std::string, Case> cases;
};

/// Of each round: how many times as fast as its yardstick a case was.
std::vector<double> speeds(const CaseColumn& column, const std::vector<std::string>& names,
                           const std::string& name);

/// Percentiles of single calls, in nanoseconds, where a case tells them.
struct Latency {
    std::string contender;
    std::string heading;         // of the column
    std::string call;            // "allocate", "deallocate"
    std::vector<double> values;  // as in latency_headings
};
inline const std::vector<std::string> latency_headings{"p50", "p99", "p99.9", "max"};
std::vector<Latency> latencies(const std::vector<std::string>& names,
                               const std::vector<CaseColumn>& columns);
/// What reading the clock twice takes, which is part of each latency.
std::optional<double> latency_overhead(const std::vector<std::string>& names,
                                       const std::vector<CaseColumn>& columns);

/// A chart for each workload: millions of operations a second where there are threads, else speeds
/// as multiples of the yardstick's.
std::vector<BarChart> charts(const std::vector<std::string>& names,
                             const std::vector<CaseColumn>& columns);

/// The spread of the ratios, in two lines; nothing where there was one round.
std::string spread_of(const std::vector<std::string>& names,
                      const std::vector<CaseColumn>& columns);

/// With three digits, as far as they mean something.
std::string number(double value);

/// "35.7 ns", "16.5 us", "12.1 ms".
std::string duration(double nanoseconds);

/// A line for each name: its speed as a multiple of its yardstick's, and the time, the first
/// column's. Where there are threads, a column for each number of them, and a chart. Then the
/// latencies, the spread, and what failed.
std::string render(const std::vector<std::string>& names, const std::vector<CaseColumn>& columns);

}  // namespace bench

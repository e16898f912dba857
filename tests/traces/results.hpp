// What replays have shown, collected from the lines that the replay programs print, and told as
// tables.
//
//   trace   NAME  OPERATIONS  PEAK-BYTES  PEAK-BYTES-IN-UNITS-OF-16
//   use     NAME  CONTENDER  SMALLEST-BUFFER  REACH           each with the allocator itself
//   resident  NAME  CONTENDER  BYTES                       of memory, at most; also another
//   malloc's time    NAME  CONTENDER  NANOSECONDS-AN-OPERATION        one for each round other NAME
//   MALLOC     NANOSECONDS-AN-OPERATION        another malloc, one for each round failed  NAME
//   CONTENDER  to do|wrong|crashed|hung  WHY
//
// The words of a line are separated by tabs.

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace traces {

/// The yardstick: its time is what throughput is told in.
inline constexpr const char* yardstick = "malloc";
/// The replay without an allocator: the addresses are those of an earlier replay.
inline constexpr const char* bare_loop = "loop";

/// What is known of an allocator on a trace.
struct Outcome {
    double buffer = 0;    // bytes of the smallest buffer that was enough; 0 where there is none
    double reach = 0;     // bytes up to the end of the highest block, in a buffer that was ample
    double resident = 0;  // bytes of memory, at most; 0 where that is not known
    std::vector<double> times;
    std::string failure;  // "to do", "wrong" and so on, or nothing
    std::string reason;
};

struct TraceResults {
    std::string name;
    double operations = 0;
    double peak = 0;
    double peak_in_units = 0;
    std::map<std::string, Outcome> outcomes;
    std::map<std::string, Outcome> others;  // other people's malloc, by name; only times
};

/// Of each round: how many times as fast as the yardstick an allocator was. Both were measured
/// within the same moments.
std::vector<double> speeds(const TraceResults& trace, const Outcome& outcome);

class Results {
public:
    /// Takes a line as above. False, and nothing is changed, where it is none.
    bool add(std::string_view line);

    const std::vector<TraceResults>& traces() const { return traces_; }
    /// In the order in which they were first named, without yardstick and bare loop.
    const std::vector<std::string>& contenders() const { return contenders_; }
    const std::vector<std::string>& others() const { return others_; }
    bool failed(std::string_view trace, std::string_view contender) const;

private:
    TraceResults* find(std::string_view name);

    std::vector<TraceResults> traces_;
    std::vector<std::string> contenders_;
    std::vector<std::string> others_;
};

/// One column for each contender and tree.
struct Column {
    std::string heading;  // "yours"; may be empty where there is only one tree
    const Results* results = nullptr;
};

/// Throughput, utilisation and reach, a line a trace. The first column's traces are those shown.
std::string render(const std::vector<Column>& columns);

}  // namespace traces

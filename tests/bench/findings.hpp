// What `./workshop bench` has measured of a part, as the file that the runner writes: one line for
// each thing, its words separated by tabs, below the header `workshop-bench 1`.
//
//   part         TITLE
//   about        KEY  VALUE                            how it was made
//   tree         NUMBER  HEADING                       0, 1; the heading may be empty
//   name         CASE                                  in the order in which they are shown
//   case         TREE  CASE  NANOSECONDS  [COUNTER  VALUE]...      one for each round
//   failed-case  TREE  CASE  to do|wrong|crashed|hung  WHY
//   replay       TREE  a line of tests/traces/results.hpp
//   heap         TREE  FILE                            what heap.hpp reads, in the same folder

#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../traces/results.hpp"
#include "cases.hpp"

namespace bench {

struct Findings {
    std::string title;
    std::vector<std::pair<std::string, std::string>> about;
    std::vector<std::string> names;
    std::vector<CaseColumn> columns;       // one for each tree
    std::vector<traces::Results> replays;  // one for each tree
    std::vector<std::string> heaps;        // files, one for each tree; may be empty

    bool has_cases() const { return !columns.empty() && !columns.front().cases.empty(); }
    bool has_traces() const { return !replays.empty() && !replays.front().traces().empty(); }
    /// For what tells replays as tables and charts. Points into this.
    std::vector<traces::Column> trace_columns() const;
};

/// A file that is not what it should be. The text is `line 3: expected this`.
struct FindingsError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws FindingsError.
Findings read_findings(std::string_view text);

}  // namespace bench

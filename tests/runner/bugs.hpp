// The planted bugs of a part, as `tests/bugs` has them.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "project.hpp"

namespace runner {

struct Bug {
    std::size_t number = 0;  // in its part, from 1, by task and then by name
    std::string name;        // "never_splits": it says the bug
    std::vector<std::string> tasks;
    std::string symptom;             // a clause: "the rest of a block is lost"
    std::string seen;                // where
    std::string diff;                // against the solution
    std::vector<std::string> files;  // that it changes: "free_list.hpp"

    bool of(std::string_view task) const;
};

/// A bug from the text of its file; the number is not known there. Its symptom is empty where the
/// file is no bug.
Bug parse_bug(std::string name, std::string_view text);

/// In the order of their numbers.
std::vector<Bug> read_bugs(const Project& project, const Part& part);

/// Relative to build: the judge that is built on the solution with the bug.
std::string bug_target(const Part& part, const Bug& bug, const std::string& judge);

/// The same, what stands between that judge and the solution.
std::string bug_bridge_target(const Part& part, const Bug& bug, const std::string& bridge);

/// Relative to build: the folder of the changed files, when the judge was built.
std::string bug_folder(const Part& part, const Bug& bug);

/// The names nearest to this one, at most three; none where none is near.
std::vector<std::string> near_names(std::string_view name, const std::vector<Bug>& bugs);

}  // namespace runner

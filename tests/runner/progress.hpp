// How far the learner has come, read from the tests.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../harness/verdict.hpp"
#include "project.hpp"

namespace runner {

struct TaskProgress {
    std::string title;  // "2.1 allocate"
    harness::Kind state = harness::Kind::to_do;

    std::string key() const { return title.substr(0, title.find(' ')); }
    bool done() const { return state == harness::Kind::done; }
};

struct PartProgress {
    const Part* part = nullptr;
    std::vector<TaskProgress> tasks;
    std::vector<harness::Verdict> verdicts;  // in the order of the tasks; none where it was stopped
    std::optional<harness::Kills> kills = {};  // of a part whose files are tests, once it is begun

    std::size_t done() const;
    bool all_done() const { return done() == tasks.size(); }
    /// The first task that is not done, or nullptr.
    const TaskProgress* next() const;
};

/// Builds and runs the judges of all parts that were begun. A part is not begun when each of its
/// tasks still has its TODO with a todo() below it: then the answer is known. At most `jobs` things
/// are done at a time; 0: as many as there are processors.
std::vector<PartProgress> read_progress(const Project& project, unsigned jobs = 0);

/// The same, with what `test` asks for as well: parts whose tests all pass are judged once more
/// under ThreadSanitizer, where they have judges for it.
std::vector<PartProgress> read_whole_progress(const Project& project, unsigned jobs = 0);

/// The progress that these verdicts show. A task without any is to do.
PartProgress progress_of(const Project& project, const Part& part,
                         std::vector<harness::Verdict> verdicts);

/// The first part that is not done, or nullptr.
const PartProgress* next_part(const std::vector<PartProgress>& progress);

}  // namespace runner

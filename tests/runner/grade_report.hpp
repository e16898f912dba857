// What `grade` found out, as text and in the formats of other programs. grade.schema.json describes
// the JSON.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "progress.hpp"

namespace runner {

/// How one tree stands.
struct Grade {
    std::string name;                 // of the clone
    std::string problem;              // why it could not be judged; then there are no parts
    std::vector<PartProgress> parts;  // in the order of the course

    std::size_t tasks_done() const;
    std::size_t tasks() const;
    /// Of its tests of step 6; nothing where that was not begun.
    std::optional<harness::Kills> kills() const;
    /// The first task that is not done, or nullptr.
    const TaskProgress* stuck_at() const;
    /// The first case, in the order of the tasks, that was written and fails; where several of a
    /// task do, the one that `test` would show. nullptr where there is none.
    const harness::Verdict* first_failing() const;
};

/// Everything about one tree.
std::string grade_text(const Grade& grade, bool colour);

/// A line for each clone.
std::string class_text(const std::vector<Grade>& grades, bool colour);
/// A line for each clone below the names of the columns; RFC 4180, but for plain line ends.
std::string class_csv(const std::vector<Grade>& grades);
std::string grades_json(const std::vector<Grade>& grades);

/// One tree: a test suite for each task. A case that is wrong is a failure, one that crashed, hung,
/// ran out of memory or does not compile an error, one that is to do or was not run is skipped.
std::string grade_junit(const Grade& grade);

}  // namespace runner

// Judges whole trees: the learner's own, or clones.

#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "clones.hpp"
#include "grade_report.hpp"
#include "project.hpp"

namespace runner {

/// The project's own tree. Its name is that of the project's folder.
Grade grade_own_tree(const Project& project);

/// What one process tells another of a tree: its verdicts, without their stories.
std::string grade_lines(const std::vector<PartProgress>& parts);
/// The inverse. False where the lines do not come to their end.
bool read_grade_lines(const Project& project, std::string_view lines, Grade& grade);

struct ClassOptions {
    std::string program;  // of the workshop: runs once for each clone
    unsigned jobs = 0;    // how many at a time; 0: as many as there are processors
    std::chrono::milliseconds limit = std::chrono::minutes{10};  // for each clone
    std::function<void(std::size_t done)> progress;              // told after each
};

/// Each clone, judged by this project's judges at a place of its own below the build folder; the
/// clone is only read. What befalls one does not concern the others. In the order of `clones`, also
/// those with a problem. Throws Problem where none can be judged.
std::vector<Grade> grade_clones(const Project& project, const std::vector<Clone>& clones,
                                const ClassOptions& options);

}  // namespace runner

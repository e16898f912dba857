// What a report tells beyond the verdicts: places, commands, what is next.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../harness/report.hpp"
#include "project.hpp"

namespace runner {

/// "steps/2_bump/bump.hpp:28": the first "TODO 2.1" in the learner's files. Where it is gone: the
/// contract above which the starter had it. Empty where neither is found.
std::string place_of_task(const Project& project, const Part& part, std::string_view task);

/// The lines that follow when a part is done: the next one, or that it was the last.
std::string what_is_next(const Project& project, const Part& part);

harness::Guide guide_for(const Project& project, const Part& part, Tree tree, std::string_view task,
                         const std::vector<harness::Verdict>& verdicts);

}  // namespace runner

// Runs judge programs and turns what comes back, or does not, into verdicts.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "../harness/verdict.hpp"
#include "judge_source.hpp"
#include "process.hpp"

namespace runner {

/// How to start a judge; `task` ("2.1") may be empty.
Command judge_command(const std::filesystem::path& program, std::string_view task);

/// The verdicts of a judge that has ended. Cases that `source` names and that got no verdict are
/// told of as well: the first of them crashed (or hung), the others did not run.
std::vector<harness::Verdict> verdicts_of(const Outcome& outcome, const JudgeSource& source,
                                          std::string_view task);

/// What the judge told besides.
std::vector<harness::Remark> remarks_of(const Outcome& outcome);

/// A verdict of this kind for each case that the source names; one without a name where it names
/// none. `task` may be empty.
std::vector<harness::Verdict> all_cases(const JudgeSource& source, std::string_view task,
                                        harness::Kind kind);

/// The first "steps/...:12" that `text` holds, or nothing. Understands paths from the root and
/// whole ones.
std::string first_learner_place(std::string_view text);

/// In the order of the tasks, whatever judge they came from.
void sort_by_task(std::vector<harness::Verdict>& verdicts);

}  // namespace runner

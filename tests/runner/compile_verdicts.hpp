// What is told where a judge does not compile.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../harness/verdict.hpp"
#include "judge_source.hpp"
#include "project.hpp"

namespace runner {

/// One verdict for each case of the judge; the one that the error belongs to says what is wrong.
/// `output` is all that the compiler and the linker wrote.
std::vector<harness::Verdict> compile_verdicts(const Project& project, const Part& part, Tree tree,
                                               const JudgeSource& source, std::string_view task,
                                               std::string_view output);

/// "steps/2_bump/bump.hpp is missing", "is empty", "is no text": the first such file that
/// `source` ("steps/2_bump/demo.cpp") includes, or nothing.
std::string unusable_file(const Project& project, const Part& part, Tree tree,
                          const std::string& source);

}  // namespace runner

// One run of `test`, as text, for those who print it: `test` once, `watch` at every save.

#pragma once

#include <string>
#include <vector>

#include "commands.hpp"
#include "judging.hpp"
#include "snapshot.hpp"

namespace runner {

struct TestRun {
    std::string text;
    std::string first_line;  // of the report, where all is done
    int code = green;
    Judgement last;  // of the part that was judged last: the one to work on
};

/// "so far 40 of 58 tests pass; 4.5 merge: ..." of some verdicts, while there are more to come.
std::string standing(const std::vector<harness::Verdict>& verdicts);

TestRun test_once(const Project& project, const TestOptions& options);

/// After a failure on the learner's own earlier steps: the same on the solutions' earlier steps.
/// Says so where the fault turns out to be in an earlier step; else, and when a file is saved
/// meanwhile, it says nothing.
std::string earlier_fault(const Project& project, const TestOptions& options, const TestRun& run);

/// What follows the verdicts of a failure: a fault in an earlier step, else what such a failure
/// looks like; or nothing.
std::string remark_on(const Project& project, const TestOptions& options, const TestRun& run);

}  // namespace runner

// Builds the judges of some parts, runs them, and tells what became of each test case.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "../harness/verdict.hpp"
#include "diagnostics.hpp"
#include "project.hpp"
#include "snapshot.hpp"

namespace runner {

struct Bug;

struct JudgingOptions {
    Tree tree = Tree::learner;
    std::string task;                     // only this one; empty: all
    std::optional<Snapshot> only_while;   // give up as soon as the files are no longer these
    bool under_thread_sanitizer = false;  // the judges that are built for it, and no others
    const Bug* bug = nullptr;             // on the solution with it; of its tasks' judges only
    unsigned jobs = 0;                    // at a time; 0: as many as there are processors
    /// Is told the verdicts that are there after each judge, while others are still built.
    std::function<void(const std::vector<harness::Verdict>&)> on_judged;
};

struct Judgement {
    const Part* part = nullptr;
    std::vector<harness::Verdict> verdicts;  // in the order of the tasks
    std::vector<harness::Remark> remarks;
    std::optional<Diagnostic> warning;  // the first one about the learner's own files
    std::string compiler_output;        // all of it
    Snapshot judged;                    // the files that this is about, as they were
    bool stopped = false;               // Ctrl-C, or only_while: there are no verdicts
    bool under_thread_sanitizer = false;
};

/// Judges are built in one go and run in parallel, each as soon as it is linked. A file saved
/// meanwhile is built again: the verdicts are of the files as they are. Throws Problem where the
/// build cannot work at all.
std::vector<Judgement> judge_parts(const Project& project, const std::vector<const Part*>& parts,
                                   const JudgingOptions& options);

Judgement judge_part(const Project& project, const Part& part, const JudgingOptions& options);

/// Builds targets that are no judges. Returns all that the compiler wrote when it failed, else
/// nullopt.
std::optional<std::string> build_targets(const Project& project,
                                         const std::vector<std::string>& targets);

}  // namespace runner

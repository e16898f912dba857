#include "judging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include "bugs.hpp"
#include "compile_verdicts.hpp"
#include "interruption.hpp"
#include "judge_process.hpp"
#include "ninja.hpp"
#include "problem.hpp"

namespace runner {
namespace {

using harness::Verdict;

constexpr auto suite_limit = std::chrono::minutes{10};
constexpr int most_rebuilds = 5;  // after that, files change faster than we can build

struct Job {
    const Part* part;
    JudgeSource source;
    std::string target;
    std::vector<std::string> bridges;  // targets that are compiled for this one

    std::vector<std::string> targets() const {
        std::vector<std::string> all = bridges;
        all.push_back(target);
        return all;
    }
};

bool owns(const Job& job, const BuildEdge& edge) {
    const std::vector<std::string> targets = job.targets();
    return std::any_of(targets.begin(), targets.end(),
                       [&edge](const std::string& target) { return edge.of(target); });
}

/// True when something of it did not compile.
bool failed(const Job& job, const BuildLog& log) {
    const std::vector<std::string> targets = job.targets();
    return std::any_of(targets.begin(), targets.end(),
                       [&log](const std::string& target) { return log.failed(target); });
}

/// What the compiler wrote about it.
std::string text_of(const Job& job, const BuildLog& log) {
    std::string text;
    for (const std::string& target : job.targets()) {
        text += log.text_of(target);
    }
    return text;
}

std::vector<Job> jobs_of(const Project& project, const std::vector<const Part*>& parts,
                         const JudgingOptions& options) {
    std::vector<Job> jobs;
    const bool threads = options.under_thread_sanitizer;
    for (const Part* part : parts) {
        for (const std::string& judge : threads ? part->thread_judges : part->judges) {
            JudgeSource source = read_judge(project, judge);
            if (options.task.empty() || source.has_task(options.task)) {
                const std::string target = threads
                                               ? Project::thread_judge_target(judge, options.tree)
                                               : Project::judge_target(judge, options.tree);
                std::vector<std::string> bridges;
                for (const std::string& bridge : part->bridges_of(judge)) {
                    bridges.push_back(Project::bridge_target(bridge, options.tree));
                }
                jobs.push_back({part, std::move(source), target, std::move(bridges)});
            }
        }
    }
    return jobs;
}

/// The judges that are built on the solution with a bug.
std::vector<Job> jobs_of_bug(const Project& project, const Part& part,
                             const JudgingOptions& options) {
    std::vector<Job> jobs;
    for (JudgeSource& source : read_judges(project, part)) {
        const bool of_the_bug =
            std::any_of(options.bug->tasks.begin(), options.bug->tasks.end(),
                        [&](const std::string& task) { return source.has_task(task); });
        if (of_the_bug && (options.task.empty() || source.has_task(options.task))) {
            const std::string target = bug_target(part, *options.bug, source.judge);
            std::vector<std::string> bridges;
            for (const std::string& bridge : part.bridges_of(source.judge)) {
                bridges.push_back(bug_bridge_target(part, *options.bug, bridge));
            }
            jobs.push_back({&part, std::move(source), target, std::move(bridges)});
        }
    }
    return jobs;
}

std::vector<std::string> targets_of(const std::vector<Job>& jobs) {
    std::vector<std::string> targets;
    for (const Job& job : jobs) {
        targets.push_back(job.target);
    }
    return targets;
}

Snapshot snapshot_of(const Project& project, const std::vector<const Part*>& parts) {
    Snapshot all;
    for (const Part* part : parts) {
        const Snapshot one = take_snapshot(project, *part);
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

/// One build, and a run of each judge that was built.
class Round {
public:
    Round(const Project& project, const std::vector<Job>& jobs, const JudgingOptions& options)
        : project_{project}, jobs_{jobs}, options_{options}, crew_{options.jobs} {}

    /// Ends early when `saved` says that the files are no longer those that it builds and judges.
    void run(const std::function<bool()>& saved) {
        Command ninja = ninja_command(project_, targets_of(jobs_), options_.jobs);
        ninja.on_output = [this](std::string_view piece) { log_.add(piece); };
        log_.on_link = [this](std::string_view target) { start_judge(target); };
        const std::size_t build = crew_.start(std::move(ninja), false);
        crew_.run(
            [this, build](std::size_t number, Outcome outcome) {
                if (number == build) {
                    finish_build(std::move(outcome));
                } else {
                    finish_judge(judges_.at(number), std::move(outcome));
                }
            },
            saved);
    }

    const BuildLog& log() const { return log_; }
    const Outcome& build() const { return build_outcome_; }
    const Outcome& outcome(const std::string& target) const { return outcomes_.at(target); }

    bool stopped() const {
        return build_outcome_.stopped ||
               std::any_of(outcomes_.begin(), outcomes_.end(),
                           [](const auto& entry) { return entry.second.stopped; });
    }

private:
    void start_judge(std::string_view target) {
        const auto job = std::find_if(jobs_.begin(), jobs_.end(),
                                      [target](const Job& one) { return one.target == target; });
        if (job == jobs_.end() || !started_.emplace(target, true).second) {
            return;
        }
        Command judge = judge_command(project_.build / target, options_.task);
        if (project_.is_suite(*job->part)) {
            judge.limit = suite_limit;  // a hundred allocators; it says that it gets on
        }
        if (options_.jobs != 0) {
            judge.environment.emplace_back("WORKSHOP_WORKERS", std::to_string(options_.jobs));
        }
        judges_[crew_.start(std::move(judge))] = &*job;
    }

    void finish_judge(const Job* job, Outcome outcome) {
        if (options_.on_judged && !outcome.stopped) {
            const std::vector<Verdict> verdicts = verdicts_of(outcome, job->source, options_.task);
            so_far_.insert(so_far_.end(), verdicts.begin(), verdicts.end());
            options_.on_judged(so_far_);
        }
        outcomes_[job->target] = std::move(outcome);
    }

    /// Judges that were up to date have not been linked: they start now.
    void finish_build(Outcome outcome) {
        log_.finish();
        build_outcome_ = std::move(outcome);
        for (const Job& job : jobs_) {
            if (!build_outcome_.stopped && !failed(job, log_)) {
                start_judge(job.target);
            }
        }
    }

    const Project& project_;
    const std::vector<Job>& jobs_;
    const JudgingOptions& options_;
    Crew crew_;
    BuildLog log_;
    Outcome build_outcome_;
    std::map<std::string, bool, std::less<>> started_;
    std::map<std::size_t, const Job*> judges_;
    std::map<std::string, Outcome> outcomes_;
    std::vector<Verdict> so_far_;
};

/// Throws where the build failed for another reason than the learner's code.
void check_build(const Round& round, const std::vector<Job>& jobs, const Project& project) {
    if (!round.build().started) {
        throw Problem{
            "ninja could not be started; expected it on the PATH. `./workshop` names the "
            "package to install."};
    }
    if (round.build().exit_code == 0 || round.build().stopped) {
        return;
    }
    for (const BuildEdge& edge : round.log().edges()) {
        const bool ours =
            std::any_of(jobs.begin(), jobs.end(), [&](const Job& job) { return owns(job, edge); });
        if (edge.failed && !ours) {
            throw Problem{
                fmt::format("The workshop's own part `{}` does not build; expected that no "
                            "file outside of steps/ was changed.\n{}",
                            edge.description, edge.text)};
        }
    }
    const bool any_failed = std::any_of(jobs.begin(), jobs.end(),
                                        [&](const Job& job) { return failed(job, round.log()); });
    if (!any_failed) {
        throw Problem{fmt::format("ninja could not build in {}:\n{}", project.build.string(),
                                  round.build().output)};
    }
}

void judge_job(const Project& project, const Job& job, const Round& round,
               const JudgingOptions& options, Judgement& judgement) {
    const std::string text = text_of(job, round.log());
    if (judgement.compiler_output.find(text) == std::string::npos) {  // judges share bridges
        judgement.compiler_output += text;
    }
    std::vector<Verdict> verdicts;
    if (failed(job, round.log())) {
        verdicts =
            compile_verdicts(project, *job.part, options.tree, job.source, options.task, text);
    } else {
        verdicts = verdicts_of(round.outcome(job.target), job.source, options.task);
        const std::vector<harness::Remark> remarks = remarks_of(round.outcome(job.target));
        judgement.remarks.insert(judgement.remarks.end(), remarks.begin(), remarks.end());
        const auto diagnostics = parse_diagnostics(text, project.root, project.build);
        const Diagnostic* const warning =
            first_warning(diagnostics, Project::folder_of(options.tree));
        if (warning != nullptr && !judgement.warning) {
            judgement.warning = *warning;
        }
    }
    judgement.verdicts.insert(judgement.verdicts.end(), verdicts.begin(), verdicts.end());
}

}  // namespace

std::vector<Judgement> judge_parts(const Project& project, const std::vector<const Part*>& parts,
                                   const JudgingOptions& options) {
    const std::vector<Job> jobs = options.bug != nullptr
                                      ? jobs_of_bug(project, *parts.front(), options)
                                      : jobs_of(project, parts, options);
    std::vector<Judgement> judgements;
    for (const Part* part : parts) {
        judgements.push_back({part,
                              {},
                              {},
                              {},
                              {},
                              take_snapshot(project, *part),
                              false,
                              options.under_thread_sanitizer});
    }
    if (jobs.empty()) {
        return judgements;
    }
    std::unique_ptr<Round> round;
    for (int turn = 0; turn < most_rebuilds; ++turn) {
        const Snapshot before = options.only_while.value_or(snapshot_of(project, parts));
        for (Judgement& judgement : judgements) {
            judgement.judged = take_snapshot(project, *judgement.part);
        }
        round = std::make_unique<Round>(project, jobs, options);
        const bool last = turn + 1 == most_rebuilds;
        round->run([&] { return !last && snapshot_of(project, parts) != before; });
        check_build(*round, jobs, project);
        if (interrupted() != 0 || before == snapshot_of(project, parts)) {
            break;
        }
        // Saved since the build began: an object that was compiled from the old file may now be
        // newer than the new file, and ninja would not compile it again.
        for (const Job& job : jobs) {
            for (const std::string& target : job.targets()) {
                forget_objects(project, target);
            }
        }
        if (options.only_while) {
            break;
        }
    }
    for (Judgement& judgement : judgements) {
        judgement.stopped = round->stopped();
        for (const Job& job : jobs) {
            if (job.part == judgement.part && !judgement.stopped) {
                judge_job(project, job, *round, options, judgement);
            }
        }
        sort_by_task(judgement.verdicts);
    }
    return judgements;
}

Judgement judge_part(const Project& project, const Part& part, const JudgingOptions& options) {
    return judge_parts(project, {&part}, options).front();
}

std::optional<std::string> build_targets(const Project& project,
                                         const std::vector<std::string>& targets) {
    BuildLog log;
    Command command = ninja_command(project, targets);
    command.on_output = [&log](std::string_view piece) { log.add(piece); };
    const Outcome outcome = run_program(std::move(command));
    log.finish();
    if (outcome.success()) {
        return std::nullopt;
    }
    std::string text = log.rest();
    for (const BuildEdge& edge : log.edges()) {
        text += edge.text;
    }
    return text;
}

}  // namespace runner

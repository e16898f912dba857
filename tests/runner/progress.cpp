#include "progress.hpp"

#include <algorithm>

#include "../harness/report.hpp"
#include "judge_process.hpp"
#include "judge_source.hpp"
#include "judging.hpp"
#include "sections.hpp"
#include "text.hpp"

namespace runner {
namespace {

using harness::Kind;
using harness::Verdict;

std::vector<TaskProgress> tasks_of(const Project& project, const Part& part) {
    std::vector<Suite> suites;
    for (const JudgeSource& source : read_judges(project, part)) {
        suites.insert(suites.end(), source.suites.begin(), source.suites.end());
    }
    sort_suites(suites);
    std::vector<TaskProgress> tasks;
    for (const Suite& suite : suites) {
        tasks.push_back({suite.title, Kind::to_do});
    }
    return tasks;
}

/// The tasks whose code is surely missing.
std::vector<std::string> untouched_tasks(const Project& project, const Part& part) {
    std::vector<std::string> keys;
    for (const std::string& file : project.files_of(part, Tree::learner)) {
        const std::string text = read_file(project.root / file).value_or(std::string{});
        for (const Section& section : sections_of(text)) {
            if (count_todo_calls(section.text) > 0) {
                const std::vector<std::string> tasks = tasks_in(section.text);
                keys.insert(keys.end(), tasks.begin(), tasks.end());
            }
        }
    }
    return keys;
}

/// What is told where nothing of a part was written.
std::vector<Verdict> untouched(const Project& project, const Part& part) {
    std::vector<Verdict> verdicts;
    for (const JudgeSource& source : read_judges(project, part)) {
        const std::vector<Verdict> some = all_cases(source, {}, Kind::to_do);
        verdicts.insert(verdicts.end(), some.begin(), some.end());
    }
    sort_by_task(verdicts);
    return verdicts;
}

bool is_begun(const Project& project, const PartProgress& progress) {
    const std::vector<std::string> untouched = untouched_tasks(project, *progress.part);
    return !std::all_of(
        progress.tasks.begin(), progress.tasks.end(), [&](const TaskProgress& task) {
            return std::find(untouched.begin(), untouched.end(), task.key()) != untouched.end();
        });
}

/// A task is as far as the case of it that is furthest behind.
void take_over(const std::vector<Verdict>& verdicts, std::vector<TaskProgress>& tasks) {
    for (TaskProgress& task : tasks) {
        std::vector<Verdict> own;
        std::copy_if(verdicts.begin(), verdicts.end(), std::back_inserter(own),
                     [&](const Verdict& verdict) { return verdict.task() == task.key(); });
        const Verdict* const behind = harness::first_to_mend(own);
        if (!own.empty()) {
            task.state = behind == nullptr ? Kind::done : behind->kind;
        }
    }
}

std::optional<harness::Kills> kills_in(const std::vector<harness::Remark>& remarks) {
    for (const harness::Remark& remark : remarks) {
        if (const auto kills = harness::kills_in(remark)) {
            return kills;
        }
    }
    return std::nullopt;
}

/// Puts each verdict that is not "done" in the place of that on the same case.
void take_failures(const std::vector<Verdict>& from, std::vector<Verdict>& verdicts) {
    for (const Verdict& failed : from) {
        const auto same =
            std::find_if(verdicts.begin(), verdicts.end(), [&](const Verdict& verdict) {
                return verdict.suite == failed.suite && verdict.name == failed.name;
            });
        if (failed.kind != Kind::done && same != verdicts.end()) {
            *same = failed;
        }
    }
}

}  // namespace

std::size_t PartProgress::done() const {
    return static_cast<std::size_t>(std::count_if(
        tasks.begin(), tasks.end(), [](const TaskProgress& task) { return task.done(); }));
}

const TaskProgress* PartProgress::next() const {
    const auto task = std::find_if(tasks.begin(), tasks.end(),
                                   [](const TaskProgress& each) { return !each.done(); });
    return task == tasks.end() ? nullptr : &*task;
}

PartProgress progress_of(const Project& project, const Part& part, std::vector<Verdict> verdicts) {
    PartProgress progress{&part, tasks_of(project, part), std::move(verdicts), {}};
    take_over(progress.verdicts, progress.tasks);
    return progress;
}

std::vector<PartProgress> read_progress(const Project& project, unsigned jobs) {
    std::vector<PartProgress> all;
    std::vector<const Part*> begun;
    for (const Part& part : project.parts) {
        all.push_back(progress_of(project, part, untouched(project, part)));
        if (is_begun(project, all.back())) {
            begun.push_back(&part);
        }
    }
    for (Judgement& judgement : judge_parts(project, begun, {.jobs = jobs})) {
        for (PartProgress& progress : all) {
            if (progress.part == judgement.part) {
                progress = progress_of(project, *judgement.part, std::move(judgement.verdicts));
                progress.kills = kills_in(judgement.remarks);
                break;
            }
        }
    }
    return all;
}

std::vector<PartProgress> read_whole_progress(const Project& project, unsigned jobs) {
    std::vector<PartProgress> all = read_progress(project, jobs);
    std::vector<const Part*> passing;
    for (const PartProgress& progress : all) {
        if (progress.all_done() && !progress.part->thread_judges.empty()) {
            passing.push_back(progress.part);
        }
    }
    const JudgingOptions options{.under_thread_sanitizer = true, .jobs = jobs};
    for (const Judgement& judgement : judge_parts(project, passing, options)) {
        for (PartProgress& progress : all) {
            if (progress.part == judgement.part) {
                std::vector<Verdict> verdicts = std::move(progress.verdicts);
                take_failures(judgement.verdicts, verdicts);
                progress = progress_of(project, *judgement.part, std::move(verdicts));
                break;
            }
        }
    }
    return all;
}

const PartProgress* next_part(const std::vector<PartProgress>& progress) {
    const auto part = std::find_if(progress.begin(), progress.end(),
                                   [](const PartProgress& each) { return !each.all_done(); });
    return part == progress.end() ? nullptr : &*part;
}

}  // namespace runner

// `workshop hint [TASK]`.

#include <fmt/format.h>

#include <algorithm>

#include "../harness/report.hpp"
#include "commands.hpp"
#include "hints.hpp"
#include "judging.hpp"
#include "problem.hpp"
#include "progress.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace {

Selection task_to_hint(const Project& project, const HintOptions& options) {
    if (!options.task.empty()) {
        const Selection selection = project.select(options.task);
        return selection.task.empty() ? project.select_task(options.task) : selection;
    }
    show_progress("looking for the next task ...");
    const std::vector<PartProgress> all = read_progress(project);
    const PartProgress* const part = next_part(all);
    if (part == nullptr || part->next() == nullptr) {
        throw Problem{"Every task is done; expected a task whose hints to show, like 2.1."};
    }
    return {part->part, part->next()->key()};
}

std::string numbered_hint(const std::vector<std::string>& hints, std::size_t index) {
    std::string text = paint(harness::Colour::bold,
                             fmt::format("Hint {} of {}", index + 1, hints.size()), colour()) +
                       "\n";
    for (const std::string_view line : lines_of(hints[index])) {
        text += line.empty() ? "\n" : fmt::format("  {}\n", line);
    }
    return text;
}

std::string what_follows(const std::vector<std::string>& hints, std::size_t shown,
                         std::string_view task, const Part& part, bool bugs_follow) {
    if (shown < hints.size()) {
        return fmt::format("\nOne more: ./workshop hint {}\n", task);
    }
    if (bugs_follow) {
        return fmt::format("\nNext come the bugs that get through: ./workshop hint {}\n", task);
    }
    return fmt::format("\nThat was the last hint. The solution beside yours: ./workshop diff {}\n",
                       task.empty() ? part.label : task);
}

/// What a judge of tests tells of the bugs that get through a task: first what a test would do to
/// see it, then the bug itself. One more each time, of the first bug that has more to tell.
std::optional<std::string> hint_about_a_bug(const Project& project, const Part& part,
                                            const std::string& task, HintCounters& counters) {
    show_progress("looking for bugs that get through ...");
    const Judgement judgement = judge_part(project, part, {Tree::learner, task, std::nullopt});
    const harness::Remark* last = nullptr;
    for (const harness::Remark& remark : judgement.remarks) {
        if (remark.task != task) {
            continue;
        }
        last = &remark;
        if (counters.shown(remark.about) == 0) {
            counters.set(remark.about, 1);
            return remark.text;
        }
    }
    return last == nullptr ? std::nullopt : std::optional{last->text};
}

}  // namespace

int hint(const Project& project, const HintOptions& options) {
    const auto [part, task] = task_to_hint(project, options);
    const std::string file = "steps/" + part->folder + "/HINTS.md";
    const std::optional<std::string> text = read_file(project.root / file);
    if (!text) {
        throw Problem{file + " cannot be read; expected the hints of " + part->spoken() +
                      " there. `git checkout " + file + "` brings it back."};
    }
    const std::vector<std::string> hints = hints_of(*text, task);
    if (hints.empty()) {
        throw Problem{file + " has no hints for task " + task + "; expected a list under `## " +
                      task + "`."};
    }
    HintCounters counters{project.build / "hints"};
    const std::size_t before = std::min(counters.shown(task), hints.size());
    if (before == hints.size() && project.is_suite(*part) && !options.all && !options.again) {
        if (const auto more = hint_about_a_bug(project, *part, task, counters)) {
            print(fmt::format("Task {}\n\n{}\nOne more: ./workshop hint {}\n", task, *more, task));
            return green;
        }
    }
    const bool one_more = !options.all && !(options.again && before > 0);
    const std::size_t shown =
        options.all ? hints.size() : std::min(before + one_more, hints.size());
    const std::size_t first = options.all || options.again ? 0 : shown - 1;
    std::string out = fmt::format("Task {}\n\n", task);
    for (std::size_t index = first; index < shown; ++index) {
        out += (index == first ? "" : "\n") + numbered_hint(hints, index);
    }
    print(out + what_follows(hints, shown, task, *part, project.is_suite(*part)));
    counters.set(task, shown);
    return green;
}

}  // namespace runner

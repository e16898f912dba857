// `workshop test STEP --bug WHICH`: the solution with a planted bug is judged in place of the
// learner's step, to practise reading failures.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "../harness/report.hpp"
#include "bugs.hpp"
#include "commands.hpp"
#include "guide.hpp"
#include "interruption.hpp"
#include "judging.hpp"
#include "problem.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

using harness::Verdict;

/// The command that judges this bug, without what may follow.
std::string command_for(const Selection& selection, const std::string& which) {
    return fmt::format("./workshop test {} --bug {}",
                       selection.task.empty() ? selection.part->label : selection.task, which);
}

/// Without the names, for they tell the bug.
std::string overview_of(const Selection& selection, const std::vector<Bug>& bugs) {
    std::string text =
        fmt::format("{} has {} planted bugs:\n\n", selection.part->title(), bugs.size());
    for (std::size_t at = 0; at < bugs.size();) {
        std::size_t end = at;
        while (end < bugs.size() && bugs[end].tasks.front() == bugs[at].tasks.front()) {
            ++end;
        }
        text += fmt::format("  {:<8}{} to {}\n", bugs[at].tasks.front(), bugs[at].number,
                            bugs[end - 1].number);
        at = end;
    }
    text += fmt::format("\n  {:<36}judges the first\n", command_for(selection, "1"));
    text += fmt::format("  {:<36}judges any\n", command_for(selection, "random"));
    text +=
        fmt::format("  {:<36}tells their names and symptoms\n", command_for(selection, "--list"));
    return text;
}

std::string names_of(const std::vector<Bug>& bugs) {
    std::string text;
    for (const Bug& bug : bugs) {
        text += fmt::format("{:>4}  {:<6}  {}\n", bug.number, bug.tasks.front(), bug.name);
        text += harness::wrapped(bug.symptom, 14);
    }
    return text;
}

std::string answer_of(const Part& part, const Bug& bug) {
    return fmt::format("{}, planted bug {}: {}\n\n", part.title(), bug.number, bug.name) +
           harness::wrapped("Symptom: " + bug.symptom, 0) +
           harness::wrapped("Seen: " + bug.seen, 0) + "\n" + bug.diff;
}

const Bug& any_of(const std::vector<Bug>& bugs, std::string_view task) {
    std::vector<const Bug*> wanted;
    for (const Bug& bug : bugs) {
        if (task.empty() || bug.of(task)) {
            wanted.push_back(&bug);
        }
    }
    if (wanted.empty()) {
        throw Problem{fmt::format("Task {} has no planted bugs.", task)};
    }
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto ticks = static_cast<std::size_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now).count());
    return *wanted[ticks % wanted.size()];
}

const Bug& chosen_bug(const Part& part, const std::vector<Bug>& bugs, std::string_view task,
                      const std::string& which) {
    if (which == "random") {
        return any_of(bugs, task);
    }
    for (const Bug& bug : bugs) {
        if (which == bug.name || which == std::to_string(bug.number)) {
            return bug;
        }
    }
    const std::vector<std::string> near = near_names(which, bugs);
    throw Problem{fmt::format(
        "{} has no planted bug `{}`; expected a number from 1 to {}, `random` or a name{}.",
        part.spoken(), which, bugs.size(), near.empty() ? "" : " such as " + listed(near))};
}

/// Copies of the changed files, at a place whose name does not tell the bug. Relative to root.
std::string hidden_folder(const Project& project, const Part& part, const Bug& bug) {
    const fs::path folder = project.build / "bug" / part.name();
    std::error_code error;
    fs::remove_all(folder, error);
    fs::create_directories(folder, error);
    for (const std::string& file : bug.files) {
        fs::copy_file(project.build / bug_folder(part, bug) / file, folder / file,
                      fs::copy_options::overwrite_existing, error);
    }
    return fs::relative(folder, project.root, error).string();
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// No path shall tell the name.
void hide_name(const Project& project, const Part& part, const Bug& bug,
               std::vector<Verdict>& verdicts) {
    const std::string folder = hidden_folder(project, part, bug);
    const std::string own = bug_folder(part, bug);
    std::error_code error;
    const std::string build = fs::relative(project.build, project.root, error).string();
    for (Verdict& verdict : verdicts) {
        for (std::string* const text :
             {&verdict.summary, &verdict.story, &verdict.judge_place, &verdict.learner_place}) {
            for (const std::string& prefix :
                 {project.build.string() + "/", build + "/", std::string{}}) {
                replace_all(*text, prefix + own + "/", folder + "/");
            }
        }
    }
}

harness::Guide guide_of(const Selection& selection, const std::string& which) {
    harness::Guide guide;
    guide.title = selection.part->title() + ", with planted bug " + which;
    guide.one_task = !selection.task.empty();
    guide.again = "./workshop test --bug " + which;
    guide.done = "Planted bug " + which + " is not seen by these tests";
    return guide;
}

int judge_bug(const Project& project, const Selection& selection, const Bug& bug,
              const std::string& which) {
    show_progress("building and testing the solution with the bug ...");
    JudgingOptions options;
    options.tree = Tree::solution;
    options.task = selection.task;
    options.bug = &bug;
    Judgement judgement = judge_part(project, *selection.part, options);
    if (judgement.stopped) {
        return usage;
    }
    if (judgement.verdicts.empty()) {
        throw Problem{fmt::format("Planted bug {} is not about task {}.", which, selection.task)};
    }
    if (judgement.verdicts.front().kind == harness::Kind::does_not_compile) {
        throw Problem{fmt::format(
            "Planted bug {} does not compile; expected that only files in steps/ were changed.\n{}",
            which, judgement.compiler_output)};
    }
    hide_name(project, *selection.part, bug, judgement.verdicts);
    print(harness::report(judgement.verdicts, guide_of(selection, which), colour()));
    print(
        fmt::format("\nThis is the solution with a planted bug. What is wrong with it?\nThe "
                    "answer: {} --reveal\n",
                    command_for(selection, which)));
    return harness::all_done(judgement.verdicts) ? green : red;
}

}  // namespace

int practise(const Project& project, const TestOptions& options) {
    if (options.step.empty()) {
        throw Problem{"Expected a step with --bug, as in `./workshop test 2 --bug random`."};
    }
    const Selection selection = project.select(options.step);
    const std::vector<Bug> bugs = read_bugs(project, *selection.part);
    if (bugs.empty()) {
        throw Problem{selection.part->spoken() + " has no planted bugs."};
    }
    if (options.list) {
        print(names_of(bugs));
        return green;
    }
    if (options.bug->empty()) {
        print(overview_of(selection, bugs));
        return green;
    }
    const Bug& bug = chosen_bug(*selection.part, bugs, selection.task, *options.bug);
    if (options.reveal) {
        print(answer_of(*selection.part, bug));
        return green;
    }
    // A name that was typed tells nothing new.
    return judge_bug(project, selection, bug,
                     *options.bug == bug.name ? bug.name : std::to_string(bug.number));
}

}  // namespace runner

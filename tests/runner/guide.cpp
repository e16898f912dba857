#include "guide.hpp"

#include <fmt/format.h>

#include "judge_source.hpp"
#include "sections.hpp"
#include "starter.hpp"
#include "text.hpp"

namespace runner {
namespace {

using harness::Guide;
using harness::Verdict;

std::string todo_place(const Project& project, const Part& part, std::string_view task) {
    for (const std::string& file : project.files_of(part, Tree::learner)) {
        const std::optional<std::string> text = read_file(project.root / file);
        const std::optional<int> line = text ? todo_line(*text, task) : std::nullopt;
        if (line) {
            return fmt::format("{}:{}", file, *line);
        }
    }
    return {};
}

std::string contract_place(const Project& project, const Part& part, std::string_view task) {
    for (const std::string& file : project.files_of(part, Tree::learner)) {
        const std::optional<std::string> text = read_file(project.root / file);
        const Starter starter = text ? pristine_starter(project.root, file) : Starter{};
        if (!starter.found) {
            continue;
        }
        const std::vector<Section> sections = sections_of_task(*text, starter.text, task);
        if (!sections.empty()) {
            return fmt::format("{}:{}", file, sections.front().first_line);
        }
    }
    return {};
}

/// The task behind this one, with a place to type; empty behind the last.
std::string next_task(const Project& project, const Part& part, std::string_view task) {
    bool found = false;
    std::vector<Suite> suites;
    for (const JudgeSource& source : read_judges(project, part)) {
        suites.insert(suites.end(), source.suites.begin(), source.suites.end());
    }
    sort_suites(suites);
    for (const Suite& suite : suites) {
        if (found && suite.task() != task) {
            const std::string place = todo_place(project, part, suite.task());
            return fmt::format("Next: task {}{}{}\n", suite.title, place.empty() ? "" : ", ",
                               place);
        }
        found = found || suite.task() == task;
    }
    return fmt::format("All of {}: ./workshop test {}\n", part.spoken(), part.label);
}

}  // namespace

std::string place_of_task(const Project& project, const Part& part, std::string_view task) {
    const std::string place = todo_place(project, part, task);
    return place.empty() ? contract_place(project, part, task) : place;
}

std::string what_is_next(const Project& project, const Part& part) {
    const Part* const next = project.after(part);
    if (next == nullptr) {
        return "That was the last part of the workshop.\n";
    }
    return fmt::format("Next: {}, {}. Read steps/{}/README.md, then type ./workshop test {}\n",
                       next->spoken(), next->topic(), next->folder, next->label);
}

Guide guide_for(const Project& project, const Part& part, Tree tree, std::string_view task,
                const std::vector<Verdict>& verdicts) {
    Guide guide;
    guide.title = part.title();
    guide.one_task = !task.empty();
    guide.done = fmt::format("{} is done", part.numbered() ? "Step " + part.label : part.title());
    guide.again = "./workshop test";
    if (tree == Tree::solution) {
        guide.title += " (solution)";
        guide.done = "The solution of " + part.spoken() + " is right";
        guide.again += " --solution";
        return guide;
    }
    if (tree == Tree::mixed) {
        guide.again += " --from-solutions";
    }
    guide.hint = "./workshop hint";
    for (const Verdict& verdict : verdicts) {
        const std::string key{verdict.task()};
        if (guide.places.count(key) == 0) {
            guide.places[key] = todo_place(project, part, key);
        }
    }
    const Verdict* const shown = harness::first_to_mend(verdicts);
    if (shown == nullptr) {
        guide.next = task.empty() ? what_is_next(project, part) : next_task(project, part, task);
        if (!task.empty()) {
            guide.done =
                fmt::format("Task {} is done", verdicts.empty() ? task : verdicts.front().suite);
        }
    } else if (shown->learner_place.empty() && guide.places[std::string{shown->task()}].empty()) {
        guide.places[std::string{shown->task()}] = contract_place(project, part, shown->task());
    }
    return guide;
}

}  // namespace runner

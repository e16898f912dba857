#include "guide.hpp"

#include <fmt/format.h>

#include <cctype>
#include <compare>
#include <cstddef>
#include <utility>

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

/// A section of a learner's file.
struct SectionPlace {
    std::string file;
    Section section;
};

std::vector<SectionPlace> section_places(const Project& project, const Part& part,
                                         std::string_view task) {
    std::vector<SectionPlace> found;
    for (const std::string& file : project.files_of(part, Tree::learner)) {
        const std::optional<std::string> text = read_file(project.root / file);
        const Starter starter = text ? pristine_starter(project.root, file) : Starter{};
        if (starter.found) {
            for (Section& section : sections_of_task(*text, starter.text, task)) {
                found.push_back({file, std::move(section)});
            }
        }
    }
    return found;
}

std::string contract_place(const std::vector<SectionPlace>& places) {
    return places.empty()
               ? std::string{}
               : fmt::format("{}:{}", places.front().file, places.front().section.first_line);
}

/// Where a call of the function is written in the text, as in "padding(7, 4)" or "of<T>()".
std::vector<std::size_t> calls_of(std::string_view function, std::string_view text) {
    std::vector<std::size_t> calls;
    for (std::size_t at = text.find(function); at != text.npos; at = text.find(function, at + 1)) {
        const std::size_t end = at + function.size();
        const bool begins =
            at == 0 ||
            (std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0 && text[at - 1] != '_');
        if (begins && end < text.size() && (text[end] == '(' || text[end] == '<')) {
            calls.push_back(at);
        }
    }
    return calls;
}

/// How surely a verdict speaks of a function; the most certain is the largest.
struct Mention {
    enum class Where { nowhere, in_story, first_in_name, in_sentence };

    Where where = Where::nowhere;
    std::ptrdiff_t rank = 0;  // in a sentence the first counts, in a story the last

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes a 0 in <=> for a pointer
    auto operator<=>(const Mention&) const = default;
};

Mention mention_of(const std::string& function, const Verdict& verdict) {
    using enum Mention::Where;
    const auto spoken = calls_of(function, verdict.summary);
    if (!spoken.empty()) {
        return {in_sentence, -static_cast<std::ptrdiff_t>(spoken.front())};
    }
    const std::vector<std::string_view> name = words_of(verdict.name);
    if (!name.empty() && name.front() == function) {
        return {first_in_name};
    }
    const auto told = calls_of(function, verdict.story);
    if (!told.empty()) {
        return {in_story, static_cast<std::ptrdiff_t>(told.back())};
    }
    return {};
}

/// Of the functions in the sections of the verdict's task, the one that it speaks of: "path:line",
/// or empty where it speaks of none.
std::string place_of_function(const std::vector<SectionPlace>& places, const Verdict& verdict) {
    const SectionPlace* found = nullptr;
    Mention best;
    for (const SectionPlace& place : places) {
        const std::string function = function_of(place.section);
        const Mention mention = function.empty() ? Mention{} : mention_of(function, verdict);
        if (mention > best) {
            best = mention;
            found = &place;
        }
    }
    if (found == nullptr) {
        return {};
    }
    const std::optional<int> todo = todo_line(found->section.text, verdict.task());
    return fmt::format("{}:{}", found->file, found->section.first_line + todo.value_or(1) - 1);
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
    return place.empty() ? contract_place(section_places(project, part, task)) : place;
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
    } else if (shown->learner_place.empty()) {
        std::string& place = guide.places[std::string{shown->task()}];
        const std::vector<SectionPlace> places = section_places(project, part, shown->task());
        const std::string of_function = place_of_function(places, *shown);
        if (!of_function.empty()) {
            place = of_function;
        } else if (place.empty()) {
            place = contract_place(places);
        }
    }
    return guide;
}

}  // namespace runner

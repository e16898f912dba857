#include "compile_verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "../harness/report.hpp"
#include "diagnostics.hpp"
#include "judge_process.hpp"
#include "sections.hpp"
#include "starter.hpp"
#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

using harness::Kind;
using harness::Verdict;

/// The files that stand on the include path: a part's own and those of the earlier ones.
struct Included {
    std::string file;  // "steps/2_bump/bump.hpp"
    const Part* part;
};

std::vector<Included> include_path(const Project& project, const Part& part, Tree tree) {
    std::vector<Included> files;
    for (const std::string& file : project.files_of(part, tree)) {
        files.push_back({file, &part});
    }
    for (const Part* earlier : project.earlier(part)) {
        const Tree of_earlier = tree == Tree::learner ? Tree::learner : Tree::solution;
        for (const std::string& file : project.files_of(*earlier, of_earlier)) {
            files.push_back({file, earlier});
        }
    }
    return files;
}

/// "bump.hpp" of `#include <bump.hpp>`.
std::vector<std::string> includes_of(std::string_view text) {
    std::vector<std::string> names;
    for (std::string_view line : lines_of(text)) {
        line = trimmed(line);
        if (line.empty() || line.front() != '#' || line.find("include") == line.npos) {
            continue;
        }
        const std::size_t open = line.find_first_of("<\"");
        const std::size_t close = line.find_first_of(">\"", open == line.npos ? open : open + 1);
        if (close != line.npos) {
            names.emplace_back(line.substr(open + 1, close - open - 1));
        }
    }
    return names;
}

/// What is wrong with a file as a whole. An empty sentence: nothing.
struct FileProblem {
    std::string file;
    std::string sentence;
};

FileProblem what_is_wrong(const fs::path& root, const Included& included) {
    std::error_code error;
    const fs::path path = root / included.file;
    const auto sentence = [&](std::string_view state) {
        return FileProblem{included.file,
                           fmt::format("{} {}; `./workshop reset {}` brings the starter back.",
                                       included.file, state, included.part->label)};
    };
    if (!fs::exists(path, error)) {
        return sentence("is missing");
    }
    const std::optional<std::string> text = read_file(path);
    if (!text) {
        return sentence("cannot be read as a file");
    }
    if (trimmed(*text).empty()) {
        return sentence("is empty");
    }
    return text->find('\0') == text->npos ? FileProblem{} : sentence("is not a text file");
}

/// "steps/2_bump/bump.hpp has 1 closing brace too few", or nothing.
FileProblem unbalanced(const fs::path& root, const Included& included) {
    const int balance = brace_balance(read_file(root / included.file).value_or(std::string{}));
    if (balance == 0) {
        return {};
    }
    const int count = std::abs(balance);
    return {included.file, fmt::format("{} has {} closing brace{} too {}", included.file, count,
                                       count == 1 ? "" : "s", balance > 0 ? "few" : "many")};
}

/// True in the last lines of a file, where compilers notice that a brace is missing somewhere.
bool is_at_the_end(const fs::path& root, const Place& place) {
    const std::string text = read_file(root / place.file).value_or(std::string{});
    return static_cast<std::size_t>(place.line) + 3 > lines_of(trimmed(text)).size();
}

/// What `check` says first about a file that `text` includes. Depth first, so that the file at the
/// bottom, which others stand on, is named first.
template <class Check>
FileProblem first_problem(const Project& project, const std::vector<Included>& path,
                          std::string_view text, std::set<std::string>& seen, const Check& check) {
    for (const std::string& name : includes_of(text)) {
        const auto found = std::find_if(path.begin(), path.end(), [&](const Included& included) {
            return fs::path{included.file}.filename() == name;
        });
        if (found == path.end() || !seen.insert(name).second) {
            continue;
        }
        const std::string own = read_file(project.root / found->file).value_or(std::string{});
        FileProblem problem = first_problem(project, path, own, seen, check);
        if (problem.sentence.empty()) {
            problem = check(project.root, *found);
        }
        if (!problem.sentence.empty()) {
            return problem;
        }
    }
    return {};
}

/// What `check` says first about a file that one of `sources` includes.
template <class Check>
FileProblem first_problem(const Project& project, const Part& part, Tree tree,
                          const std::vector<std::string>& sources, const Check& check) {
    std::set<std::string> seen;
    const std::vector<Included> path = include_path(project, part, tree);
    for (const std::string& source : sources) {
        const std::string text = read_file(project.root / source).value_or(std::string{});
        FileProblem problem = first_problem(project, path, text, seen, check);
        if (!problem.sentence.empty()) {
            return problem;
        }
    }
    return {};
}

/// The files that include the learner's.
std::vector<std::string> sources_of(const Part& part, const std::string& judge) {
    std::vector<std::string> sources{Project::judge_source(judge)};
    for (const std::string& bridge : part.bridges_of(judge)) {
        sources.push_back(Project::bridge_source(bridge));
    }
    return sources;
}

const Part* part_of(const Project& project, std::string_view file) {
    for (const Part& part : project.parts) {
        if (file.find("/" + part.folder + "/") != file.npos) {
            return &part;
        }
    }
    return nullptr;
}

/// Where the learner's fault is, as far as the compiler says it. Where a concept is not satisfied,
/// that is not where an earlier part defines the concept.
const Place* learners_place(const Diagnostic& error, const Part& part, Tree tree) {
    const std::string folder{Project::folder_of(tree)};
    if (const Place* const in_part = error.place_below(folder + "/" + part.folder)) {
        return in_part;
    }
    const bool of_a_concept =
        is_static_assertion(error) || error.message.find("constraint") != std::string::npos;
    return of_a_concept ? nullptr : error.place_below(folder);
}

/// The task that an error belongs to, or nothing.
std::string task_of(const Project& project, const JudgeSource& source, const Diagnostic& error,
                    const Place* own) {
    if (const Place* place = error.place_in(Project::judge_source(source.judge))) {
        if (const Suite* suite = source.at(place->line)) {
            return suite->task();
        }
    }
    if (own == nullptr) {
        return {};
    }
    const std::string text = read_file(project.root / own->file).value_or(std::string{});
    const Starter starter = pristine_starter(project.root, own->file);
    return task_at(text, starter.found ? starter.text : text, own->line);
}

/// The line, with its place above it where the reader needs to be told.
std::string quoted_line(const Project& project, const Place& place, bool with_place) {
    const std::optional<std::string> text = read_file(project.root / place.file);
    const std::string lines = text ? excerpt(*text, place) : std::string{};
    return lines.empty() || !with_place ? lines : place.spoken() + "\n" + lines;
}

/// The learner's line and the judge's, where the error speaks of them.
std::string story_of(const Project& project, const Diagnostic& error, const Place* own,
                     const Place* judge) {
    std::string story =
        own != nullptr ? quoted_line(project, *own, judge != nullptr) : std::string{};
    if (judge != nullptr) {
        story += (story.empty() ? "" : "\n") + std::string{"the judge uses it here: "} +
                 quoted_line(project, *judge, true);
    }
    if (own == nullptr && judge == nullptr && error.place) {
        story =
            quoted_line(project, *error.place, true) +
            "\nThis is outside of your files. Often a brace or a semicolon is missing at the end "
            "of\none of them, and the compiler notices only in what follows.\n";
    }
    for (const Mention& mention : error.mentions) {
        const bool explains = own != nullptr && mention.place.file == own->file &&
                              mention.place.line == own->line && error.place &&
                              error.place->file != own->file;
        if (explains && !mention.text.empty()) {
            story += "\nabout your line the compiler says: " + mention.text + "\n";
            break;
        }
    }
    return story;
}

/// The message, and the reason where only a note or a programmer knows it.
std::string explained(const Diagnostic& error) {
    if (is_static_assertion(error) && !error.mentions.empty()) {
        return error.message + ": " + error.mentions.back().text;
    }
    if (error.message.compare(0, 9, "undefined") == 0) {
        return error.message + ": declared and used, but never defined";
    }
    return error.message;
}

std::string last_part_of(std::string_view output) {
    const std::vector<std::string_view> lines = lines_of(output);
    std::string text;
    for (std::size_t at = 0; at < std::min<std::size_t>(lines.size(), 10); ++at) {
        text += std::string{lines[at]} + "\n";
    }
    return text;
}

void tell(const FileProblem& problem, Verdict& verdict) {
    verdict.summary = problem.sentence;
    verdict.learner_place = problem.file;
    verdict.judge_place.clear();
}

/// The case that says what is wrong: the first of the error's task, or of the judge's first task.
Verdict& speaker(std::vector<Verdict>& verdicts, std::string_view task) {
    const auto found =
        std::find_if(verdicts.begin(), verdicts.end(),
                     [task](const Verdict& verdict) { return verdict.task() == task; });
    return found == verdicts.end() ? verdicts.front() : *found;
}

}  // namespace

std::string unusable_file(const Project& project, const Part& part, Tree tree,
                          const std::string& source) {
    return first_problem(project, part, tree, {source}, what_is_wrong).sentence;
}

std::vector<Verdict> compile_verdicts(const Project& project, const Part& part, Tree tree,
                                      const JudgeSource& source, std::string_view task,
                                      std::string_view output) {
    std::vector<Verdict> verdicts = all_cases(source, task, Kind::does_not_compile);
    const std::string judge_file = Project::judge_source(source.judge);
    const std::vector<std::string> sources = sources_of(part, source.judge);
    const FileProblem problem = first_problem(project, part, tree, sources, what_is_wrong);
    if (!problem.sentence.empty()) {
        tell(problem, verdicts.front());
        return verdicts;
    }
    const std::vector<Diagnostic> diagnostics =
        parse_diagnostics(output, project.root, project.build);
    const Diagnostic* const error = first_error(diagnostics, Project::folder_of(tree), judge_file);
    if (error == nullptr) {
        verdicts.front().summary = "the compiler failed, and named no error";
        verdicts.front().story = last_part_of(output);
        return verdicts;
    }
    const Place* const own = learners_place(*error, part, tree);
    const Place* const judge = error->place_of_judge(judge_file);
    if (own == nullptr || error->place != *own || is_at_the_end(project.root, *own)) {
        const FileProblem braces = first_problem(project, part, tree, sources, unbalanced);
        if (!braces.sentence.empty()) {
            tell(braces, verdicts.front());
            verdicts.front().story = harness::wrapped(
                "Compilers notice that only in what follows: " + error->message, 0, 78);
            return verdicts;
        }
    }
    Verdict& verdict = speaker(verdicts, task_of(project, source, *error, own));
    verdict.summary = explained(*error);
    verdict.story = story_of(project, *error, own, judge);
    verdict.judge_place = judge != nullptr ? judge->spoken() : std::string{};
    verdict.learner_place = own != nullptr ? own->spoken() : std::string{};
    const Part* const where = own != nullptr ? part_of(project, own->file) : nullptr;
    if (where != nullptr && where->folder != part.folder) {
        verdict.story += fmt::format("\nThis is in {}, which {} stands on: `./workshop test {}`.\n",
                                     where->spoken(), part.spoken(), where->label);
    }
    return verdicts;
}

}  // namespace runner

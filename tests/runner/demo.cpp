// `workshop demo STEP`: builds the demo and becomes it.

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "commands.hpp"
#include "compile_verdicts.hpp"
#include "diagnostics.hpp"
#include "judging.hpp"
#include "problem.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace {

int explain_failure(const Project& project, const Part& part, Tree tree,
                    const std::string& output) {
    const std::string source = "steps/" + part.folder + "/demo.cpp";
    const std::string unusable = unusable_file(project, part, tree, source);
    if (!unusable.empty()) {
        print(unusable + "\n");
        return red;
    }
    const std::vector<Diagnostic> found = parse_diagnostics(output, project.root, project.build);
    const Diagnostic* const error = first_error(found, Project::folder_of(tree), source);
    if (error == nullptr) {
        throw Problem{
            fmt::format("The demo of {} does not build; ninja says:\n{}", part.spoken(), output)};
    }
    const Place* const own = error->place_below(Project::folder_of(tree));
    const Place* const shown = own != nullptr ? own : error->place ? &*error->place : nullptr;
    std::string text = "does not compile: " + error->message + "\n";
    if (shown != nullptr) {
        const std::string file = read_file(project.root / shown->file).value_or(std::string{});
        text += "\n" + shown->spoken() + "\n" + excerpt(file, *shown);
    }
    print(text + fmt::format("\n`./workshop test {}` tells more.\n", part.label));
    return red;
}

}  // namespace

int demo(const Project& project, const DemoOptions& options) {
    const Part& part = *project.select(options.step).part;
    const Tree tree = options.solution ? Tree::solution : Tree::learner;
    const std::string target = Project::demo_target(part, tree);
    show_progress("building the demo of " + part.spoken() + " ...");
    const std::optional<std::string> failure = build_targets(project, {target});
    if (failure) {
        return explain_failure(project, part, tree, *failure);
    }
    print("");
    std::vector<std::string> words = options.arguments;
    words.insert(words.begin(), (project.build / target).string());
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    signal(SIGPIPE, SIG_DFL);
    execv(arguments[0], arguments.data());
    throw Problem{
        fmt::format("The demo {} could not be started: {}.", words.front(), std::strerror(errno))};
}

}  // namespace runner

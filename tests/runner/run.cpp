// `workshop run -- PROGRAM ARGS`: builds the malloc of tests/preload and becomes the program, with
// that malloc in front of its own.

#include <fmt/format.h>

#include <filesystem>

#include "../harness/report.hpp"
#include "commands.hpp"
#include "diagnostics.hpp"
#include "judging.hpp"
#include "problem.hpp"
#include "real_program.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace {

std::string library_target(const RunOptions& options) {
    return fmt::format("tests/preload/lib{}_preload_{}.so",
                       options.solution ? "solution" : "learner", options.allocator);
}

/// "4" of "steps/4_free_list/bins.hpp".
std::string label_of(const Project& project, const std::string& file) {
    for (const Part& part : project.parts) {
        if (file.find("/" + part.folder + "/") != file.npos) {
            return part.label;
        }
    }
    return {};
}

int explain_failure(const Project& project, const RunOptions& options, const std::string& output) {
    if (output.find("unknown target") != output.npos) {
        throw Problem{"`run` is for Linux with glibc; on this system it is off."};
    }
    const std::string_view folder =
        Project::folder_of(options.solution ? Tree::solution : Tree::learner);
    const std::vector<Diagnostic> found = parse_diagnostics(output, project.root, project.build);
    const Diagnostic* const error = first_error(found, folder, "tests/preload/program.cpp");
    const Place* const own = error == nullptr ? nullptr : error->place_below(folder);
    if (own == nullptr) {
        throw Problem{fmt::format("The malloc does not build; ninja says:\n{}", output)};
    }
    const std::string file = read_file(project.root / own->file).value_or(std::string{});
    print_error(fmt::format("does not compile: {}\n\n{}\n{}\n`./workshop test {}` tells more.\n",
                            error->message, own->spoken(), excerpt(file, *own),
                            label_of(project, own->file)));
    return usage;
}

}  // namespace

int run(const Project& project, const RunOptions& options) {
    const std::string target = library_target(options);
    Preloaded program{options.command, (project.build / target).string(), {}};
    check(program);
    if (!options.report.empty()) {
        program.environment.emplace_back("WORKSHOP_REPORT",
                                         std::filesystem::absolute(options.report).string());
    }
    show_progress("building the malloc ...");
    const std::optional<std::string> failure = build_targets(project, {target});
    if (failure) {
        return explain_failure(project, options, *failure);
    }
    print("");
    become(program);
}

}  // namespace runner

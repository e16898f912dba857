// `workshop grade`: how far one tree, or each clone of a class, has come.

#include <fmt/format.h>

#include <filesystem>

#include "commands.hpp"
#include "grade_report.hpp"
#include "grading.hpp"
#include "interruption.hpp"
#include "problem.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace {

/// Throws Problem.
void check_options(const GradeOptions& options) {
    if (options.json && options.csv) {
        throw Problem{"Expected --json or --csv, not both."};
    }
    if (options.folders.empty() && options.csv) {
        throw Problem{"--csv is the table of a class; expected a folder of clones with it."};
    }
    if (!options.folders.empty() && !options.junit.empty()) {
        throw Problem{"--junit is about your own tree; expected no DIR with it."};
    }
}

/// This program.
std::string own_program(const Project& project) {
    std::error_code error;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? (project.build / "tests/runner/workshop").string() : self.string();
}

int grade_one(const Project& project, const GradeOptions& options) {
    show_progress("building and testing all that was begun ...");
    const Grade grade = grade_own_tree(project);
    if (interrupted() != 0) {
        return usage;
    }
    if (!options.junit.empty()) {
        write_file(options.junit, grade_junit(grade));
    }
    print(options.json ? grades_json({grade}) : grade_text(grade, colour()));
    return green;
}

int grade_class(const Project& project, const GradeOptions& options) {
    const std::vector<Clone> clones = find_clones(options.folders);
    const auto tell = [&clones](std::size_t done) {
        show_progress(fmt::format("{} of {} clones judged ...", done, clones.size()));
    };
    tell(0);
    ClassOptions how;
    how.program = own_program(project);
    how.jobs = options.jobs;
    how.progress = tell;
    const std::vector<Grade> grades = grade_clones(project, clones, how);
    if (interrupted() != 0) {
        return usage;
    }
    print(options.json  ? grades_json(grades)
          : options.csv ? class_csv(grades)
                        : class_text(grades, colour()));
    return green;
}

}  // namespace

int grade(const Project& project, const GradeOptions& options) {
    check_options(options);
    if (options.verdicts) {
        const std::vector<PartProgress> parts = read_whole_progress(project, options.jobs);
        if (interrupted() != 0) {
            return usage;
        }
        print(grade_lines(parts));
        return green;
    }
    return options.folders.empty() ? grade_one(project, options) : grade_class(project, options);
}

}  // namespace runner

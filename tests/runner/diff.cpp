// `workshop diff STEP`: git draws the difference, where it is installed.

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "commands.hpp"
#include "problem.hpp"
#include "process.hpp"
#include "sections.hpp"
#include "starter.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

/// One file's two sides, whole or only a task's sections.
struct Sides {
    std::string name;  // "bump.hpp"
    std::string yours;
    std::string solution;
};

/// A folder for the two files, gone with this object.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "workshop-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw Problem{"Cannot make a folder in " + fs::temp_directory_path().string() +
                          "; expected a folder for temporary files there."};
        }
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string joined(const std::vector<Section>& sections) {
    std::string text;
    for (const Section& section : sections) {
        text += section.text;
    }
    return text;
}

std::vector<Sides> whole_files(const Project& project, const Part& part) {
    std::vector<Sides> all;
    for (const std::string& file : project.files_of(part, Tree::learner)) {
        const std::string name = fs::path{file}.filename().string();
        const auto solution = read_file(project.root / "solutions" / part.folder / name);
        if (solution) {
            all.push_back(
                {name, read_file(project.root / file).value_or(std::string{}), *solution});
        }
    }
    return all;
}

/// Throws Problem where the starter is not known: it says which sections belong to the task.
std::vector<Sides> task_sections(const Project& project, const Part& part,
                                 const std::string& task) {
    std::vector<Sides> all;
    for (Sides& whole : whole_files(project, part)) {
        const std::string file = "steps/" + part.folder + "/" + whole.name;
        const Starter starter = pristine_starter(project.root, file);
        if (!starter.found) {
            throw Problem{starter.problem +
                          " The whole step's difference needs no history: ./workshop diff " +
                          part.label};
        }
        Sides sides{whole.name, joined(sections_of_task(whole.yours, starter.text, task)),
                    joined(sections_of_task(whole.solution, starter.text, task))};
        if (!sides.yours.empty() || !sides.solution.empty()) {
            all.push_back(std::move(sides));
        }
    }
    return all;
}

/// nullopt where git is missing or fails.
std::optional<std::string> drawn_by_git(const Sides& sides) {
    const TemporaryFolder folder;
    fs::create_directory(folder.path() / "yours");
    fs::create_directory(folder.path() / "solution");
    write_file(folder.path() / "yours" / sides.name, sides.yours);
    write_file(folder.path() / "solution" / sides.name, sides.solution);
    Command command;
    command.arguments = {"git",
                         "--no-pager",
                         "diff",
                         "--no-index",
                         "--no-prefix",
                         "--no-ext-diff",
                         colour() ? "--color=always" : "--color=never",
                         "--",
                         "yours/" + sides.name,
                         "solution/" + sides.name};
    command.folder = folder.path();
    command.environment = {{"GIT_DIR", "/dev/null"}};
    const Outcome outcome = run_program(std::move(command));
    if (outcome.exit_code != 1) {
        return std::nullopt;
    }
    // What comes before "--- yours" speaks of git's own affairs.
    const std::size_t start = outcome.output.find("--- yours/");
    if (start == std::string::npos) {
        return std::nullopt;
    }
    const std::size_t line = outcome.output.rfind('\n', start);
    return outcome.output.substr(line == std::string::npos ? 0 : line + 1);
}

std::string drawn_plainly(const Sides& sides) {
    return fmt::format("--- yours/{0}\n{1}\n+++ solution/{0}\n{2}", sides.name, sides.yours,
                       sides.solution);
}

}  // namespace

int diff(const Project& project, const std::string& step) {
    const auto [part, task] = project.select(step);
    const std::vector<Sides> all =
        task.empty() ? whole_files(project, *part) : task_sections(project, *part, task);
    if (all.empty()) {
        throw Problem{"Nothing to compare; expected files of the same name in steps/" +
                      part->folder + " and solutions/" + part->folder + "."};
    }
    std::string text;
    for (const Sides& sides : all) {
        if (sides.yours != sides.solution) {
            text += drawn_by_git(sides).value_or(drawn_plainly(sides));
        }
    }
    if (text.empty()) {
        text = "Nothing is different.\n";
    }
    print(text);
    if (!task.empty()) {
        print(fmt::format("\nThe whole step, private parts included: ./workshop diff {}\n",
                          part->label));
    } else {
        print(fmt::format("\nWhy the solution is as it is: solutions/{}/NOTES.md\n", part->folder));
    }
    return green;
}

}  // namespace runner

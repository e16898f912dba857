// `workshop reset STEP`: the starter from git's history; the learner's file is kept aside.

#include <fmt/format.h>

#include <ctime>
#include <filesystem>

#include "commands.hpp"
#include "problem.hpp"
#include "starter.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

struct Change {
    std::string file;  // "steps/2_bump/bump.hpp"
    std::string starter;
};

/// Files that differ from their starters. Throws Problem before anything is touched.
std::vector<Change> changes_of(const Project& project, const Part& part) {
    std::vector<Change> changes;
    for (const std::string& file : project.files_of(part, Tree::learner)) {
        // Files that the learner added have no solution, and stay.
        if (!fs::exists(project.root / "solutions" / part.folder / fs::path{file}.filename())) {
            continue;
        }
        const Starter starter = pristine_starter(project.root, file);
        if (!starter.found) {
            throw Problem{starter.problem + " Nothing was changed."};
        }
        if (read_file(project.root / file) != starter.text) {
            changes.push_back({file, starter.text});
        }
    }
    return changes;
}

/// "bump.hpp" -> "bump.kept-20261122-183000.hpp", with a number where that name is taken.
fs::path kept_name(const fs::path& file) {
    const std::time_t now = std::time(nullptr);
    char time[32] = "";
    std::strftime(time, sizeof time, "%Y%m%d-%H%M%S", std::localtime(&now));
    const std::string stem = file.stem().string() + ".kept-" + time;
    fs::path name = file.parent_path() / (stem + file.extension().string());
    for (int number = 2; fs::exists(fs::symlink_status(name)); ++number) {
        name = file.parent_path() / fmt::format("{}-{}{}", stem, number, file.extension().string());
    }
    return name;
}

/// Returns the name under which the old file is kept; empty where there was none.
fs::path bring_back(const fs::path& root, const Change& change) {
    const fs::path file = root / change.file;
    fs::path kept;
    if (fs::exists(fs::symlink_status(file))) {
        kept = kept_name(file);
        std::error_code error;
        fs::rename(file, kept, error);
        if (error) {
            throw Problem{fmt::format("Cannot keep {} aside as {}: {}. Nothing was changed.",
                                      change.file, kept.filename().string(), error.message())};
        }
    }
    try {
        write_file(file, change.starter);
    } catch (const Problem&) {
        std::error_code error;
        if (!kept.empty()) {
            fs::rename(kept, file, error);
        }
        throw;
    }
    return kept;
}

std::string listed(const std::vector<Change>& changes) {
    std::string text;
    for (const Change& change : changes) {
        text += (text.empty() ? "" : ", ") + change.file;
    }
    return text;
}

}  // namespace

int reset(const Project& project, const ResetOptions& options) {
    const auto [part, task] = project.select(options.step);
    if (!task.empty()) {
        print(fmt::format(
            "Task {} shares its files with the other tasks of {}: all of it is reset.\n", task,
            part->spoken()));
    }
    const std::vector<Change> changes = changes_of(project, *part);
    if (changes.empty()) {
        print(fmt::format("Nothing to do: {} is as it was at the start.\n", part->spoken()));
        return green;
    }
    if (!options.yes && can_ask() &&
        !ask(fmt::format("Put the starter back in place of {}? Yours is kept aside.",
                         listed(changes)))) {
        print("Nothing was changed.\n");
        return usage;
    }
    for (const Change& change : changes) {
        const fs::path kept = bring_back(project.root, change);
        print(kept.empty()
                  ? fmt::format("{} is the starter again.\n", change.file)
                  : fmt::format("{} is the starter again; yours is kept as {}\n", change.file,
                                kept.lexically_relative(project.root).string()));
    }
    return green;
}

}  // namespace runner

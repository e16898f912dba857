#include "project.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <set>

#include "judge_source.hpp"
#include "problem.hpp"
#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
        return std::isdigit(static_cast<unsigned char>(letter)) != 0;
    });
}

std::string_view prefix_of(Tree tree) {
    constexpr std::string_view prefixes[] = {"learner_", "mixed_", "solution_"};
    return prefixes[static_cast<std::size_t>(tree)];
}

std::string_view last_folder(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == path.npos ? path : path.substr(slash + 1);
}

/// "2_bump" -> "bump".
std::string_view without_number(std::string_view name) {
    const std::size_t underscore = name.find('_');
    return underscore != name.npos && all_digits(name.substr(0, underscore))
               ? name.substr(underscore + 1)
               : name;
}

bool is_edited(const fs::path& file) {
    const std::string name = file.filename().string();
    const std::string kind = file.extension().string();
    return (kind == ".hpp" || kind == ".cpp") && name != "demo.cpp" && name.front() != '.' &&
           name.find(".kept-") == name.npos;
}

void add_edited(const fs::path& folder, std::set<std::string>& names) {
    std::error_code error;
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        if (is_edited(at->path())) {
            names.insert(at->path().filename().string());
        }
    }
}

std::vector<std::string> task_keys(const Project& project, const Part& part) {
    std::vector<std::string> keys;
    for (const JudgeSource& source : read_judges(project, part)) {
        for (const Suite& suite : source.suites) {
            keys.push_back(suite.task());
        }
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

fs::path search_upwards() {
    std::error_code error;
    for (fs::path folder = fs::current_path(error); !folder.empty();
         folder = folder.parent_path()) {
        if (fs::exists(folder / "meson.build", error) &&
            fs::is_directory(folder / "steps", error)) {
            return folder;
        }
        if (folder == folder.parent_path()) {
            break;
        }
    }
    throw Problem{
        "No workshop here: expected meson.build and steps/ in this folder or one above it. Start "
        "with the script `workshop` in the project's folder."};
}

}  // namespace

std::string_view Part::name() const {
    return last_folder(folder);
}

std::string Part::topic() const {
    std::string words{without_number(name())};
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
}

bool Part::numbered() const {
    return all_digits(label);
}

std::string Part::spoken() const {
    return (numbered() ? "step " : "extension ") + label;
}

std::string Part::title() const {
    return numbered() ? "Step " + label + ": " + topic() : "Extension: " + topic();
}

const std::vector<std::string>& Part::bridges_of(std::string_view judge) const {
    static const std::vector<std::string> none;
    const auto found = bridges.find(judge);
    return found == bridges.end() ? none : found->second;
}

Selection Project::select(std::string_view text) const {
    while (text.size() > 1 && text.back() == '/') {
        text.remove_suffix(1);
    }
    const std::string_view name = last_folder(text);
    for (const Part& part : parts) {
        if (name == part.label || name == part.name() || name == without_number(part.name())) {
            return {&part, {}};
        }
    }
    const std::size_t dot = name.rfind('.');
    for (const Part& part : parts) {
        if (dot == name.npos || name.substr(0, dot) != part.label) {
            continue;
        }
        const std::vector<std::string> keys = task_keys(*this, part);
        if (std::find(keys.begin(), keys.end(), name) != keys.end()) {
            return {&part, std::string{name}};
        }
        throw Problem{"There is no task " + std::string{name} + "; " + part.spoken() + " has " +
                      listed(keys) + "."};
    }
    std::vector<std::string> labels;
    for (const Part& part : parts) {
        labels.push_back(part.label);
    }
    throw Problem{"There is no step `" + std::string{text} + "`; expected one of " +
                  listed(labels) + ", or a task like " + labels.front() + ".1."};
}

Selection Project::select_task(std::string_view text) const {
    Selection selection = select(text);
    if (selection.task.empty()) {
        throw Problem{"Expected a task, one of " + listed(task_keys(*this, *selection.part)) + "."};
    }
    return selection;
}

std::vector<const Part*> Project::earlier(const Part& part) const {
    std::vector<const Part*> result;
    for (const Part& other : parts) {
        if (other.folder == part.folder) {
            break;
        }
        if (other.numbered()) {
            result.push_back(&other);
        }
    }
    return result;
}

const Part* Project::after(const Part& part) const {
    for (std::size_t at = 0; at + 1 < parts.size(); ++at) {
        if (parts[at].folder == part.folder) {
            return &parts[at + 1];
        }
    }
    return nullptr;
}

std::string_view Project::folder_of(Tree tree) {
    return tree == Tree::solution ? "solutions" : "steps";
}

std::vector<std::string> Project::files_of(const Part& part, Tree tree) const {
    std::set<std::string> names;
    add_edited(root / "steps" / part.folder, names);
    add_edited(root / "solutions" / part.folder, names);
    std::vector<std::string> files;
    for (const std::string& name : names) {
        files.push_back(std::string{folder_of(tree)} + "/" + part.folder + "/" + name);
    }
    return files;
}

bool Project::is_suite(const Part& part) const {
    const std::vector<std::string> files = files_of(part, Tree::solution);
    return std::any_of(files.begin(), files.end(), [](const std::string& file) {
        return fs::path{file}.extension() == ".cpp";
    });
}

std::string Project::judge_source(const std::string& judge) {
    return "tests/" + judge + ".cpp";
}

std::string Project::judge_target(const std::string& judge, Tree tree) {
    return "tests/" + std::string{prefix_of(tree)} + std::string{last_folder(judge)};
}

std::string Project::thread_judge_target(const std::string& judge, Tree tree) {
    return judge_target(judge, tree) + "_tsan";
}

std::string Project::bridge_source(const std::string& bridge) {
    return "tests/bridges/" + bridge + ".cpp";
}

std::string Project::bridge_target(const std::string& bridge, Tree tree) {
    return "tests/lib" + std::string{prefix_of(tree)} + "bridge_" + bridge + ".a";
}

std::string Project::demo_target(const Part& part, Tree tree) {
    std::string folder = part.folder;
    std::replace(folder.begin(), folder.end(), '/', '_');
    return "tests/" + std::string{tree == Tree::solution ? "solution" : "learner"} + "_demo_" +
           folder;
}

std::vector<Part> parse_parts(std::string_view text) {
    std::vector<Part> parts;
    for (const std::string_view line : lines_of(text)) {
        const std::vector<std::string_view> fields = split(line, '\t');
        if (fields.size() < 3) {
            continue;
        }
        const auto words_in = [&fields](std::size_t at) {
            const auto words = words_of(at < fields.size() ? fields[at] : std::string_view{});
            return std::vector<std::string>{words.begin(), words.end()};
        };
        Part part;
        part.folder = fields[0];
        part.label = fields[1];
        part.judges = words_in(2);
        part.thread_judges = words_in(3);
        for (const std::string& entry : words_in(4)) {  // "4_bins=bins,free_list"
            const std::vector<std::string_view> sides = split(entry, '=');
            for (const std::string_view bridge : split(sides.back(), ',')) {
                part.bridges[std::string{sides.front()}].emplace_back(bridge);
            }
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

Project find_project() {
    const char* const root = std::getenv("WORKSHOP_ROOT");
    const char* const build = std::getenv("WORKSHOP_BUILD");
    Project project;
    project.root = root != nullptr && *root != '\0' ? fs::path{root} : search_upwards();
    project.build = build != nullptr && *build != '\0' ? fs::path{build} : project.root / "build";
    const std::optional<std::string> parts = read_file(project.build / "parts.txt");
    if (parts) {
        project.parts = parse_parts(*parts);
    }
    if (project.parts.empty()) {
        throw Problem{(project.build / "parts.txt").string() +
                      " is missing or empty; expected the list of the workshop's parts there. "
                      "`./workshop` writes it when it sets up the build folder."};
    }
    return project;
}

}  // namespace runner

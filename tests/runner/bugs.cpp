#include "bugs.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "judge_source.hpp"
#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

/// The value of a line "Key: value".
std::string value_of(std::string_view line, std::string_view key) {
    return line.substr(0, key.size()) == key ? std::string{line.substr(key.size())} : std::string{};
}

/// As Meson makes a name of a path.
std::string underscorified(std::string text) {
    std::replace_if(
        text.begin(), text.end(),
        [](char letter) { return std::isalnum(static_cast<unsigned char>(letter)) == 0; }, '_');
    return text;
}

/// How many letters must be added, dropped or replaced to make one of the other (Levenshtein).
/// O(n * m).
std::size_t distance_between(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t at = 0; at < row.size(); ++at) {
        row[at] = at;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, diagonal + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

bool Bug::of(std::string_view task) const {
    return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
}

Bug parse_bug(std::string name, std::string_view text) {
    Bug bug;
    bug.name = std::move(name);
    bool in_diff = false;
    for (const std::string_view line : lines_of(text)) {
        if (line.substr(0, 4) == "--- ") {
            in_diff = true;
            bug.files.emplace_back(trimmed(line.substr(4)));
        }
        if (in_diff) {
            bug.diff += std::string{line} + "\n";
            continue;
        }
        for (const std::string_view task : words_of(value_of(line, "Task: "))) {
            bug.tasks.emplace_back(task);
        }
        bug.symptom += value_of(line, "Symptom: ");
        bug.seen += value_of(line, "Seen: ");
    }
    return bug;
}

std::vector<Bug> read_bugs(const Project& project, const Part& part) {
    std::vector<Bug> bugs;
    std::error_code error;
    for (fs::directory_iterator at{project.root / "tests/bugs" / part.folder, error}, end;
         !error && at != end; at.increment(error)) {
        const std::optional<std::string> text =
            at->path().extension() == ".diff" ? read_file(at->path()) : std::nullopt;
        Bug bug = parse_bug(at->path().stem().string(), text.value_or(std::string{}));
        if (!bug.symptom.empty() && !bug.tasks.empty()) {
            bugs.push_back(std::move(bug));
        }
    }
    std::sort(bugs.begin(), bugs.end(), [](const Bug& left, const Bug& right) {
        const std::string& first = left.tasks.front();
        const std::string& second = right.tasks.front();
        return first == second ? left.name < right.name : task_before(first, second);
    });
    for (Bug& bug : bugs) {
        bug.number = static_cast<std::size_t>(&bug - bugs.data()) + 1;
    }
    return bugs;
}

std::string bug_target(const Part& part, const Bug& bug, const std::string& judge) {
    return "tests/bugs/bug_" + underscorified(part.folder) + "__" + bug.name + "_" +
           underscorified(judge);
}

std::string bug_bridge_target(const Part& part, const Bug& bug, const std::string& bridge) {
    return "tests/bugs/libbug_" + underscorified(part.folder) + "__" + bug.name + "_bridge_" +
           bridge + ".a";
}

std::string bug_folder(const Part& part, const Bug& bug) {
    return "tests/bugs/" + part.folder + "/" + bug.name;
}

std::vector<std::string> near_names(std::string_view name, const std::vector<Bug>& bugs) {
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const Bug& bug : bugs) {
        const std::size_t distance =
            bug.name.find(name) != std::string::npos ? 0 : distance_between(name, bug.name);
        if (distance <= std::max<std::size_t>(2, name.size() / 3)) {
            near.emplace_back(distance, bug.name);
        }
    }
    std::sort(near.begin(), near.end());
    std::vector<std::string> names;
    for (std::size_t at = 0; at < std::min<std::size_t>(3, near.size()); ++at) {
        names.push_back(near[at].second);
    }
    return names;
}

}  // namespace runner

#include "ninja.hpp"

#include <algorithm>

#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

/// Stands before each description, so that no compiler's line is taken for one.
constexpr std::string_view mark = "\x1f[workshop] ";
constexpr std::string_view linking = "Linking target ";
constexpr std::string_view failure_mark = "FAILED: ";

}  // namespace

bool BuildEdge::of(std::string_view target) const {
    const std::string objects = std::string{target} + ".p/";
    const auto belongs = [&](std::string_view words) {
        const std::size_t at = words.find(objects);
        if (at != words.npos && (at == 0 || words[at - 1] == ' ' || words[at - 1] == '/')) {
            return true;
        }
        return words == target;
    };
    if (description.compare(0, linking.size(), linking) == 0) {
        return description.substr(linking.size()) == target;
    }
    return belongs(description) || std::any_of(outputs.begin(), outputs.end(), belongs);
}

void BuildLog::add(std::string_view piece) {
    pending_ += piece;
    std::size_t start = 0;
    for (std::size_t end = pending_.find('\n'); end != pending_.npos;
         end = pending_.find('\n', start)) {
        add_line(std::string_view{pending_}.substr(start, end - start));
        start = end + 1;
    }
    pending_.erase(0, start);
}

void BuildLog::finish() {
    if (!pending_.empty()) {
        add("\n");
    }
}

void BuildLog::add_line(std::string_view line) {
    const bool starts_edge = line.substr(0, mark.size()) == mark;
    if (in_command_ && !starts_edge) {
        in_command_ = false;  // the command itself: the compiler's arguments
        return;
    }
    in_command_ = false;
    if (starts_edge) {
        edges_.push_back({std::string{line.substr(mark.size())}, false, {}, {}});
        const std::string_view description = edges_.back().description;
        if (on_link && description.substr(0, linking.size()) == linking) {
            on_link(description.substr(linking.size()));
        }
    } else if (!edges_.empty() && line.substr(0, failure_mark.size()) == failure_mark) {
        edges_.back().failed = true;
        for (const std::string_view output : words_of(line.substr(failure_mark.size()))) {
            edges_.back().outputs.emplace_back(output);
        }
        in_command_ = true;
    } else if (edges_.empty() || line.substr(0, 7) == "ninja: ") {
        rest_ += std::string{line} + "\n";
    } else {
        edges_.back().text += std::string{line} + "\n";
    }
}

bool BuildLog::failed(std::string_view target) const {
    return std::any_of(edges_.begin(), edges_.end(),
                       [target](const BuildEdge& edge) { return edge.failed && edge.of(target); });
}

std::string BuildLog::text_of(std::string_view target) const {
    std::string text;
    for (const BuildEdge& edge : edges_) {
        if (edge.of(target)) {
            text += edge.text;
        }
    }
    return text;
}

Command ninja_command(const Project& project, const std::vector<std::string>& targets,
                      unsigned jobs) {
    Command command;
    command.arguments = {"ninja", "-C", project.build.string(), "-k", "0"};
    if (jobs != 0) {
        command.arguments.insert(command.arguments.end(), {"-j", std::to_string(jobs)});
    }
    command.arguments.insert(command.arguments.end(), targets.begin(), targets.end());
    command.environment = {{"NINJA_STATUS", std::string{mark}},
                           {"LC_ALL", "C.UTF-8"},
                           {"LANGUAGE", ""},
                           {"CLICOLOR_FORCE", "0"}};
    return command;
}

void forget_objects(const Project& project, std::string_view target) {
    std::error_code error;
    const fs::path folder = project.build / (std::string{target} + ".p");
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == ".o") {
            std::error_code ignored;
            fs::remove(at->path(), ignored);
        }
    }
}

}  // namespace runner

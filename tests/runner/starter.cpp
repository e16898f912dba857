#include "starter.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "process.hpp"
#include "sections.hpp"
#include "text.hpp"

namespace runner {
namespace {

Outcome git(const std::filesystem::path& root, std::vector<std::string> arguments,
            std::string input = {}) {
    Command command;
    command.arguments = {"git", "-C", root.string()};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.input = std::move(input);
    command.cap = 256U << 20U;
    command.environment = {{"LC_ALL", "C.UTF-8"}, {"GIT_OPTIONAL_LOCKS", "0"}};
    return run_program(std::move(command));
}

/// Takes one answer of `git cat-file --batch` off `output`: "ID blob SIZE\n", the file, "\n".
/// False for a version that lacks the file.
bool take_version(std::string_view& output, std::string_view& version) {
    const std::size_t line_end = output.find('\n');
    const std::string_view header = output.substr(0, line_end);
    output.remove_prefix(line_end == output.npos ? output.size() : line_end + 1);
    const std::vector<std::string_view> words = words_of(header);
    if (words.size() != 3 || words[1] != "blob") {
        return false;
    }
    std::size_t size = 0;
    std::from_chars(words[2].data(), words[2].data() + words[2].size(), size);
    version = output.substr(0, size);
    output.remove_prefix(std::min(output.size(), size + 1));
    return true;
}

}  // namespace

Starter pristine_starter(const std::filesystem::path& root, std::string_view file) {
    const std::string path{file};
    const Outcome commits = git(root, {"rev-list", "HEAD", "--", path});
    if (!commits.started) {
        return {false, {}, "git is not installed; the starter is read from git's history."};
    }
    if (commits.exit_code != 0) {
        const std::vector<std::string_view> lines = lines_of(commits.output);
        const std::string reason{lines.empty() ? std::string_view{"it gave no reason"}
                                               : lines.front()};
        return {false,
                {},
                "git cannot read the history of this folder, where the starter is kept: " + reason +
                    "."};
    }
    std::string requests;
    for (const std::string_view commit : lines_of(commits.output)) {
        requests += std::string{commit} + ":./" + path + "\n";
    }
    if (requests.empty()) {
        return {false, {}, "git's history has no " + path + "; was it cloned from the workshop?"};
    }
    const Outcome versions = git(root, {"cat-file", "--batch"}, requests);
    Starter best;
    int most = -1;
    std::string_view output = versions.output;
    while (!output.empty()) {
        std::string_view version;
        if (take_version(output, version) && count_todo_calls(version) > most) {
            most = count_todo_calls(version);
            best = {true, std::string{version}, {}};
        }
    }
    if (!best.found) {
        best.problem = "git's history has no " + path + " to bring back.";
    }
    return best;
}

}  // namespace runner

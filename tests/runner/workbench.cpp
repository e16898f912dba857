#include "workbench.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "judging.hpp"
#include "problem.hpp"
#include "text.hpp"

namespace runner {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t largest_file = 1U << 20U;
constexpr std::size_t most_files = 1000;  // of a part
constexpr int deepest_folder = 4;         // below that of the part

/// One `build` statement of a build.ninja.
struct Edge {
    std::string_view text;
    std::vector<std::string> outputs;
    std::vector<std::string> inputs;
};

/// The words of "build a b: rule c | d || e", of which `:` is one, `|` and `||` none.
std::vector<std::string> words_of_edge(std::string_view line) {
    std::vector<std::string> words(1);
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '$' && at + 1 < line.size()) {
            words.back() += line[++at];
        } else if (line[at] == ' ') {
            words.emplace_back();
        } else if (line[at] == ':') {
            words.insert(words.end(), {":", ""});
        } else if (line[at] != '|') {
            words.back() += line[at];
        }
    }
    words.erase(std::remove(words.begin(), words.end(), std::string{}), words.end());
    return words;
}

Edge parse_edge(std::string_view text) {
    const std::vector<std::string> words = words_of_edge(text.substr(0, text.find('\n')));
    const auto colon = std::find(words.begin(), words.end(), ":");
    Edge edge{text, {}, {}};
    edge.outputs.assign(std::min(words.begin() + 1, colon), colon);  // behind "build"
    if (words.end() - colon > 2) {
        edge.inputs.assign(colon + 2, words.end());  // behind the rule
    }
    return edge;
}

struct BuildFile {
    std::string head;  // all but the edges
    std::vector<Edge> edges;
};

bool begins_edge(std::string_view line) {
    return line.substr(0, 6) == "build ";
}

BuildFile parse_build_file(std::string_view text) {
    BuildFile file;
    bool in_edge = false;
    std::size_t edge_start = 0;
    const auto close_edge = [&](std::size_t end) {
        if (in_edge) {
            file.edges.push_back(parse_edge(text.substr(edge_start, end - edge_start)));
        }
        in_edge = false;
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
        const std::string_view line = text.substr(at, end - at);
        if (line.front() != ' ') {
            close_edge(at);
        }
        if (begins_edge(line)) {
            in_edge = true;
            edge_start = at;
        } else if (!in_edge && line.substr(0, 8) != "default ") {
            file.head += line;
        }
        at = end;
    }
    close_edge(text.size());
    return file;
}

/// The static library that this path is, or is an object of: "tests/harness/libharness.a". Empty
/// where it is none, or one that is compiled with the learner's code.
std::string_view shared_library(std::string_view path) {
    const bool whole = path.size() > 2 && path.substr(path.size() - 2) == ".a";
    const std::size_t end = whole ? path.size() - 2 : path.find(".a.p/");
    const bool learners = path.find("_bridge_") != path.npos;
    return end == path.npos || learners ? std::string_view{} : path.substr(0, end + 2);
}

bool is_inside(const fs::path& path, const fs::path& folder) {
    const auto [rest, other] =
        std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return rest == folder.end();
}

/// The part's files, copied. What cannot be read is left out, and so found missing by the judge.
class Copy {
public:
    explicit Copy(const fs::path& clone) {
        std::error_code error;
        clone_ = fs::canonical(clone, error);
    }

    void folder(const fs::path& from, const fs::path& to, int depth = 0) {
        std::error_code error;
        fs::create_directories(to, error);
        if (!is_of_the_clone(from) || depth > deepest_folder) {
            return;
        }
        for (fs::directory_iterator at{from, error}, end; !error && at != end;
             at.increment(error)) {
            std::error_code ignored;
            const fs::path target = to / at->path().filename();
            if (at->is_directory(ignored)) {
                folder(at->path(), target, depth + 1);
            } else if (at->is_regular_file(ignored) && at->file_size(ignored) <= largest_file &&
                       is_of_the_clone(at->path()) && ++files_ <= most_files) {
                fs::copy_file(at->path(), target, ignored);
            }
        }
    }

private:
    bool is_of_the_clone(const fs::path& path) const {
        std::error_code error;
        const fs::path whole = fs::canonical(path, error);
        return !error && is_inside(whole, clone_);
    }

    fs::path clone_;
    std::size_t files_ = 0;
};

/// Throws Problem.
void link_to(const fs::path& target, const fs::path& link) {
    std::error_code error;
    fs::create_directories(link.parent_path(), error);
    fs::create_symlink(target, link, error);
    if (error) {
        throw Problem{"Cannot write " + link.string() + ": " + error.message() + "."};
    }
}

std::vector<std::string> targets_of(const Project& project) {
    std::vector<std::string> targets;
    for (const Part& part : project.parts) {
        for (const std::string& judge : part.judges) {
            targets.push_back(Project::judge_target(judge, Tree::learner));
        }
        for (const std::string& judge : part.thread_judges) {
            targets.push_back(Project::thread_judge_target(judge, Tree::learner));
        }
    }
    return targets;
}

}  // namespace

BuildExtract extract_build(std::string_view build_file, const std::vector<std::string>& targets) {
    const BuildFile file = parse_build_file(build_file);
    std::map<std::string_view, const Edge*> makers;
    for (const Edge& edge : file.edges) {
        for (const std::string& output : edge.outputs) {
            makers[output] = &edge;
        }
    }
    BuildExtract extract{file.head, {}};
    std::set<const Edge*> taken;
    std::set<std::string> libraries;
    std::vector<std::string> wanted = targets;
    while (!wanted.empty()) {
        const std::string path = std::move(wanted.back());
        wanted.pop_back();
        const auto maker = makers.find(path);
        if (maker == makers.end()) {
            continue;
        }
        if (!shared_library(path).empty()) {
            libraries.emplace(shared_library(path));
        } else if (taken.insert(maker->second).second) {
            extract.text += maker->second->text;
            wanted.insert(wanted.end(), maker->second->inputs.begin(), maker->second->inputs.end());
        }
    }
    extract.libraries.assign(libraries.begin(), libraries.end());
    return extract;
}

std::string with_path_replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    while (true) {
        const std::size_t at = text.find(from);
        result += text.substr(0, at);
        if (at == text.npos) {
            return result;
        }
        text.remove_prefix(at + from.size());
        const bool goes_on =
            !text.empty() && (std::isalnum(static_cast<unsigned char>(text.front())) != 0 ||
                              std::string_view{"_-.+~"}.find(text.front()) != text.npos);
        result += goes_on ? from : to;
    }
}

Workbenches::Workbenches(const Project& project) : project_{project} {
    std::error_code error;
    // As Meson wrote them.
    project_.root = fs::canonical(project.root, error);
    project_.build = fs::canonical(project.build, error);
    const std::optional<std::string> file = read_file(project.build / "build.ninja");
    if (!file) {
        throw Problem{(project.build / "build.ninja").string() +
                      " cannot be read; expected a build folder that `./workshop` set up."};
    }
    extract_ = extract_build(*file, targets_of(project));
    const std::optional<std::string> failure = build_targets(project, extract_.libraries);
    if (failure) {
        throw Problem{
            "The workshop's own harness does not build; expected that no file of tests/ was "
            "changed.\n" +
            *failure};
    }
}

Project Workbenches::set_up(const fs::path& clone, const fs::path& folder) const {
    Project bench = project_;
    bench.root = folder / project_.root.relative_path();
    bench.build = folder / project_.build.relative_path();
    for (const char* const shared : {"tests", "solutions", "steps/todo.hpp"}) {
        link_to(project_.root / shared, bench.root / shared);
    }
    Copy copy{clone};
    for (const Part& part : project_.parts) {
        copy.folder(clone / "steps" / part.folder, bench.root / "steps" / part.folder);
    }
    for (const std::string& library : extract_.libraries) {
        link_to(project_.build / library, bench.build / library);
        // An archive may only name its objects, which lie beside it.
        link_to(project_.build / (library + ".p"), bench.build / (library + ".p"));
    }
    std::string text =
        with_path_replaced(extract_.text, project_.root.string(), bench.root.string());
    if (!is_inside(project_.build, project_.root)) {
        text = with_path_replaced(text, project_.build.string(), bench.build.string());
    }
    write_file(bench.build / "build.ninja", text);
    write_file(bench.build / "parts.txt",
               read_file(project_.build / "parts.txt").value_or(std::string{}));
    return bench;
}

}  // namespace runner

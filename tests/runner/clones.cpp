#include "clones.hpp"

#include <algorithm>

namespace runner {
namespace fs = std::filesystem;
namespace {

bool is_folder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

bool is_clone(const fs::path& folder) {
    return is_folder(folder / "steps");
}

/// Those that are not hidden, sorted.
std::vector<fs::path> folders_in(const fs::path& folder) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        if (is_folder(at->path()) && at->path().filename().string().front() != '.') {
            folders.push_back(at->path());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

Clone clone_in(const fs::path& folder, std::string name) {
    if (is_clone(folder)) {
        return {std::move(name), folder, {}};
    }
    std::vector<fs::path> inner = folders_in(folder);
    inner.erase(std::remove_if(inner.begin(), inner.end(),
                               [](const fs::path& each) { return !is_clone(each); }),
                inner.end());
    if (inner.size() == 1) {
        return {std::move(name), inner.front(), {}};
    }
    return {std::move(name), folder,
            inner.empty() ? "No clone of the workshop: it has no folder steps/."
                          : "Several clones of the workshop; expected one."};
}

std::string without_slash(std::string text) {
    while (text.size() > 1 && text.back() == '/') {
        text.pop_back();
    }
    return text;
}

/// As it was typed; the name of the folder where that says nothing, as "." does.
std::string name_of(const std::string& typed) {
    const fs::path path{without_slash(typed)};
    const std::string last = path.filename().string();
    std::error_code error;
    const fs::path whole = fs::canonical(path, error);
    return (last == "." || last == "..") && !error && whole.has_filename()
               ? whole.filename().string()
               : path.string();
}

void add_clones_of(const std::string& typed, bool only_one, std::vector<Clone>& clones) {
    const fs::path folder{without_slash(typed)};
    const std::string name = name_of(typed);
    std::error_code error;
    if (!fs::exists(folder, error)) {
        clones.push_back({name, folder, "There is no such folder."});
    } else if (!is_folder(folder)) {
        clones.push_back({name, folder, "It is a file; expected a folder."});
    } else if (is_clone(folder)) {
        clones.push_back({name, folder, {}});
    } else {
        const std::vector<fs::path> inner = folders_in(folder);
        for (const fs::path& each : inner) {
            const std::string own = each.filename().string();
            clones.push_back(clone_in(each, only_one ? own : name + "/" + own));
        }
        if (inner.empty()) {
            clones.push_back({name, folder, "It holds no clones of the workshop."});
        }
    }
}

}  // namespace

std::vector<Clone> find_clones(const std::vector<std::string>& folders) {
    std::vector<Clone> clones;
    for (const std::string& folder : folders) {
        add_clones_of(folder, folders.size() == 1, clones);
    }
    // The same folder was named twice.
    for (auto at = clones.begin(); at != clones.end();) {
        const bool known = std::any_of(
            clones.begin(), at, [&](const Clone& earlier) { return earlier.name == at->name; });
        at = known ? clones.erase(at) : at + 1;
    }
    return clones;
}

}  // namespace runner

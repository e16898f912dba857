// A folder for one test, gone at its end.

#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "../project.hpp"
#include "../text.hpp"

namespace runner {

/// The text with each `from` replaced.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "runner test XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    std::filesystem::path write(std::string_view file, std::string_view text) const {
        const std::filesystem::path path = path_ / file;
        std::filesystem::create_directories(path.parent_path());
        write_file(path, text);
        return path;
    }
    std::string read(std::string_view file) const {
        return read_file(path_ / file).value_or("(no file)");
    }

    /// With build/ below, and these parts.
    Project project(std::string_view parts) const {
        Project project;
        project.root = path_;
        project.build = path_ / "build";
        project.parts = parse_parts(parts);
        return project;
    }

private:
    std::filesystem::path path_;
};

}  // namespace runner

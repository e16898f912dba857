// A place where the tree of a clone is judged: its files, and all else from this project.
//
//     FOLDER/<path of the project>/steps/    a copy of the clone's
//                                  tests/    a link
//                                  solutions/  a link
//     FOLDER/<path of the build>/build.ninja   what builds the learner's judges, and no more
//
// Root and build folder lie to each other as in the project, so that the relative paths in the
// build's commands hold. The harness is not built again: its libraries are links.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "project.hpp"

namespace runner {

/// What of a build.ninja builds some targets.
struct BuildExtract {
    std::string text;                    // rules, and the edges that are needed
    std::vector<std::string> libraries;  // static ones that it takes as they are: "tests/libx.a"
};

/// Follows the targets to what they are made of, but for static libraries.
BuildExtract extract_build(std::string_view build_file, const std::vector<std::string>& targets);

/// `text` with each `from` that is a whole path, or the beginning of one, replaced.
std::string with_path_replaced(std::string_view text, std::string_view from, std::string_view to);

/// Sets up such places for one project.
class Workbenches {
public:
    /// Reads the project's build.ninja and brings the harness up to date. Throws Problem.
    explicit Workbenches(const Project& project);

    /// The clone is only read. Of its steps, regular files of at most 1 MiB are taken; links only
    /// where they lead to a file of the clone. Throws Problem.
    Project set_up(const std::filesystem::path& clone, const std::filesystem::path& folder) const;

private:
    Project project_;
    BuildExtract extract_;
};

}  // namespace runner

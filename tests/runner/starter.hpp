// The starter as it was before the learner began, from git's history.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace runner {

/// A file from the history, or why there is none.
struct Starter {
    bool found = false;
    std::string text;
    std::string problem;  // a sentence
};

/// Of all versions in the history of `file` (relative to `root`) the one with the most calls of
/// todo(), the newest of these: a learner may have committed his work.
Starter pristine_starter(const std::filesystem::path& root, std::string_view file);

}  // namespace runner

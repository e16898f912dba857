// Which clones the folders on the command line hold.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace runner {

struct Clone {
    std::string name;              // how the table calls it; no two are the same
    std::filesystem::path folder;  // the one that has steps/
    std::string problem;           // why it cannot be judged, as a sentence; empty where it can be
};

/// Each folder is a clone, where it has steps/, or a folder of clones. In a folder of clones each
/// folder is one, or holds one and nothing else that has steps/, as archives unpack. What is
/// missing or no clone is told of as well. In the order of the arguments, and below them of the
/// names.
std::vector<Clone> find_clones(const std::vector<std::string>& folders);

}  // namespace runner

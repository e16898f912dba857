// HINTS.md, and how many of its hints were shown.

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// The hints of a task: the items of the numbered list under "## 2.1", without number and
/// indentation.
std::vector<std::string> hints_of(std::string_view hints_file, std::string_view task);

/// How many hints of each task were shown; a small text file, one line a task: "2.1 3".
class HintCounters {
public:
    explicit HintCounters(std::filesystem::path file);

    std::size_t shown(std::string_view task) const;
    /// Throws Problem when it cannot be written.
    void set(std::string_view task, std::size_t count);

private:
    std::filesystem::path file_;
    std::map<std::string, std::size_t, std::less<>> counts_;
};

}  // namespace runner

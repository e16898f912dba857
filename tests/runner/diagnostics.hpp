// What g++ and clang++ say, read back: errors, where they are, and the one to show a learner.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner {

struct Place {
    std::string file;  // relative to the project's root where it lies below it
    int line = 0;
    int column = 0;  // 0: unknown

    bool operator==(const Place& other) const = default;
    /// "steps/2_bump/bump.hpp:33".
    std::string spoken() const;
    bool below(std::string_view folder) const;  // "steps"
};

/// A note, or a line like "required from here", that goes with an error.
struct Mention {
    Place place;
    std::string text;
};

struct Diagnostic {
    bool is_error = false;       // else a warning
    std::optional<Place> place;  // none: the linker, or the compiler as a whole
    std::string message;         // in the compiler's words
    std::vector<Mention> mentions;

    /// The first place below `folder`: its own, or a mention's.
    const Place* place_below(std::string_view folder) const;
    /// The first place in `file`.
    const Place* place_in(std::string_view file) const;
    /// The first place in `judge`, or else in what stands between judges and the learner's code.
    const Place* place_of_judge(std::string_view judge) const;
};

/// Reads what a compiler or linker wrote. Relative paths in it are relative to `build`.
std::vector<Diagnostic> parse_diagnostics(std::string_view output,
                                          const std::filesystem::path& root,
                                          const std::filesystem::path& build);

/// The first error with a place below `folder`; else the first in `judge`; else the first of all;
/// nullptr where there is none. Two exceptions. A static_assert may only follow from a syntax error
/// that the compiler names later. And where the first of all is in none of both, it is shown,
/// unless a later one is in `folder` itself: notes are then only echoes.
const Diagnostic* first_error(const std::vector<Diagnostic>& diagnostics, std::string_view folder,
                              std::string_view judge);

bool is_static_assertion(const Diagnostic& diagnostic);

/// The first warning whose own place is below `folder`, or nullptr.
const Diagnostic* first_warning(const std::vector<Diagnostic>& diagnostics,
                                std::string_view folder);

/// A line of source with its number and, where the column is known, a mark below it. The line above
/// comes with it where the mark is at the line's first word:
///   33 |     return todo
///      |            ^
std::string excerpt(std::string_view source, const Place& place);

}  // namespace runner

// A program that is not ours, on its way to run with a library of ours in front of its malloc.

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace runner {

/// The file that a shell would run for this word: on the PATH, unless it has a slash. Throws
/// Problem where there is none.
std::string find_program(const std::string& word);

/// Why the dynamic linker would not put a library in front of this program, as a sentence; empty
/// when it would. For a script, its interpreter counts.
std::string why_not_preloadable(const std::string& file);

struct Preloaded {
    std::vector<std::string> command;                              // the program first
    std::string library;                                           // the file
    std::vector<std::pair<std::string, std::string>> environment;  // added to ours
};

/// Checks that the command can be run so. Throws Problem.
void check(const Preloaded& program);

/// Becomes the program, with our input, output and signals as they were when we started. Throws
/// Problem where it cannot be started.
[[noreturn]] void become(const Preloaded& program);

}  // namespace runner

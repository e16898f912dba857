// The grade of a suite, for people: who caught what.

#pragma once

#include <suite/grading.hpp>

#include <harness/verdict.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace suite {

/// True when a test of the bug's own task caught it: there it counts.
bool is_caught(const Grade& grade, std::size_t subject);

/// How many of the bugs are caught; none as long as a test rejects a correct allocator.
harness::Kills kills(const Grade& grade);

/// The tests, other than its own task's, that caught the bug.
std::vector<std::size_t> other_catchers(const Grade& grade, std::size_t subject);

/// The letter of a test in the matrix: a to z, A to Z, and then "?".
char letter_of(const Grade& grade, std::size_t test);

/// The bugs of a task that no test of the task caught; of all tasks where it is empty.
std::vector<std::size_t> survivors(const Grade& grade, std::string_view task);

/// "gold", "silver", "bronze", or nothing. Of no bugs at all: nothing.
std::string_view level(std::size_t caught, std::size_t bugs);

/// The matrix, its legend, and how good that is; at most 100 columns as long as there are at most
/// 50 tests. Bugs down, tests across.
std::string matrix_text(const Grade& grade);

}  // namespace suite

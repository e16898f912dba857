// What the judge of step 6 is made of: tests of tests.

#pragma once

#include <string_view>

namespace suite {

/// Call it before main, with the judge's own file: all other test cases of the program are graded.
/// `project` is the project's folder.
bool judge_the_tests_outside_of(const char* file, const char* project);

// Each ends the test case that calls it, unless all is well.

/// The task has tests, and each accepts each correct allocator.
void correct_allocators_pass(std::string_view task);

/// Each bug of the task is caught by a test of the task.
void planted_bugs_are_caught(std::string_view task);

/// The tests of the task ask for every kind of block: of size 0, over-aligned, huge, and when the
/// buffer is nearly full.
void requests_are_of_every_kind(std::string_view task);

/// The tests of the task take no memory from the default resource, or from the subject for
/// themselves.
void model_has_memory_of_its_own(std::string_view task);

/// When a test of the task catches a bug, it says how to repeat that, in a few steps.
void failures_can_be_repeated(std::string_view task);

}  // namespace suite

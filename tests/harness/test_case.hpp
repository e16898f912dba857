// The running test case, seen from inside its process: how it comes to its end.

#pragma once

#include <harness/verdict.hpp>

#include <string>
#include <string_view>

namespace harness {

/// From now on the verdict is written to this descriptor. Without it the case runs in the main
/// process, under a debugger: a failure is then printed, and stops there.
void send_record_to(int descriptor);

/// Ends the process; of the verdict only what the case itself can know is set.
[[noreturn]] void end_case(const Verdict& verdict);

/// Where the case is: the call or the assertion that was reached last, as "path:line".
std::string current_place();

/// Each line of the text with two blanks before it.
std::string indented(std::string_view text);

}  // namespace harness

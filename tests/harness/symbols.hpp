// Reports of crashes name files and lines. A process has to read all debug information before it
// can do so, which takes longer than a test; a forked one has what its parent has read.

#pragma once

#include <string_view>

namespace harness {

/// Tells of a report by a sanitizer. After the second one, the debug information that it needed is
/// read into this process, for the children to come. Does nothing where the sanitizer's own program
/// reads it (clang), or where there is no sanitizer.
void learn_symbols(std::string_view report);

}  // namespace harness

// How much memory a replay makes resident: the pages that the kernel had to provide.

#pragma once

#include "replay.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace traces {

/// The most bytes that were resident during one replay, in a process that begins with nothing of
/// its own in the heap; each page of each block is written to. `contender` is one of the program's,
/// with a buffer of `bytes`, or the yardstick. 0 where the system does not tell. Throws Wrong.
std::size_t resident_bytes(const Trace& trace, const std::string& contender, std::size_t bytes);

/// What the process does that resident_bytes() starts; its words are those behind the program.
/// Prints the number. Returns the exit code.
int measure_resident_bytes(const std::vector<std::string_view>& words,
                           const std::vector<Contender>& contenders);

/// The first word of such a process.
inline constexpr std::string_view resident_word = "--resident-bytes";

}  // namespace traces

// What a real program asked of its malloc; tests/traces/README.md says how that was recorded.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace suite {

struct TraceStep {
    enum class What : std::uint8_t { allocate, resize, deallocate };

    What what;
    std::size_t block;  // a number from 0; used again when the block is gone
    std::size_t size;   // of allocate and resize
    std::size_t alignment;
};

/// The whole of tests/traces/recorded/NAME.trace, from a program's start to its end; what is live
/// at the end is given back there.
std::vector<TraceStep> recorded_trace(const char* name);

}  // namespace suite

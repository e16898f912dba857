// What every replay is measured beside: the C library's malloc, and the replay with no allocator.

#pragma once

#include "replay.hpp"
#include "trace.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace traces {

/// Nanoseconds an operation with malloc, realloc and free. It keeps the memory that it has from
/// the kernel, as our buffers do: without that, every replay would pay for fresh pages.
double time_malloc(const Trace& trace);

/// The bytes from the start of malloc's heap to the end of the highest block that there was, in a
/// heap that nobody else uses. 0 where that cannot be known.
std::size_t reach_of_malloc(const Trace& trace);

/// As touch() of replay.hpp, with malloc as it is.
void touch_malloc(std::span<const Step> steps, std::span<void*> blocks, void (*look)());

/// Where malloc's blocks are in its heap, as draw() of replay.hpp tells it.
std::string draw_malloc(const Trace& trace);

/// Nanoseconds an operation where each block's address is known beforehand: that of a replay with
/// malloc. It touches the same bytes and does all that a replay does, but copies nothing.
double time_loop(const Trace& trace);

}  // namespace traces

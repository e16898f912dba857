// The bytes that the shadow model writes into a live block, and finds again. Compiled for speed:
// most of what a judge does is looking at bytes.

#pragma once

#include <cstddef>
#include <cstdint>

namespace harness {

/// Writes the pattern of `key` into the bytes [from, size) of a block.
///
/// Neighbouring bytes and neighbouring keys differ, so that a block moved by a byte, or taken for
/// another one, does not go unseen. O(size).
void fill_pattern(std::byte* block, std::uint64_t key, std::size_t from, std::size_t size);

/// The first byte from `from` on that does not carry the pattern of `key`; `size` when all do.
/// O(size).
std::size_t first_changed(const std::byte* block, std::uint64_t key, std::size_t from,
                          std::size_t size);

/// True when all bytes of [first, last) are the expected one. O(size).
bool are_all(const std::byte* first, const std::byte* last, std::byte expected);

/// The first byte from `from` on that carries it; `size` when none does. O(size).
std::size_t first_unchanged(const std::byte* block, std::uint64_t key, std::size_t from,
                            std::size_t size);

}  // namespace harness

// What buddies cannot do by their nature.

#pragma once

#include <cstddef>

namespace design {

inline constexpr bool merges_all_neighbours =
    false;                                     // a block has one buddy, the other neighbour is none
inline constexpr bool has_placements = false;  // the size decides
inline constexpr bool has_bins = true;
inline constexpr bool moves_the_end = false;     // a block is a power of two
inline constexpr std::size_t overhead = 65'536;  // as much as the block, up to a power of two

/// The largest power of two at a multiple of itself, in what the table leaves.
constexpr std::size_t least_capacity(std::size_t size) {
    return size < 128 ? 0 : size / 8;
}

}  // namespace design

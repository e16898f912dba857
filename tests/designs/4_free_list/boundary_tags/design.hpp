// What boundary tags cannot do by their nature, here without bins.

#pragma once

#include <cstddef>

namespace design {

inline constexpr bool merges_all_neighbours = true;
inline constexpr bool has_placements = true;
inline constexpr bool has_bins = false;  // finding a block is a walk
inline constexpr bool moves_the_end = true;
inline constexpr std::size_t overhead = 16;  // the two tags

constexpr std::size_t least_capacity(std::size_t size) {
    return size < 64 ? 0 : size - 64;
}

}  // namespace design

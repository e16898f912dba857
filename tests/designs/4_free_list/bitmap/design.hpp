// What a bitmap cannot do by its nature.

#pragma once

#include <cstddef>

namespace design {

inline constexpr bool merges_all_neighbours = true;
inline constexpr bool has_placements = false;  // the first run of bits is taken
inline constexpr bool has_bins = false;        // finding it is a walk
inline constexpr bool moves_the_end = true;
inline constexpr std::size_t overhead = 0;

constexpr std::size_t least_capacity(std::size_t size) {
    const std::size_t lost = size / 64 + 64;
    return size < lost ? 0 : size - lost;
}

}  // namespace design

// What a singly linked list cannot do by its nature.

#pragma once

#include <cstddef>

namespace design {

inline constexpr bool merges_all_neighbours = true;
inline constexpr bool has_placements = true;
inline constexpr bool has_bins = false;  // giving back is a walk
inline constexpr bool moves_the_end = true;
inline constexpr std::size_t overhead = 0;

constexpr std::size_t least_capacity(std::size_t size) {
    return size < 32 ? 0 : size - 32;
}

}  // namespace design

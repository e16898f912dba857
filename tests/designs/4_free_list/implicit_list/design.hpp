// What an implicit list cannot do by its nature.

#pragma once

#include <cstddef>

namespace design {

inline constexpr bool merges_all_neighbours = true;
inline constexpr bool has_placements = false;  // next fit
inline constexpr bool has_bins = false;        // finding a block is a walk over all
inline constexpr bool moves_the_end = true;
inline constexpr std::size_t overhead = 16;  // the header, 8, and 8 more to keep it in step with 16

constexpr std::size_t least_capacity(std::size_t size) {
    return size < 48 ? 0 : size - 48;
}

}  // namespace design

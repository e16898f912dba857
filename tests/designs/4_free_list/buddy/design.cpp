// What buddies cannot do by their nature.

#include <bridges/free_list.hpp>

namespace bridge {

const Design& design() {
    static constexpr Design design{
        .merges_all_neighbours = false,  // a block has one buddy, the other neighbour is none
        .has_placements = false,         // the size decides
        .moves_the_end = false,          // a block is a power of two
        .overhead = 65'536,              // as much as the block, up to a power of two
        // The largest power of two at a multiple of itself, in what the table leaves.
        .least_capacity = [](std::size_t size) { return size < 128 ? std::size_t{0} : size / 8; }};
    return design;
}

}  // namespace bridge

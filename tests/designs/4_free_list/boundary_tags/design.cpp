// What boundary tags cannot do by their nature, here without bins.

#include <bridges/free_list.hpp>

namespace bridge {

const Design& design() {
    static constexpr Design design{
        .has_bins = false,  // finding a block is a walk
        .overhead = 16,     // the two tags
        .least_capacity = [](std::size_t size) { return size < 64 ? std::size_t{0} : size - 64; }};
    return design;
}

}  // namespace bridge

// What an implicit list cannot do by its nature.

#include <bridges/free_list.hpp>

namespace bridge {

const Design& design() {
    static constexpr Design design{
        .has_placements = false,  // next fit
        .has_bins = false,        // finding a block is a walk over all
        .overhead = 16,           // the header, 8, and 8 more to keep it in step with 16
        .least_capacity = [](std::size_t size) { return size < 48 ? std::size_t{0} : size - 48; }};
    return design;
}

}  // namespace bridge

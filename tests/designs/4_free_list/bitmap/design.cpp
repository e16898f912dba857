// What a bitmap cannot do by its nature.

#include <bridges/free_list.hpp>

namespace bridge {

const Design& design() {
    static constexpr Design design{.has_placements = false,  // the first run of bits is taken
                                   .has_bins = false,        // finding it is a walk
                                   .overhead = 0,
                                   .least_capacity = [](std::size_t size) {
                                       const std::size_t lost = size / 64 + 64;
                                       return size < lost ? std::size_t{0} : size - lost;
                                   }};
    return design;
}

}  // namespace bridge

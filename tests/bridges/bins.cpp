// The learner's free list with bins, for the judge of task 4.8.

#include <bins.hpp>
#include <free_list.hpp>

#include "free_list_of.hpp"

namespace bridge {

HARNESS_OWN Owner<FreeList> segregated_fit(std::span<std::byte> buffer) {
    return make<workshop::SegregatedFit>(buffer);
}

#ifdef WORKSHOP_OTHER_DESIGN
// Never called: the judge asks design() first.
unsigned bin_of(std::uint32_t) {
    return 0;
}
unsigned bin_count() {
    return 0;
}
#else
HARNESS_OWN unsigned bin_of(std::uint32_t units) {
    return workshop::bin_of(units);
}

HARNESS_OWN unsigned bin_count() {
    return workshop::bin_count;
}
#endif

}  // namespace bridge

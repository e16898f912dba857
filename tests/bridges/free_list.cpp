// The learner's free lists without bins, for the judges of step 4.

#include <free_list.hpp>

#include "free_list_of.hpp"

namespace bridge {

HARNESS_OWN Owner<FreeList> first_fit(std::span<std::byte> buffer) {
    return make<workshop::FirstFit>(buffer);
}

HARNESS_OWN Owner<FreeList> best_fit(std::span<std::byte> buffer) {
    return make<workshop::BestFit>(buffer);
}

#ifdef WORKSHOP_OTHER_DESIGN
// Never called: the judge asks design() first.
FromTheEnd from_the_end(std::span<std::byte>) {
    return {};
}
#else
namespace {

/// Finds a block as first fit does.
class EndFit {
public:
    HARNESS_OWN explicit EndFit(workshop::UnitArray units) noexcept
        : units_{units}, first_fit_{units} {}

    HARNESS_OWN void insert(workshop::Unit block) noexcept { first_fit_.insert(block); }
    HARNESS_OWN void remove(workshop::Unit block) noexcept { first_fit_.remove(block); }
    HARNESS_OWN workshop::Unit find_fit(workshop::Request request) const noexcept {
        return first_fit_.find_fit(request);
    }
    HARNESS_OWN workshop::Unit offset_in(workshop::Unit block,
                                         workshop::Request request) const noexcept {
        return units_[block].size - static_cast<workshop::Unit>(request.size);
    }
    template <class Predicate>
    HARNESS_OWN bool check(std::size_t count, Predicate is_free) const noexcept {
        return first_fit_.check(count, is_free);
    }

private:
    workshop::UnitArray units_;
    mutable workshop::FirstFit first_fit_;
};

}  // namespace

HARNESS_OWN FromTheEnd from_the_end(std::span<std::byte> buffer) {
    workshop::FreeListAllocator<EndFit> list{buffer};
    void* const first = list.allocate(learners({64, 16}));
    void* const second = list.allocate(learners({64, 16}));
    return {static_cast<std::byte*>(first), static_cast<std::byte*>(second), list.check()};
}
#endif

}  // namespace bridge

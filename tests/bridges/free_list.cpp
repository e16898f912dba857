// The learner's free lists without bins, and reallocate(), for the judges of step 4.

#include <free_list.hpp>
#include <reallocate.hpp>

#include "free_list_of.hpp"

namespace bridge {
namespace {

/// What a judge's allocator is called by the learner's code.
template <class A>
struct Called {
    HARNESS_OWN void* allocate(workshop::Layout asked) noexcept {
        return allocator.allocate({asked.size(), asked.alignment()});
    }
    HARNESS_OWN void deallocate(void* block, workshop::Layout given) noexcept {
        allocator.deallocate(block, {given.size(), given.alignment()});
    }
    A& allocator;
};

struct CalledResizing : Called<Resizing> {
    HARNESS_OWN bool try_resize(void* block, workshop::Layout from, workshop::Layout to) noexcept {
        return allocator.try_resize(block, {from.size(), from.alignment()},
                                    {to.size(), to.alignment()});
    }
};

struct CalledPlaced {
    HARNESS_OWN void* allocate(workshop::Layout asked,
                               workshop::Place place = workshop::Place::here()) noexcept {
        return allocator.allocate({asked.size(), asked.alignment()}, {place.file, place.line});
    }
    HARNESS_OWN void deallocate(void* block, workshop::Layout given,
                                workshop::Place place = workshop::Place::here()) noexcept {
        allocator.deallocate(block, {given.size(), given.alignment()}, {place.file, place.line});
    }
    Placed& allocator;
};

}  // namespace

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

struct EndFit : workshop::FirstFit {
    using FirstFit::FirstFit;
    HARNESS_OWN workshop::Unit offset_in(workshop::Unit block,
                                         workshop::Request request) const noexcept {
        return units_[block].size - static_cast<workshop::Unit>(request.size);
    }
};

}  // namespace

HARNESS_OWN FromTheEnd from_the_end(std::span<std::byte> buffer) {
    workshop::FreeListAllocator<EndFit> list{buffer};
    void* const first = list.allocate(learners({64, 16}));
    void* const second = list.allocate(learners({64, 16}));
    return {static_cast<std::byte*>(first), static_cast<std::byte*>(second), list.check()};
}
#endif

HARNESS_OWN void* reallocate(FreeList& list, void* block, Layout from, Layout to) {
    auto& first_fit_list = static_cast<FreeListOf<workshop::FirstFit>&>(list);
    return workshop::reallocate(first_fit_list.allocator, block, learners(from), learners(to));
}

HARNESS_OWN void* reallocate(Plain& allocator, void* block, Layout from, Layout to) {
    Called<Plain> called{allocator};
    return workshop::reallocate(called, block, learners(from), learners(to));
}

HARNESS_OWN void* reallocate(Resizing& allocator, void* block, Layout from, Layout to) {
    CalledResizing called{{allocator}};
    return workshop::reallocate(called, block, learners(from), learners(to));
}

HARNESS_OWN void* reallocate(Placed& allocator, void* block, Layout from, Layout to,
                             harness::Place place) {
    CalledPlaced called{allocator};
    return workshop::reallocate(called, block, learners(from), learners(to),
                                {place.file, place.line});
}

}  // namespace bridge

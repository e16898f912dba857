// The learner's reallocate(), for the judge of task 4.9.

#include <reallocate.hpp>

#include <bridges/free_list.hpp>
#include <bridges/learners.hpp>

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

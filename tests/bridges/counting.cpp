// The learner's trackers that only count, for the judges of step 3.

#include <bump.hpp>
#include <tracking.hpp>

#include "tracker_of.hpp"

#include <harness/explorer.hpp>
#include <harness/subject_of.hpp>

namespace bridge {
namespace {

using workshop::Checks;

static_assert(workshop::Allocator<CountingTracker>, "Tracking must be an Allocator");

template <class A>
using CountingOn = workshop::Tracking<A, Checks::off>;

using Explored = workshop::Tracking<CalledUpstream, Checks::off, harness::Explored>;

/// An allocator with nothing but what the concept asks for.
struct Plain {
    void* allocate(workshop::Layout) noexcept { return nullptr; }
    void deallocate(void*, workshop::Layout) noexcept {}
};

template <class A>
constexpr Offers offers_of() {
    return {workshop::HasOwns<A>, workshop::HasReset<A>, workshop::HasCheck<A>,
            workshop::HasTryResize<A>};
}

struct Stack {
    HARNESS_OWN explicit Stack(std::span<std::byte> buffer) : bump{buffer} {}
    HARNESS_OWN void* allocate(workshop::Layout asked) noexcept { return outer.allocate(asked); }
    HARNESS_OWN void deallocate(void* block, workshop::Layout asked) noexcept {
        outer.deallocate(block, asked);
    }
    HARNESS_OWN void reset() noexcept { outer.reset(); }

    using Inner = CountingOn<workshop::BumpAllocator>;
    workshop::BumpAllocator bump;
    Inner inner{bump};
    CountingOn<Inner> outer{inner};
};

class TrackedBumpOf final : public harness::SubjectOf<Stack, TrackedBump> {
public:
    using SubjectOf::SubjectOf;

    HARNESS_OWN void* allocate_from_inner(Layout asked) override {
        return allocator.inner.allocate(learners(asked));
    }
    HARNESS_OWN void deallocate_to_inner(void* block, Layout given) override {
        allocator.inner.deallocate(block, learners(given));
    }
    HARNESS_OWN Stats inner() const override { return told(allocator.inner.stats()); }
    HARNESS_OWN Stats outer() const override { return told(allocator.outer.stats()); }
    HARNESS_OWN std::size_t used() const override { return allocator.bump.used(); }
};

}  // namespace

HARNESS_OWN Owner<Tracker> counting(Upstream& upstream) {
    return Owner<Tracker>{new TrackerOf<CountingTracker>{upstream}};
}

HARNESS_OWN Owner<Counters> counting_explored(Upstream& upstream) {
    return Owner<Counters>{new CountersOf<Explored>{upstream}};
}

HARNESS_OWN Owner<TrackedBump> tracked_bump(std::span<std::byte> buffer) {
    return Owner<TrackedBump>{new TrackedBumpOf{buffer}};
}

HARNESS_OWN Offers offers_on_all() {
    return offers_of<CountingTracker>();
}

HARNESS_OWN Offers offers_on_none() {
    return offers_of<CountingOn<Plain>>();
}

}  // namespace bridge

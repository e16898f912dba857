// An allocator of the learner's in a guarded buffer, with the shadow model watching each call.

#pragma once

#include <harness/guarded_buffer.hpp>
#include <harness/own.hpp>
#include <harness/place.hpp>
#include <harness/shadow.hpp>

#include <alignment.hpp>

#include <cstddef>

namespace harness {

/// The layout of `size` bytes; needs task 1.3 of the learner.
HARNESS_OWN inline workshop::Layout layout(std::size_t size, std::size_t alignment,
                                           Place place = Place::here()) {
    const auto made = workshop::Layout::make(size, alignment);
    if (!made) {
        wrong("Layout::make refused a good layout; this step needs task 1.3", place);
    }
    return *made;
}

/// `Watched<BumpAllocator> bump{buffer};` then `bump.allocate(24, 8)` for what is watched, and
/// `bump->used()` for everything else.
template <class A>
class Watched {
public:
    template <class... More>
    HARNESS_OWN explicit Watched(GuardedBuffer& buffer, More&&... more)
        : allocator_{buffer.span(), more...}, shadow_{buffer} {}

    [[nodiscard]] HARNESS_OWN std::byte* allocate(std::size_t size, std::size_t alignment,
                                                  Place place = Place::here()) {
        const workshop::Layout asked = layout(size, alignment, place);
        now_at(place);
        shadow_.about_to_allocate(size, alignment);
        void* const block = allocator_.allocate(asked);
        shadow_.allocated(block);
        return static_cast<std::byte*>(block);
    }

    HARNESS_OWN void deallocate(void* block, std::size_t size, std::size_t alignment,
                                Place place = Place::here()) {
        const workshop::Layout asked = layout(size, alignment, place);
        now_at(place);
        shadow_.about_to_deallocate(block, size, alignment);
        allocator_.deallocate(block, asked);
        shadow_.deallocated();
    }

    HARNESS_OWN bool try_resize(void* block, std::size_t size, std::size_t alignment,
                                std::size_t new_size, Place place = Place::here()) requires
        requires(A a, workshop::Layout l) {
        a.try_resize(nullptr, l, l);
    }
    {
        const workshop::Layout old_layout = layout(size, alignment, place);
        const workshop::Layout new_layout = layout(new_size, alignment, place);
        now_at(place);
        shadow_.about_to_resize(block, size, alignment, new_size);
        const bool done = allocator_.try_resize(block, old_layout, new_layout);
        shadow_.resized(done);
        return done;
    }

    HARNESS_OWN void reset(Place place = Place::here()) {
        now_at(place);
        shadow_.about_to_reset();
        allocator_.reset();
        shadow_.was_reset();
    }

    HARNESS_OWN A& operator*() noexcept { return allocator_; }
    HARNESS_OWN A* operator->() noexcept { return &allocator_; }
    HARNESS_OWN Shadow& shadow() noexcept { return shadow_; }

private:
    A allocator_;
    Shadow shadow_;
};

}  // namespace harness

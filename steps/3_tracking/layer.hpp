// Step 3: what a layer around an allocator passes on: the place of the call, and the members that
// not every allocator has. Given: read it, there is nothing to write here.

#pragma once

#include <alignment.hpp>

#include <concepts>
#include <cstddef>

namespace workshop {

/// A line of the program. As a default argument it is the line of the call:
///     void* allocate(Layout layout, Place place = Place::here()) noexcept;
/// std::source_location does the same; clang 14 does not have it yet.
struct Place {
    const char* file = "";
    int line = 0;

    static constexpr Place here(const char* file = __builtin_FILE(),
                                int line = __builtin_LINE()) noexcept {
        return {file, line};
    }
};

// clang-format off

/// Tells which bytes are its own.
template <class A>
concept HasOwns = requires(A& allocator, const void* pointer) {
    { allocator.owns(pointer) } -> std::same_as<bool>;
};

/// Takes all blocks back at once.
template <class A>
concept HasReset = requires(A& allocator) {
    allocator.reset();
};

/// Tells whether its invariants hold.
template <class A>
concept HasCheck = requires(A& allocator) {
    { allocator.check() } -> std::same_as<bool>;
};

/// Shows its blocks, live and free: visit(offset, size, state).
template <class A, class Visit>
concept HasForEachBlock = requires(A& allocator, Visit& visit) {
    allocator.for_each_block(visit);
};

/// Makes a block larger or smaller where it stands, or returns false.
template <class A>
concept HasTryResize = requires(A& allocator, void* block, Layout layout) {
    { allocator.try_resize(block, layout, layout) } -> std::same_as<bool>;
};

// clang-format on

/// Asks an allocator for a block, and tells it the place where it wants to know. A layer passes
/// its caller's place on with this, or every block would seem to be asked for in the layer.
template <Allocator A>
[[nodiscard]] void* allocate_from(A& upstream, Layout layout, Place place) noexcept {
    if constexpr (requires { upstream.allocate(layout, place); }) {
        return upstream.allocate(layout, place);
    } else {
        return upstream.allocate(layout);
    }
}

/// The same for giving a block back.
template <Allocator A>
void deallocate_to(A& upstream, void* block, Layout layout, Place place) noexcept {
    if constexpr (requires { upstream.deallocate(block, layout, place); }) {
        upstream.deallocate(block, layout, place);
    } else {
        upstream.deallocate(block, layout);
    }
}

/// The same for changing a block's size where it stands.
template <HasTryResize A>
bool try_resize_in(A& upstream, void* block, Layout layout, Layout new_layout,
                   Place place) noexcept {
    if constexpr (requires { upstream.try_resize(block, layout, new_layout, place); }) {
        return upstream.try_resize(block, layout, new_layout, place);
    } else {
        return upstream.try_resize(block, layout, new_layout);
    }
}

}  // namespace workshop

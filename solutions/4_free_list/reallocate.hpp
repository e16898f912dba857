// Step 4: giving a block another size, whatever allocator it came from.
//
//   [ block  . . . . . . ]            the old block stays whole until the new one is there
//   [ block  . . . . . . | new bytes ]
//
// See CONCEPTS.md, "Growing a block".

#pragma once

#include <alignment.hpp>

#include <concepts>
#include <cstring>

namespace workshop {

/// An allocator that can try to resize a block where it stands.
// clang-format off
template <class A>
concept ResizingAllocator = Allocator<A> && requires(A& allocator, void* block, Layout layout) {
    { allocator.try_resize(block, layout, layout) } noexcept -> std::same_as<bool>;
};
// clang-format on

/// Returns a block of layout `to` that begins with the content of `block`, up to the smaller of
/// the two sizes; `block` is given back then, or still the same. nullptr when there is no room;
/// then `block` is as it was. A `block` that is nullptr has no content.
template <Allocator A>
[[nodiscard]] void* reallocate(A& allocator, void* block, Layout from, Layout to) noexcept {
    if (block == nullptr) {
        return allocator.allocate(to);
    }
    if constexpr (ResizingAllocator<A>) {
        if (allocator.try_resize(block, from, to)) {
            return block;
        }
    }
    void* const moved = allocator.allocate(to);
    if (moved != nullptr) {
        std::memcpy(moved, block, from.size() < to.size() ? from.size() : to.size());
        allocator.deallocate(block, from);
    }
    return moved;
}

}  // namespace workshop

// Step 2: a bump allocator.
//
//   [ a a a . b b b b b b | free . . . . . ]
//   ^begin_               ^next_           ^end_
//
// One pointer moves right; nothing is freed until everything is. See CONCEPTS.md, "Bump".

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <span>

namespace workshop {

/// Hands out consecutive pieces of one buffer. Does not own the buffer.
class BumpAllocator {
public:
    explicit BumpAllocator(std::span<std::byte> buffer) noexcept
        : begin_{buffer.data()}, next_{begin_}, end_{begin_ + buffer.size()} {}

    BumpAllocator(const BumpAllocator&) = delete;
    BumpAllocator& operator=(const BumpAllocator&) = delete;

    /// Returns a block of this layout, or nullptr when the buffer has no room left for it. A
    /// failed call changes nothing. O(1).
    [[nodiscard]] void* allocate(Layout layout) noexcept {
        const std::size_t padding = padding_for(next_, layout.alignment());
        const std::size_t room = static_cast<std::size_t>(end_ - next_);
        // The sum does not wrap: a Layout keeps its size, rounded up, below PTRDIFF_MAX.
        if (padding + layout.block_size() > room) {
            return nullptr;
        }
        // SAFETY: what was compared above is at most end_ - next_, so both steps stay in the
        // buffer (1).
        std::byte* const block = next_ + padding;
        next_ = block + layout.block_size();
        return block;
    }

    /// Takes a block back. Only the newest block's bytes can be handed out again; any other
    /// block's wait for reset(). nullptr is ignored. O(1).
    void deallocate(void* block, Layout layout) noexcept {
        if (block == nullptr) {
            return;
        }
        // SAFETY: allocate() handed out `block` as a pointer into our array of bytes; the caller
        // gives it up with the layout it was asked with, so block_size() bytes follow it.
        std::byte* const first = static_cast<std::byte*>(block);
        if (first + layout.block_size() == next_) {
            next_ = first;
        }
    }

    /// Takes all blocks back at once. O(1).
    void reset() noexcept { next_ = begin_; }

    /// Bytes of the buffer in all.
    std::size_t capacity() const noexcept { return static_cast<std::size_t>(end_ - begin_); }

    /// Bytes that are taken, the padding between blocks among them.
    std::size_t used() const noexcept { return static_cast<std::size_t>(next_ - begin_); }

    /// Bytes that are left: capacity() - used().
    std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - next_); }

    /// True when `pointer` points into the buffer, whoever holds that byte now.
    bool owns(const void* pointer) const noexcept {
        // An address before begin_ wraps to a huge offset, so one comparison is enough.
        return address_of(pointer) - address_of(begin_) < capacity();
    }

private:
    // Invariants
    //   1. begin_ <= next_ <= end_, all in one buffer.
    //   2. Every live block lies in [begin_, next_).
    std::byte* begin_;
    std::byte* next_;
    std::byte* end_;
};

static_assert(Allocator<BumpAllocator>);

}  // namespace workshop

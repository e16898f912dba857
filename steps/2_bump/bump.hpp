// Step 2: a bump allocator.
//
//   [ a a a . b b b b b b | free . . . . . ]
//   ^begin_               ^next_           ^end_
//
// One pointer moves right; nothing is freed until everything is. See CONCEPTS.md, "Bump".

#pragma once

#include <alignment.hpp>
#include <todo.hpp>

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
        // TODO 2.1: see whether padding and block fit into what is left; only then move next_.
        // SAFETY: TODO 2.5: why do these pointer steps stay inside the buffer?
        return todo<void*>(layout, next_, end_);
    }

    /// Takes a block back. Only the newest block's bytes can be handed out again; any other
    /// block's wait for reset(). nullptr is ignored. O(1).
    void deallocate(void* block, Layout layout) noexcept {
        // TODO 2.3: if this is the newest block, move next_ back.
        // SAFETY: TODO 2.5: what do you know about `block`, and who promised it?
        todo<void>(block, layout, next_);
    }

    /// Takes all blocks back at once. O(1).
    void reset() noexcept {
        // TODO 2.2: as if nothing had been handed out.
        todo<void>(begin_, next_);
    }

    /// Bytes of the buffer in all.
    std::size_t capacity() const noexcept { return static_cast<std::size_t>(end_ - begin_); }

    /// Bytes that are taken, the padding between blocks among them.
    std::size_t used() const noexcept {
        // TODO 2.2: how far has next_ come?
        return todo<std::size_t>(begin_, next_);
    }

    /// Bytes that are left: capacity() - used().
    std::size_t remaining() const noexcept {
        // TODO 2.2: how far can next_ still go?
        return todo<std::size_t>(next_, end_);
    }

    /// True when `pointer` points into the buffer, whoever holds that byte now.
    bool owns(const void* pointer) const noexcept {
        // TODO 2.2: compare addresses as numbers; between pointers into different buffers, what `<`
        // says is unspecified.
        return todo<bool>(address_of(pointer), address_of(begin_), capacity());
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

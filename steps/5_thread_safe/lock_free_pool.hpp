// Step 5: a pool of blocks of one size, for several threads and without a lock.
//
//   head_ {index 2, tag 7}               the tag grows with every change of head_
//             |
//   links   [ . | 3 | 1 | none ]         beside the blocks: 2 -> 1 -> 3 are free, 0 is live
//   blocks  [ a a a a | free | free | free ]
//
// A stack of free blocks; popping is allocating. See CONCEPTS.md, "ABA".

#pragma once

#include <alignment.hpp>
#include <pause.hpp>
#include <todo.hpp>

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace workshop {

/// Memory travels between cores in pieces of this many bytes.
inline constexpr std::size_t cache_line = 64;

/// Hands out blocks of one layout from one buffer, to as many threads as like, and takes them back
/// from any of them. Does not own the buffer. Stands on cache lines of its own, so that its
/// neighbours are not slowed down. `Atomic` is std::atomic, unless somebody wants to watch.
template <template <class> class Atomic = std::atomic>
class alignas(cache_line) LockFreePool {
public:
    /// As many blocks as the buffer has room for, each with a link of four bytes.
    LockFreePool(std::span<std::byte> buffer, Layout block) noexcept
        : block_{block},
          stride_{align_up(block.block_size(), block.alignment())},
          capacity_{capacity_of(buffer, block)} {
        // TODO 5.4: set blocks_ and links_ to their places in the buffer (placement new makes an
        // array of Links), lead each link to the next block, and begin the list with block 0.
        todo<void>(buffer, links_, blocks_, head_);
    }

    LockFreePool(const LockFreePool&) = delete;
    LockFreePool& operator=(const LockFreePool&) = delete;

    /// Returns a block, or nullptr when none is free or the layout asks for more, in size or in
    /// alignment, than the blocks have. Lock-free: whoever has to try again was overtaken by
    /// somebody who did not.
    [[nodiscard]] void* allocate(Layout layout) noexcept {
        // TODO 5.4: refuse what the blocks are too small or not aligned enough for; pop an index,
        // and say where that block is.
        return todo<void*>(layout, block_, blocks_, stride_);
    }

    /// Takes a block back. nullptr is ignored.
    void deallocate(void* block, Layout /*layout*/) noexcept {
        // TODO 5.4: work out the index of the block, and push it.
        todo<void>(block, blocks_, stride_);
    }

    /// The number of blocks, live and free.
    std::size_t capacity() const noexcept { return capacity_; }

    /// True when `pointer` points into a block, whoever holds it now.
    bool owns(const void* pointer) const noexcept {
        // TODO 5.4: all blocks together are one range of addresses.
        return todo<bool>(address_of(pointer), address_of(blocks_), stride_, capacity_);
    }

private:
    using Link = Atomic<std::uint32_t>;

    /// A link that leads nowhere.
    static constexpr std::uint32_t none = UINT32_MAX;

    /// What one exchange compares and changes as a whole.
    struct alignas(8) Head {  // clang inlines the exchange only where the type itself is aligned
        std::uint32_t index;
        std::uint32_t tag;
    };
    static_assert(Atomic<Head>::is_always_lock_free);
    static_assert(Link::is_always_lock_free);

    /// Takes the first block off the list; none when the list is empty.
    std::uint32_t pop() noexcept {
        // TODO 5.4: read the head and the link of its block, and make that link the head, unless
        // the head has changed meanwhile; even if it has changed back.
        return todo<std::uint32_t>(head_, links_, none);
    }

    /// Puts a block in front of the list.
    void push(std::uint32_t index) noexcept {
        // TODO 5.4: lead the link of this block to the head, and make the block the head, unless
        // the head has changed meanwhile. What must be visible to whoever pops it?
        todo<void>(index, head_, links_);
    }

    /// How many blocks fit into the buffer together with their links.
    static std::uint32_t capacity_of(std::span<std::byte> buffer, Layout block) noexcept {
        // TODO 5.4: the blocks, aligned, and behind them a link for each, aligned as well.
        return todo<std::uint32_t>(buffer, block, sizeof(Link), alignof(Link));
    }

    // Invariants
    //   1. Every block is either live or on the list that begins at head_.index, never both.
    //   2. links_[i] is the index behind block i while i is on the list. Only who holds block i
    //      writes it; everybody may read it, whoever holds the block.
    //   3. Each change of head_ gives it a tag that it has not had for 2^32 changes.
    Layout block_;
    std::size_t stride_;
    std::uint32_t capacity_;
    std::byte* blocks_ = nullptr;
    Link* links_ = nullptr;
    alignas(cache_line) Atomic<Head> head_ = Head{none, 0};
};

static_assert(Allocator<LockFreePool<>>);

}  // namespace workshop

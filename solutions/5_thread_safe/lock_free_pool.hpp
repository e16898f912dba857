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
        if (capacity_ == 0) {
            return;
        }
        // SAFETY: capacity_of() left room for the padding, the blocks and the links behind them.
        // Nobody else holds these bytes, and they are aligned for a Link.
        blocks_ = align_up(buffer.data(), block.alignment());
        std::byte* const first = align_up(blocks_ + capacity_ * stride_, alignof(Link));
        links_ = ::new (static_cast<void*>(first)) Link[capacity_];
        // ORDER: relaxed, here and for the head: nobody else knows of this pool yet.
        for (std::uint32_t i = 0; i < capacity_; ++i) {
            const std::uint32_t next = i + 1 == capacity_ ? none : i + 1;
            links_[i].store(next, std::memory_order_relaxed);
        }
        head_.store({0, 0}, std::memory_order_relaxed);
    }

    LockFreePool(const LockFreePool&) = delete;
    LockFreePool& operator=(const LockFreePool&) = delete;

    /// Returns a block, or nullptr when none is free or the layout asks for more, in size or in
    /// alignment, than the blocks have. Lock-free: whoever has to try again was overtaken by
    /// somebody who did not.
    [[nodiscard]] void* allocate(Layout layout) noexcept {
        if (layout.size() > block_.block_size() || layout.alignment() > block_.alignment()) {
            return nullptr;
        }
        const std::uint32_t index = pop();
        // SAFETY: an index other than none is one of the blocks (1).
        return index == none ? nullptr : blocks_ + index * stride_;
    }

    /// Takes a block back. nullptr is ignored.
    void deallocate(void* block, Layout /*layout*/) noexcept {
        if (block == nullptr) {
            return;
        }
        assert(owns(block) && "this block is not from this pool");
        push(static_cast<std::uint32_t>((address_of(block) - address_of(blocks_)) / stride_));
    }

    /// The number of blocks, live and free.
    std::size_t capacity() const noexcept { return capacity_; }

    /// True when `pointer` points into a block, whoever holds it now.
    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(blocks_) < capacity_ * stride_;
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
        for (Backoff backoff;; backoff.wait()) {
            // ORDER: acquire pairs with the release in push(): we see the link of this block, and
            // its last user is done with its bytes.
            Head head = head_.load(std::memory_order_acquire);
            if (head.index == none) {
                return none;
            }
            // ORDER: relaxed: if another thread has popped this block and pushed it again, the link
            // may be a newer one than belongs to `head`. But then the tag has changed as well, and
            // the exchange fails.
            const Head next{links_[head.index].load(std::memory_order_relaxed), head.tag + 1};
            // ORDER: relaxed: where it succeeds, the head is the very one that we have acquired.
            if (head_.compare_exchange_weak(head, next, std::memory_order_relaxed)) {
                return head.index;
            }
        }
    }

    /// Puts a block in front of the list.
    void push(std::uint32_t index) noexcept {
        for (Backoff backoff;; backoff.wait()) {
            // ORDER: relaxed: of the first block we need only the name, and do not look at it.
            Head head = head_.load(std::memory_order_relaxed);
            // ORDER: relaxed: the exchange publishes the link together with everything else.
            links_[index].store(head.index, std::memory_order_relaxed);
            const Head next{index, head.tag + 1};
            // ORDER: release publishes the link, and what we did with the block, to whoever pops
            // it. Exchanges of other threads in between do not break the chain: a
            // read-modify-write passes on what it has read.
            if (head_.compare_exchange_weak(head, next, std::memory_order_release,
                                            std::memory_order_relaxed)) {
                return;
            }
        }
    }

    /// How many blocks fit into the buffer together with their links.
    static std::uint32_t capacity_of(std::span<std::byte> buffer, Layout block) noexcept {
        // In front of the blocks, and between them and the links.
        const std::size_t padding =
            padding_for(buffer.data(), block.alignment()) + (alignof(Link) - 1);
        if (padding > buffer.size()) {
            return 0;
        }
        const std::size_t stride = align_up(block.block_size(), block.alignment());
        const std::size_t count = (buffer.size() - padding) / (stride + sizeof(Link));
        return count < none ? static_cast<std::uint32_t>(count) : none;
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

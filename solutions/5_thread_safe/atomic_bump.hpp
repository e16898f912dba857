// Step 5: the bump allocator of step 2, for several threads and without a lock.
//
//   [ a a a . b b b b b b | free . . . . . ]
//                         ^ used_
//   a thread reads used_, works out its block, and moves used_ if nobody else has meanwhile
//
// Who comes too late works it out anew. See CONCEPTS.md, "Compare-exchange".

#pragma once

#include <alignment.hpp>

#include <atomic>
#include <cstddef>
#include <span>

namespace workshop {

/// Hands out consecutive pieces of one buffer, to as many threads as like. Does not own the buffer.
/// `Atomic` is std::atomic, unless somebody wants to watch.
template <template <class> class Atomic = std::atomic>
class AtomicBump {
public:
    explicit AtomicBump(std::span<std::byte> buffer) noexcept : buffer_{buffer} {}

    AtomicBump(const AtomicBump&) = delete;
    AtomicBump& operator=(const AtomicBump&) = delete;

    /// Returns a block of this layout, or nullptr when the buffer has no room left for it. A
    /// failed call changes nothing. Lock-free: whoever has to try again was overtaken by somebody
    /// who did not.
    [[nodiscard]] void* allocate(Layout layout) noexcept {
        // ORDER: relaxed, here and where the exchange fails: used_ is a number to calculate with,
        // and the exchange tells whether it still holds.
        std::size_t used = used_.load(std::memory_order_relaxed);
        while (true) {
            // SAFETY: used is a value of used_, so at most buffer_.size() (1).
            const std::size_t padding = padding_for(buffer_.data() + used, layout.alignment());
            // The sum does not wrap: a Layout keeps its size, rounded up, below PTRDIFF_MAX.
            if (padding + layout.block_size() > buffer_.size() - used) {
                return nullptr;
            }
            const std::size_t block = used + padding;
            // ORDER: acquire pairs with the release in deallocate(): whoever had these bytes before
            // us is done with them.
            if (used_.compare_exchange_weak(used, block + layout.block_size(),
                                            std::memory_order_acquire, std::memory_order_relaxed)) {
                // SAFETY: the block ends inside the buffer, as was compared above.
                return buffer_.data() + block;
            }
        }
    }

    /// Takes a block back. Only the newest block's bytes can be handed out again; any other
    /// block's wait for reset(). nullptr is ignored. Never waits.
    void deallocate(void* block, Layout layout) noexcept {
        if (block == nullptr) {
            return;
        }
        const std::size_t begin = address_of(block) - address_of(buffer_.data());
        std::size_t end = begin + layout.block_size();
        // While our block lives, used_ equals its end only when nothing is behind it (2), not even
        // padding that was left there.
        // ORDER: release publishes what we did with the bytes to whoever gets them next. Where the
        // block is not the newest nobody gets them, so there is nothing to publish.
        used_.compare_exchange_strong(end, begin, std::memory_order_release,
                                      std::memory_order_relaxed);
    }

    /// Takes all blocks back at once. Not while other threads are at work.
    void reset() noexcept {
        // ORDER: relaxed: whoever lets the other threads go on tells them more than this could.
        used_.store(0, std::memory_order_relaxed);
    }

    /// Bytes of the buffer in all.
    std::size_t capacity() const noexcept { return buffer_.size(); }

    /// Bytes that are taken, the padding between blocks among them. While other threads allocate,
    /// a number that was right at one moment of this call.
    std::size_t used() const noexcept {
        // ORDER: relaxed: a number to be told, from which nobody concludes anything about memory.
        return used_.load(std::memory_order_relaxed);
    }

    /// Bytes that are left: capacity() - used(), of one moment.
    std::size_t remaining() const noexcept { return capacity() - used(); }

    /// True when `pointer` points into the buffer, whoever holds that byte now.
    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(buffer_.data()) < buffer_.size();
    }

private:
    static_assert(Atomic<std::size_t>::is_always_lock_free);

    // Invariants
    //   1. used_ is at most buffer_.size().
    //   2. Live blocks lie in the first used_ bytes and do not overlap.
    std::span<std::byte> buffer_;
    Atomic<std::size_t> used_ = 0;
};

static_assert(Allocator<AtomicBump<>>);

}  // namespace workshop

// Step 5: the bump allocator of step 2, for several threads and without a lock.
//
//   [ a a a . b b b b b b | free . . . . . ]
//                         ^ used_
//   a thread reads used_, works out its block, and moves used_ if nobody else has meanwhile
//
// Who comes too late works it out anew. See CONCEPTS.md, "Compare-exchange".

#pragma once

#include <alignment.hpp>
#include <todo.hpp>

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
        // TODO 5.3: work out where the block would be if nobody else came, and take it if nobody
        // has. Otherwise work it out anew. Which order does the exchange need, when deallocate() is
        // taken into account?
        return todo<void*>(layout, buffer_, used_);
    }

    /// Takes a block back. Only the newest block's bytes can be handed out again; any other
    /// block's wait for reset(). nullptr is ignored. Never waits.
    void deallocate(void* block, Layout layout) noexcept {
        // TODO 5.3: if this is the newest block, and in the same operation, move used_ back.
        todo<void>(block, layout, buffer_, used_);
    }

    /// Takes all blocks back at once. Not while other threads are at work.
    void reset() noexcept {
        // TODO 5.3: as if nothing had been handed out.
        todo<void>(used_);
    }

    /// Bytes of the buffer in all.
    std::size_t capacity() const noexcept { return buffer_.size(); }

    /// Bytes that are taken, the padding between blocks among them. While other threads allocate,
    /// a number that was right at one moment of this call.
    std::size_t used() const noexcept {
        // TODO 5.3: which order does a number need that is only told?
        return todo<std::size_t>(used_);
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

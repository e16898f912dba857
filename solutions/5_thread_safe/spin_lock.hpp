// Step 5: a lock that waits by looking.
//
//   a   exchange: was free . . works . . store: free
//   b     exchange: was taken . look . look . look . look . exchange: was free . . works
//
// One flag. Who turns it from free to taken has the lock. See CONCEPTS.md, "Locks".

#pragma once

#include <pause.hpp>

#include <sched.h>

#include <atomic>

namespace workshop {

/// A lock for critical sections of a few instructions; meets *Lockable*. Not recursive. `Atomic`
/// is std::atomic, unless somebody wants to watch.
template <template <class> class Atomic = std::atomic>
class SpinLock {
public:
    SpinLock() noexcept = default;

    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

    /// Returns when the caller has the lock. Everything that earlier holders did is then done.
    /// Whoever waits only reads the flag, and soon gives up the processor at every look.
    void lock() noexcept {
        while (!try_lock()) {
            wait_until_free();
        }
    }

    /// Takes the lock if it is free; true when the caller has it now. Never waits.
    [[nodiscard]] bool try_lock() noexcept {
        // ORDER: acquire pairs with the release in unlock(): what the holder before us did, we see.
        return !taken_.exchange(true, std::memory_order_acquire);
    }

    /// Gives the lock back. Requires that the caller has it.
    void unlock() noexcept {
        // ORDER: release publishes what we did to whoever takes the lock next (try_lock).
        taken_.store(false, std::memory_order_release);
    }

private:
    void wait_until_free() const noexcept {
        // ORDER: relaxed: we learn only that it is worth trying; try_lock() does the acquiring.
        for (unsigned looks = 0; taken_.load(std::memory_order_relaxed); ++looks) {
            if (looks < patience) {
                pause();
            } else {
                sched_yield();  // the holder may be waiting for this very processor
            }
        }
    }

    // About as long as a critical section lasts that a spin lock is good for.
    static constexpr unsigned patience = 64;

    // Invariant: true while somebody has the lock; only that thread makes it false.
    Atomic<bool> taken_ = false;
};

}  // namespace workshop

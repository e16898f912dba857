// Step 5: a lock that waits by looking.
//
//   a   exchange: was free . . works . . store: free
//   b     exchange: was taken . look . look . look . look . exchange: was free . . works
//
// One flag. Who turns it from free to taken has the lock. See CONCEPTS.md, "Locks".

#pragma once

#include <pause.hpp>
#include <todo.hpp>

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
        // TODO 5.1: until you have the lock, wait for it to be free by reading alone: pause()
        // between the first few dozen looks, sched_yield() from then on.
        todo<void>(taken_);
    }

    /// Takes the lock if it is free; true when the caller has it now. Never waits.
    [[nodiscard]] bool try_lock() noexcept {
        // TODO 5.1: look and take in one operation.
        // ORDER: TODO 5.1: with what does it pair?
        return todo<bool>(taken_);
    }

    /// Gives the lock back. Requires that the caller has it.
    void unlock() noexcept {
        // TODO 5.1: let the next one in.
        // ORDER: TODO 5.1: what must the next holder see?
        todo<void>(taken_);
    }

private:
    // Invariant: true while somebody has the lock; only that thread makes it false.
    Atomic<bool> taken_ = false;
};

}  // namespace workshop

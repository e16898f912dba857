// The lock of the heap.
//
// std::mutex would do, but for fork(): the child has one thread, and the lock must be free there
// whoever held it. So there is one state for the whole process, which the functions below can
// reach.

#pragma once

#include <linux/futex.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace preload {

/// A lock that sleeps in the kernel while it waits, after Ulrich Drepper's "Futexes Are Tricky"
/// (2011), mutex 2. While the process has one thread it costs two stores.
class HeapLock {
public:
    void lock() noexcept {
        // ORDER: relaxed: there is no other thread. None begins while we are here, either: it is
        // this thread that would have to begin it.
        if (__libc_single_threaded != 0) {
            state_.store(taken, std::memory_order_relaxed);
            return;
        }
        std::uint32_t expected = open;
        // ORDER: acquire pairs with the release in unlock().
        if (!state_.compare_exchange_strong(expected, taken, std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
            wait();
        }
    }

    void unlock() noexcept {
        if (__libc_single_threaded != 0) {
            state_.store(open, std::memory_order_relaxed);
            return;
        }
        if (is_before_fork()) {
            return;
        }
        // ORDER: release shows what we did to whoever takes the lock next.
        if (state_.exchange(open, std::memory_order_release) == contended) {
            futex(FUTEX_WAKE_PRIVATE, 1);
        }
    }

    bool try_lock() noexcept {
        std::uint32_t expected = open;
        return state_.compare_exchange_strong(expected, taken, std::memory_order_acquire,
                                              std::memory_order_relaxed) ||
               is_before_fork();
    }

    /// Between fork()'s handlers: this thread keeps the lock, and may go through it all the same,
    /// since other libraries' handlers may want memory.
    void lock_for_fork() noexcept {
        lock();
        forking_.store(this_thread(), std::memory_order_relaxed);
    }

    void unlock_in_parent() noexcept {
        forking_.store(0, std::memory_order_relaxed);
        unlock();
    }

    /// Nobody else is left: who waited for the lock is not in this process.
    void unlock_in_child() noexcept {
        forking_.store(0, std::memory_order_relaxed);
        state_.store(open, std::memory_order_relaxed);
    }

    bool is_taken() const noexcept { return state_.load(std::memory_order_relaxed) != open; }

private:
    enum : std::uint32_t { open, taken, contended };

    static long this_thread() noexcept { return syscall(SYS_gettid); }

    /// True when this thread holds the lock for a fork.
    bool is_before_fork() const noexcept {
        const long who = forking_.load(std::memory_order_relaxed);
        return who != 0 && who == this_thread();
    }

    void futex(int operation, std::uint32_t value) noexcept {
        const int error = errno;  // free() must not change it
        syscall(SYS_futex, &state_, operation, value, nullptr, nullptr, 0);
        errno = error;
    }

    void wait() noexcept {
        if (is_before_fork()) {
            return;
        }
        for (int looks = 0; looks < 100; ++looks) {
            std::uint32_t expected = open;
            if (state_.load(std::memory_order_relaxed) == open &&
                state_.compare_exchange_weak(expected, taken, std::memory_order_acquire,
                                             std::memory_order_relaxed)) {
                return;
            }
        }
        while (state_.exchange(contended, std::memory_order_acquire) != open) {
            futex(FUTEX_WAIT_PRIVATE, contended);
        }
    }

    std::atomic<std::uint32_t> state_ = open;
    std::atomic<long> forking_ = 0;  // the thread that is about to fork, or 0
};

inline constinit HeapLock heap_lock;

/// What Locked is given: every one of them is the lock of the heap.
struct HeapMutex {
    void lock() noexcept { heap_lock.lock(); }
    void unlock() noexcept { heap_lock.unlock(); }
    bool try_lock() noexcept { return heap_lock.try_lock(); }
};

}  // namespace preload

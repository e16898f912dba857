// Threads for judges, without <thread>, which costs more than a judge. What runs on them must not
// assert: what it finds out is for the judge to look at afterwards.

#pragma once

#include <harness/function_ref.hpp>
#include <harness/own.hpp>

#include <atomic>
#include <cstddef>

namespace harness {

/// Calls `work(0)` and `work(1)`, each on a thread of its own, at the same moment, and returns
/// when both have returned.
void in_two_threads(FunctionRef<std::size_t> work);

/// Lets two threads run until they have often got in each other's way, on however few processors.
class Overlap {
public:
    /// The condition of a loop in `work(thread)`: false when there was overlap enough, or when
    /// 300 ms have passed.
    bool go_on(std::size_t thread) noexcept;

    /// Rounds of both loops together.
    HARNESS_OWN std::size_t rounds() const noexcept { return rounds_[0] + rounds_[1]; }

private:
    static constexpr std::size_t enough = 3000;

    std::atomic<std::size_t> rounds_[2] = {};
    std::size_t seen_[2] = {};  // by this thread, of the other
    std::atomic<std::size_t> overlaps_ = 0;
    std::atomic<bool> done_ = false;
    std::atomic<long> deadline_ = 0;
};

/// Calls `work()` on another thread and waits until it has returned, but not longer than
/// `milliseconds`: perhaps it has to wait for something that the caller does later. The thread
/// ends before the program does.
void in_another_thread(FunctionRef<> work, int milliseconds);

/// Waits until everything that in_another_thread() has begun is done.
void join_other_threads();

}  // namespace harness

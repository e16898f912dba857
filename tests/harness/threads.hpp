// Threads for judges, without <thread>, which costs more than a judge. What runs on them must not
// assert: what it finds out is for the judge to look at afterwards.

#pragma once

#include <harness/function_ref.hpp>

#include <atomic>
#include <cstddef>

namespace harness {

/// A place where two threads wait for each other, as often as they like.
class Meeting {
public:
    void wait() noexcept;

private:
    std::atomic<unsigned> arrivals_ = 0;
};

/// Calls `work(0)` and `work(1)`, each on a thread of its own, at the same moment, and returns
/// when both have returned.
void in_two_threads(FunctionRef<std::size_t> work);

/// Calls `work()` on another thread and waits until it has returned, but not longer than
/// `milliseconds`: perhaps it has to wait for something that the caller does later. The thread
/// ends before the program does.
void in_another_thread(FunctionRef<> work, int milliseconds);

/// Waits until everything that in_another_thread() has begun is done.
void join_other_threads();

}  // namespace harness

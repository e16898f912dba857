// Two threads that do things at the same moment. For judges with the precompiled header
// harness/pch/threads.hpp: <thread> costs more than a judge.

#pragma once

#include <atomic>
#include <cstddef>
#include <thread>

namespace harness {

/// A place where two threads wait for each other, as often as they like.
class Meeting {
public:
    void wait() noexcept {
        const unsigned before = arrivals_.fetch_add(1);
        const unsigned both = (before | 1U) + 1;
        for (int patience = 1000; arrivals_.load() < both; --patience) {
            if (patience <= 0) {
                std::this_thread::yield();
            }
        }
    }

private:
    std::atomic<unsigned> arrivals_ = 0;
};

/// Calls `work(0)` and `work(1)`, each on a thread of its own, and returns when both have. They
/// must not assert: what they find out is for the judge to look at afterwards.
template <class Work>
void in_two_threads(Work work) {
    Meeting start;
    const auto run = [&](std::size_t thread) {
        start.wait();
        work(thread);
    };
    std::thread first{run, std::size_t{0}};
    std::thread second{run, std::size_t{1}};
    first.join();
    second.join();
}

}  // namespace harness

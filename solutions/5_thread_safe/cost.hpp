// Step 5: what an operation costs when several threads do it at once.
//
//   thread 0   . . |==============|
//   thread 1   |===================|         all wait for the last, then begin together
//   thread 2   . |============|
//              ^ begin             ^ end
//
// A clock, and a start signal. See CONCEPTS.md, "Contention".

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <latch>
#include <thread>
#include <vector>

namespace workshop {

/// What measure() found out.
struct Cost {
    double operations_per_second = 0;  // of all threads together
    double unfairness = 0;             // the time of the slowest thread, over that of the fastest
};

/// Calls `operation(thread)` `operations` times on each of `threads` threads, numbered from 0. They
/// begin at the same moment: none before all are there. The time that counts goes from the first
/// beginning to the last end. Requires at least one thread and one operation.
template <class Operation>
Cost measure(unsigned threads, std::size_t operations, Operation operation) {
    using Clock = std::chrono::steady_clock;
    struct Span {
        Clock::time_point begin, end;
        double seconds() const { return std::chrono::duration<double>(end - begin).count(); }
    };
    std::vector<Span> spans(threads);
    std::latch start{threads};

    std::vector<std::thread> workers;
    for (unsigned thread = 0; thread < threads; ++thread) {
        workers.emplace_back([&, thread] {
            start.arrive_and_wait();
            const Clock::time_point begin = Clock::now();
            for (std::size_t i = 0; i < operations; ++i) {
                operation(thread);
            }
            // Once for each thread: two that write to one cache line do not matter here.
            spans[thread] = {begin, Clock::now()};
        });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }

    Span all = spans.front();
    double fastest = all.seconds();
    double slowest = all.seconds();
    for (const Span& span : spans) {
        all = {std::min(all.begin, span.begin), std::max(all.end, span.end)};
        fastest = std::min(fastest, span.seconds());
        slowest = std::max(slowest, span.seconds());
    }
    const double count = static_cast<double>(threads) * static_cast<double>(operations);
    return {count / all.seconds(), slowest / fastest};
}

}  // namespace workshop

// Step 5: what an operation costs when several threads do it at once.
//
//   thread 0   . . |==============|
//   thread 1   |===================|         all wait for the last, then begin together
//   thread 2   . |============|
//              ^ begin             ^ end
//
// A clock, and a start signal. See CONCEPTS.md, "Contention".

#pragma once

#include <todo.hpp>

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
    // TODO 5.5: start the threads, let them wait for each other, note for each when it begins and
    // when it ends, and work out both numbers.
    return todo<Cost>(threads, operations, operation);
}

}  // namespace workshop

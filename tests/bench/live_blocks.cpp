// Random churn with any number of live blocks, for live_blocks.py, which builds and runs it.
//
//   live_blocks CONTENDER LIVE STEPS     prints the nanoseconds an operation
//
// A step is two operations, a deallocate and an allocate. `touch` is the same loop without an
// allocator: it finds a block and writes into it.

#include "churn.hpp"

#include <bins.hpp>
#include <free_list.hpp>

#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace {

/// Processor time of this thread.
double nanoseconds() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

}  // namespace

/// What is measured, under a name that valgrind's --toggle-collect knows it by.
template <class A>
[[gnu::noinline]] bool measured_steps(bench::Churn& churn, A& allocator, std::size_t steps) {
    bool good = true;
    for (std::size_t i = 0; i < steps; ++i) {
        good = good && churn.step(allocator);
    }
    return good;
}

[[gnu::noinline]] void measured_touches(bench::Churn& churn, std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
        churn.touch();
    }
}

namespace {

template <class A>
double measure(A& allocator, std::size_t live, std::size_t steps, bool touch) {
    bench::Churn churn{live};
    bool good = churn.begin(allocator);
    const double begin = nanoseconds();
    if (touch) {
        measured_touches(churn, steps);
    } else {
        good = good && measured_steps(churn, allocator, steps);
    }
    const double end = nanoseconds();
    if (!good) {
        std::fputs("no block, in a buffer that is large enough\n", stderr);
        std::exit(1);
    }
    return (end - begin) / static_cast<double>(2 * steps);
}

template <class Placement>
double measure_free_list(std::size_t live, std::size_t steps) {
    const std::size_t size = bench::Churn::ample_buffer(live);
    const std::unique_ptr<std::byte[]> buffer{new std::byte[size]};
    workshop::FreeListAllocator<Placement> allocator{{buffer.get(), size}};
    return measure(allocator, live, steps, false);
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) {
        std::fputs("expected CONTENDER LIVE STEPS\n", stderr);
        return 2;
    }
    const std::string_view contender = words[1];
    const std::size_t live = std::strtoull(words[2], nullptr, 10);
    const std::size_t steps = std::strtoull(words[3], nullptr, 10);
    bench::Malloc malloc;
    double result = 0;
    if (contender == "bins") {
        result = measure_free_list<workshop::SegregatedFit>(live, steps);
    } else if (contender == "first_fit") {
        result = measure_free_list<workshop::FirstFit>(live, steps);
    } else if (contender == "best_fit") {
        result = measure_free_list<workshop::BestFit>(live, steps);
    } else if (contender == "malloc" || contender == "touch") {
        result = measure(malloc, live, steps, contender == "touch");
    } else {
        std::fputs("expected bins, first_fit, best_fit, malloc or touch\n", stderr);
        return 2;
    }
    std::printf("%.3f\n", result);
    return 0;
}

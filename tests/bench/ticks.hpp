// A clock for single calls: the processor's time-stamp counter, or the system's clock where there
// is none that a program may read.

#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

namespace bench {

/// The time in ticks. What stands before it in the program is done, and what stands behind it has
/// not begun.
inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    // rdtsc waits for nobody; lfence waits until all before it is done, and holds up what follows.
    _mm_lfence();
    const std::uint64_t now = __rdtsc();
    _mm_lfence();
    return now;
#elif defined(__aarch64__)
    std::uint64_t now = 0;
    asm volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(now)::"memory");
    return now;
#else
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// How long a tick is, in nanoseconds: measured once, over twenty milliseconds.
inline double nanoseconds_a_tick() {
    static const double length = [] {
        using Clock = std::chrono::steady_clock;
        const Clock::time_point begin = Clock::now();
        const std::uint64_t first = ticks();
        Clock::time_point end = begin;
        while (end - begin < std::chrono::milliseconds{20}) {
            end = Clock::now();
        }
        const std::uint64_t last = ticks();
        return std::chrono::duration<double, std::nano>(end - begin).count() /
               static_cast<double>(last - first);
    }();
    return length;
}

}  // namespace bench

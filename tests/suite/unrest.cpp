// Makes races likely. The subjects for several threads are compiled with -finstrument-functions, so
// this is called at the beginning and at the end of each of their functions, however small. Now and
// then a thread stops there, in the middle of whatever the allocator was about to do, until another
// one has got on; a race that needs two threads within the same few instructions so happens soon,
// on any machine.

#include <suite/unrest.hpp>

#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#define NOT_INSTRUMENTED __attribute__((no_instrument_function))

namespace {

bool is_on = false;

std::atomic<std::uint32_t> next_thread = 1;  // also where a thread's random numbers begin
// One for every eighth call of a thread: all of them would make the threads wait for each other's
// cache line, and so keep step.
std::atomic<std::uint32_t> progress = 0;

/// One thread's turns at stopping.
class Stops {
public:
    NOT_INSTRUMENTED void at_call() {
        if (++calls_ % 8 == 0) {
            progress.fetch_add(1, std::memory_order_relaxed);
        }
        if (random() % often == 0) {
            stop();
        }
    }

private:
    static constexpr std::uint32_t often = 256;

    /// Until others have done as much as a call of the allocator or a few; not for long, as they
    /// may wait for us, or be through. Who waits in vain tries less often.
    NOT_INSTRUMENTED void stop() {
        if (skip_ != 0) {
            --skip_;
            return;
        }
        using Clock = std::chrono::steady_clock;
        const std::uint32_t before = progress.load(std::memory_order_relaxed);
        const std::uint32_t wanted = 1 + random() % 4;
        const Clock::time_point end = Clock::now() + std::chrono::microseconds{50};
        do {
            sched_yield();
            if (progress.load(std::memory_order_relaxed) - before >= wanted) {
                in_vain_ = 0;
                return;
            }
        } while (Clock::now() < end);
        in_vain_ = in_vain_ < most_in_vain ? in_vain_ + 1 : in_vain_;
        skip_ = (1U << in_vain_) - 1;
    }

    /// Xorshift (Marsaglia, 2003).
    NOT_INSTRUMENTED std::uint32_t random() {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 17U;
        state_ ^= state_ << 5U;
        return state_ >> 8U;
    }

    static constexpr unsigned most_in_vain = 4;

    std::uint32_t state_ = next_thread++ * 0x9E3779B9U;
    std::uint32_t calls_ = 0;
    unsigned in_vain_ = 0;
    unsigned skip_ = 0;
};

NOT_INSTRUMENTED void at_call() {
    if (is_on) {
        thread_local Stops stops;
        stops.at_call();
    }
}

}  // namespace

void suite::set_unrest(bool on, unsigned attempt) {
    is_on = on;
    next_thread = 1 + 1000 * attempt;
}

extern "C" {

NOT_INSTRUMENTED void __cyg_profile_func_enter(void* function, void* caller);
NOT_INSTRUMENTED void __cyg_profile_func_exit(void* function, void* caller);

void __cyg_profile_func_enter(void*, void*) {
    at_call();
}

void __cyg_profile_func_exit(void*, void*) {
    at_call();
}
}

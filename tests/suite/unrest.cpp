// Makes races likely. The subjects for several threads are compiled with -finstrument-functions, so
// this is called at the beginning and at the end of each of their functions, however small. Now and
// then it gives up the processor there, in the middle of whatever the allocator was about to do; a
// race that needs two threads within the same few instructions so happens soon, on any machine.

#include <suite/unrest.hpp>

#include <sched.h>

#include <atomic>
#include <cstdint>

#define NOT_INSTRUMENTED __attribute__((no_instrument_function))

namespace {

bool is_on = false;

std::atomic<std::uint32_t> next_thread = 1;

/// True about once in 32 times.
NOT_INSTRUMENTED bool is_time() {
    thread_local std::uint32_t state = next_thread++ * 0x9E3779B9U;
    state ^= state << 13U;  // xorshift (Marsaglia, 2003)
    state ^= state >> 17U;
    state ^= state << 5U;
    return state >> 27U == 0;
}

}  // namespace

void suite::set_unrest(bool on) {
    is_on = on;
}

extern "C" {

NOT_INSTRUMENTED void __cyg_profile_func_enter(void* function, void* caller);
NOT_INSTRUMENTED void __cyg_profile_func_exit(void* function, void* caller);

void __cyg_profile_func_enter(void*, void*) {
    if (is_on && is_time()) {
        sched_yield();
    }
}

void __cyg_profile_func_exit(void*, void*) {
    if (is_on && is_time()) {
        sched_yield();
    }
}
}

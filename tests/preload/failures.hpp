// What may go wrong under a program, and how it is told: on standard error, once.

#pragma once

#include "story.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace preload {

/// The allocator handed out a block that it must not.
struct Failure {
    const char* what;  // "overlaps a block that is in use"
    const void* block;
    std::size_t size;
    std::size_t alignment;
};

/// Tells it and aborts.
[[noreturn]] void tell_failure(const Failure& failure, const Scene& scene) noexcept;

/// The program gave back what it never got. Tells it and aborts, as glibc does.
[[noreturn]] void tell_foreign_pointer(const char* function, const void* block) noexcept;

/// What a crash is judged by.
struct Evidence {
    bool (*is_inside)() noexcept;  // is this thread in the allocator?
    Scene (*now)() noexcept;       // what the allocator is doing
    Scene (*at)(const void* place) noexcept;
    // Calls found(place), which does not return, where the heap is not in order.
    void (*look_for_damage)(void (*found)(const void* place)) noexcept;
};

/// From here on a crash is told when it happens in the allocator, or the heap is not in order. All
/// other crashes are the program's own. The program sees nothing of this: it finds the signals as
/// they were (see signals.cpp). A todo() that is reached is told, too, and ends the program with
/// exit code 2.
void watch_for_failures(Evidence evidence) noexcept;

/// To be called before the program has done anything: many close standard error before they end.
void prepare_report() noexcept;

/// Where the report is wanted: standard error, or the file that WORKSHOP_REPORT names. -1 where
/// that cannot be written.
int open_report() noexcept;

/// Calls `write` with a text that goes there, behind a line with the program's name.
template <class Write>
void write_report(Write write) noexcept {
    const int descriptor = open_report();
    if (descriptor >= 0) {
        Text text{descriptor};
        text.print("%s, process %d\n", program_invocation_short_name, static_cast<int>(getpid()));
        write(text);
    }
}

}  // namespace preload

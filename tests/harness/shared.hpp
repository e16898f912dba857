// Memory that a process shares with those that it starts.

#pragma once

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <new>

namespace harness {

/// A T that is shared with the processes that this one starts from now on. It is never given back.
template <class T>
T& new_shared() {
    // Pages of zeros; one costs nothing until it is written to.
    void* const memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        std::perror("harness: no memory to share");
        std::abort();
    }
    return *::new (memory) T;
}

}  // namespace harness

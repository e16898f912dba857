#include "yardsticks.hpp"

#include "replay.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <thread>

namespace traces {
namespace {

using workshop::Layout;

// The arena of a thread begins at a multiple of this, which is also its largest size; larger blocks
// than a half of it are never in an arena.
constexpr std::size_t arena_bytes = std::size_t{64} << 20;

#ifdef __GLIBC__
void keep_memory() {
    mallopt(M_MMAP_THRESHOLD, static_cast<int>(arena_bytes / 2));
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
}
#endif

struct Malloc {
    void* allocate(Layout layout) {
        if (layout.alignment() <= default_alignment) {
            return std::malloc(layout.block_size());
        }
        void* block = nullptr;
        return posix_memalign(&block, layout.alignment(), layout.block_size()) == 0 ? block
                                                                                    : nullptr;
    }

    void deallocate(void* block, Layout) { std::free(block); }

    void* resize(void* block, Layout before, Layout after) {
        if (after.alignment() <= default_alignment) {
            return std::realloc(block, after.block_size());
        }
        void* const moved = allocate(after);
        if (moved != nullptr) {
            std::memcpy(moved, block, std::min(before.size(), after.size()));
            deallocate(block, before);
        }
        return moved;
    }
};

/// Notes where the blocks are that malloc hands out.
struct NotingMalloc : Malloc {
    void* allocate(Layout layout) { return noted(Malloc::allocate(layout), layout); }

    void* resize(void* block, Layout before, Layout after) {
        return noted(Malloc::resize(block, before, after), after);
    }

    void* noted(void* block, Layout layout) {
        std::byte* const first = static_cast<std::byte*>(block);
        addresses.push_back(first);
        ends.push_back(first + layout.block_size());
        return block;
    }

    std::vector<std::byte*> addresses;
    std::vector<std::byte*> ends;
};

/// Hands out what it was given, in that order, again and again.
struct Noted {
    void* allocate(Layout) {
        std::byte* const block = *next;
        next = next + 1 == addresses.data() + addresses.size() ? addresses.data() : next + 1;
        return block;
    }

    void deallocate(void*, Layout) {}
    void* resize(void*, Layout, Layout after) { return allocate(after); }

    std::vector<std::byte*> addresses;
    std::byte** next = addresses.data();
};

/// The addresses that malloc hands out in this trace, and the end of the highest block.
NotingMalloc note(const Trace& trace) {
    Script script{trace};
    NotingMalloc allocator;
    allocator.addresses.reserve(trace.operations.size());
    allocator.ends.reserve(trace.operations.size());
    // A thread of its own, and no other call of malloc in it: so it has an arena of its own.
    std::thread{[&] { replay(allocator, script); }}.join();
    return allocator;
}

}  // namespace

double nanoseconds_of_this_thread() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double time_malloc(const Trace& trace) {
#ifdef __GLIBC__
    keep_memory();
#endif
    Script script{trace};
    Malloc allocator;
    return time_replays(allocator, script);
}

std::size_t reach_of_malloc(const Trace& trace) {
#ifdef __GLIBC__
    keep_memory();
    const NotingMalloc noted = note(trace);
    const std::byte* const first =
        *std::min_element(noted.addresses.begin(), noted.addresses.end());
    const std::byte* const last = *std::max_element(noted.ends.begin(), noted.ends.end());
    const std::size_t before = reinterpret_cast<std::uintptr_t>(first) % arena_bytes;
    const std::size_t reach = before + static_cast<std::size_t>(last - first);
    return reach <= arena_bytes ? reach : 0;
#else
    static_cast<void>(trace);
    return 0;
#endif
}

void touch_malloc(std::span<const Step> steps, std::span<void*> blocks, void (*look)()) {
    Malloc allocator;
    touch(allocator, steps, blocks, look);
}

std::string draw_malloc(const Trace& trace) {
#ifdef __GLIBC__
    keep_memory();
#endif
    const NotingMalloc noted = note(trace);
    const std::byte* const first =
        *std::min_element(noted.addresses.begin(), noted.addresses.end());
    const std::size_t before = reinterpret_cast<std::uintptr_t>(first) % arena_bytes;
    Noted allocator;
    allocator.addresses = noted.addresses;
    allocator.next = allocator.addresses.data();
    Script script{trace};
    return draw(allocator, script, first - before);
}

double time_loop(const Trace& trace) {
#ifdef __GLIBC__
    keep_memory();
#endif
    const NotingMalloc noted = note(trace);
    const std::byte* const first =
        *std::min_element(noted.addresses.begin(), noted.addresses.end());
    const std::byte* const last = *std::max_element(noted.ends.begin(), noted.ends.end());
    // The same places in memory that is nobody's: malloc's may not be written to any more.
    const std::size_t bytes = static_cast<std::size_t>(last - first);
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        throw Wrong{"no memory"};
    }
    Noted allocator;
    for (const std::byte* const address : noted.addresses) {
        allocator.addresses.push_back(static_cast<std::byte*>(memory) + (address - first));
    }
    allocator.next = allocator.addresses.data();
    Script script{trace};
    return time_replays(allocator, script);
}

}  // namespace traces

// A library that notes what a program asks of malloc, for record.py. It goes in front of the C
// library's malloc with LD_PRELOAD, asks it, and writes a line for each call:
//
//   a THREAD ADDRESS SIZE ALIGNMENT        r THREAD OLD-ADDRESS ADDRESS SIZE        f THREAD
//   ADDRESS
//
// to the file that TRACE_RAW names, with the process's number behind the name.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t malloc_alignment = alignof(std::max_align_t);

/// The next function of this name behind ours.
template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// dlsym() may itself want memory, before we know whom to ask. It gets this, for good.
alignas(malloc_alignment) char first_memory[8192];
std::size_t first_used = 0;

void* from_first_memory(std::size_t size) {
    void* const block = first_memory + first_used;
    first_used += (size + malloc_alignment - 1) / malloc_alignment * malloc_alignment;
    if (first_used > sizeof first_memory) {
        _exit(99);
    }
    return block;
}

bool is_first_memory(const void* block) {
    return block >= first_memory && block < first_memory + sizeof first_memory;
}

/// What there was before us.
struct Next {
    void* (*malloc)(std::size_t) = nullptr;
    void* (*calloc)(std::size_t, std::size_t) = nullptr;
    void* (*realloc)(void*, std::size_t) = nullptr;
    void* (*memalign)(std::size_t, std::size_t) = nullptr;
    void (*free)(void*) = nullptr;
};

Next the_next;
bool looking_up = false;

/// nullptr while it is being looked up.
const Next* next_functions() {
    if (the_next.free == nullptr && !looking_up) {
        looking_up = true;
        the_next.malloc = next<void*(std::size_t)>("malloc");
        the_next.calloc = next<void*(std::size_t, std::size_t)>("calloc");
        the_next.realloc = next<void*(void*, std::size_t)>("realloc");
        the_next.memalign = next<void*(std::size_t, std::size_t)>("memalign");
        the_next.free = next<void(void*)>("free");
        looking_up = false;
    }
    return the_next.free == nullptr ? nullptr : &the_next;
}

/// Lines on their way to the file. Whoever holds it calls the next function and notes the call, so
/// that the lines are in the order in which things happened.
class Log {
public:
    void lock() {
        while (taken_.test_and_set(std::memory_order_acquire)) {
        }
    }
    void unlock() { taken_.clear(std::memory_order_release); }

    template <class... Values>
    void add(const char* format, Values... values) {
        if (used_ + 128 > sizeof text_) {
            flush();
        }
        used_ += static_cast<std::size_t>(
            std::snprintf(text_ + used_, sizeof text_ - used_, format, values...));
    }

    void flush() {
        if (file_ < 0) {
            const char* const name = std::getenv("TRACE_RAW");
            char path[4096];
            std::snprintf(path, sizeof path, "%s.%d", name == nullptr ? "trace" : name, getpid());
            file_ = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        }
        for (std::size_t done = 0; done < used_;) {
            const ssize_t written = write(file_, text_ + done, used_ - done);
            if (written <= 0) {
                break;
            }
            done += static_cast<std::size_t>(written);
        }
        used_ = 0;
    }

    /// The other process that a fork makes has nothing of this to say.
    void forget() {
        used_ = 0;
        file_ = -1;
    }

private:
    std::atomic_flag taken_ = ATOMIC_FLAG_INIT;
    int file_ = -1;
    std::size_t used_ = 0;
    char text_[65536] = {};
};

Log the_log;
thread_local long the_thread = 0;

long this_thread() {
    if (the_thread == 0) {
        the_thread = syscall(SYS_gettid);
    }
    return the_thread;
}

void note_allocate(const void* block, std::size_t size, std::size_t alignment) {
    if (block != nullptr) {
        the_log.add("a %ld %zx %zu %zu\n", this_thread(), reinterpret_cast<std::size_t>(block),
                    size, alignment);
    }
}

void* aligned(std::size_t alignment, std::size_t size) {
    const Next* const to = next_functions();
    the_log.lock();
    void* const block = to->memalign(alignment, size);
    note_allocate(block, size, alignment);
    the_log.unlock();
    return block;
}

void in_child() {
    the_thread = 0;
    the_log.forget();
    the_log.unlock();
}

__attribute__((constructor)) void begin() {
    pthread_atfork([] { the_log.lock(); }, [] { the_log.unlock(); }, in_child);
}

__attribute__((destructor)) void end() {
    the_log.lock();
    the_log.flush();
    the_log.unlock();
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
    const Next* const to = next_functions();
    if (to == nullptr) {
        return from_first_memory(size);
    }
    the_log.lock();
    void* const block = to->malloc(size);
    note_allocate(block, size, malloc_alignment);
    the_log.unlock();
    return block;
}

void* calloc(std::size_t count, std::size_t size) {
    const Next* const to = next_functions();
    if (to == nullptr) {
        return from_first_memory(count * size);
    }
    the_log.lock();
    void* const block = to->calloc(count, size);
    note_allocate(block, count * size, malloc_alignment);
    the_log.unlock();
    return block;
}

void* realloc(void* old, std::size_t size) {
    const Next* const to = next_functions();
    the_log.lock();
    void* const block = to->realloc(old, size);
    if (block != nullptr || size == 0) {
        the_log.add("r %ld %zx %zx %zu\n", this_thread(), reinterpret_cast<std::size_t>(old),
                    reinterpret_cast<std::size_t>(block), size);
    }
    the_log.unlock();
    return block;
}

void free(void* block) {
    if (block == nullptr || is_first_memory(block)) {
        return;
    }
    const int error = errno;
    const Next* const to = next_functions();
    the_log.lock();
    the_log.add("f %ld %zx\n", this_thread(), reinterpret_cast<std::size_t>(block));
    to->free(block);
    the_log.unlock();
    errno = error;
}

void* memalign(std::size_t alignment, std::size_t size) {
    return aligned(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return aligned(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
    *block = aligned(alignment, size);
    return *block == nullptr ? ENOMEM : 0;
}
}

// A library that notes what a program asks of glibc's malloc, for `./workshop record`. It goes in
// front with LD_PRELOAD, and passes every call on.
//
// No lock, no system call, nothing allocated: an event is a number drawn and two words written.

#include "recording.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>

// glibc's malloc under the names that nobody goes in front of.
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* block, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
void __libc_free(void* block) noexcept;
}

namespace preload {
namespace {

constexpr std::size_t malloc_alignment = 16;
constexpr std::size_t most_events = std::size_t{1} << 30;  // 16 GiB of file, where they are written
constexpr std::size_t fewest_events = std::size_t{1} << 16;
constexpr unsigned most_threads = 0xFFFF;

/// Until the constructor has found out whether to record: what the dynamic linker asks for.
struct First {
    Recording recording;
    Event events[512];
};
First first{{0, std::size(first.events)}, {}};

Recording* recording = &first.recording;

std::atomic<unsigned> threads = 0;
__thread unsigned this_thread = 0;  // from 1

unsigned thread_number() noexcept {
    if (this_thread == 0) {
        const unsigned number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
        this_thread = number < most_threads ? number : most_threads;
    }
    return this_thread - 1;
}

void note(Note what, const void* block, std::size_t size, std::size_t alignment) noexcept {
    Recording* const into = recording;
    if (into == nullptr) {
        return;
    }
    // The order of these numbers is the order of the trace. All other threads' events about the
    // same address come before or after, by the locks in malloc.
    const std::uint64_t number = into->count.fetch_add(1, std::memory_order_relaxed);
    if (number < into->capacity) {
        into->events()[number] = Event::make(what, block, size, alignment, thread_number());
    }
}

void* noted(void* block, std::size_t size, std::size_t alignment = malloc_alignment) noexcept {
    if (block != nullptr) {
        note(Note::allocated, block, size, alignment);
    }
    return block;
}

void* aligned(std::size_t alignment, std::size_t size) noexcept {
    const std::size_t power =
        alignment < malloc_alignment ? malloc_alignment : std::bit_ceil(alignment);
    return noted(__libc_memalign(alignment, size), size, power);
}

/// The file for a process: FOLDER/PROCESS.N, with the first N that nobody has.
int open_file(const char* folder) noexcept {
    for (int number = 0; number < 1000; ++number) {
        char path[4096];
        std::snprintf(path, sizeof path, "%s/%d.%d", folder, static_cast<int>(getpid()), number);
        const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file >= 0 || errno != EEXIST) {
            return file;
        }
    }
    return -1;
}

/// The file as memory; as much of it as the process may have.
Recording* map_file(int file) noexcept {
    for (std::size_t events = most_events; events >= fewest_events; events /= 4) {
        const std::size_t size = sizeof(Recording) + events * sizeof(Event);
        if (ftruncate(file, static_cast<off_t>(size)) != 0) {
            continue;
        }
        void* const mapping = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (mapping != MAP_FAILED) {
            return ::new (mapping) Recording{0, events};
        }
    }
    return nullptr;
}

const char* value_of(const char* name, char** environment) noexcept {
    const std::size_t size = std::strlen(name);
    for (; *environment != nullptr; ++environment) {
        if (std::strncmp(*environment, name, size) == 0 && (*environment)[size] == '=') {
            return *environment + size + 1;
        }
    }
    return nullptr;
}

/// True for the process that was started, or for one with the name that was asked for.
bool is_wanted(char** environment) noexcept {
    if (const char* const name = value_of("WORKSHOP_RECORD_PROGRAM", environment)) {
        char path[4096];
        const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
        path[size < 0 ? 0 : size] = '\0';
        const char* const slash = std::strrchr(path, '/');
        return std::strcmp(slash == nullptr ? path : slash + 1, name) == 0;
    }
    const char* const process = value_of("WORKSHOP_RECORD_PROCESS", environment);
    return process != nullptr && std::atoi(process) == getpid();
}

/// A child is a program of its own; what it does is not noted.
void forget_in_child() {
    recording = nullptr;
}

// -z initfirst: before all other constructors. The environment is not there yet but for the
// argument.
__attribute__((constructor)) void begin(int /*count*/, char** /*words*/, char** environment) {
    const char* const folder = value_of("WORKSHOP_RECORD_FOLDER", environment);
    Recording* opened = nullptr;
    if (folder != nullptr && is_wanted(environment)) {
        if (const int file = open_file(folder); file >= 0) {
            opened = map_file(file);
            close(file);
        }
    }
    if (opened != nullptr) {
        const std::uint64_t count =
            std::min(first.recording.count.load(), first.recording.capacity);
        std::memcpy(static_cast<void*>(opened->events()), first.events, count * sizeof(Event));
        opened->count = count;
    }
    recording = opened;
    pthread_atfork(nullptr, nullptr, forget_in_child);
}

}  // namespace
}  // namespace preload

// ---- What the program calls ---------------------------------------------------------------------

#define PRELOAD_EXPORT extern "C" __attribute__((visibility("default")))

using preload::Note;

PRELOAD_EXPORT void* malloc(std::size_t size) noexcept {
    return preload::noted(__libc_malloc(size), size);
}

PRELOAD_EXPORT void* calloc(std::size_t count, std::size_t size) noexcept {
    return preload::noted(__libc_calloc(count, size), count * size);
}

PRELOAD_EXPORT void free(void* block) noexcept {
    if (block != nullptr) {
        preload::note(Note::ends, block, 0, preload::malloc_alignment);
    }
    __libc_free(block);
}

PRELOAD_EXPORT void* realloc(void* block, std::size_t size) noexcept {
    if (block == nullptr) {
        return malloc(size);
    }
    if (size == 0) {
        preload::note(Note::ends, block, 0, preload::malloc_alignment);
        return __libc_realloc(block, 0);
    }
    preload::note(Note::resize_begins, block, size, preload::malloc_alignment);
    void* const resized = __libc_realloc(block, size);
    preload::note(Note::resize_done, resized, size, preload::malloc_alignment);
    return resized;
}

PRELOAD_EXPORT void* reallocarray(void* block, std::size_t count, std::size_t size) noexcept {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return nullptr;
    }
    return realloc(block, bytes);
}

PRELOAD_EXPORT void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return preload::aligned(alignment, size);
}

PRELOAD_EXPORT void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    if (!std::has_single_bit(alignment)) {
        errno = EINVAL;
        return nullptr;
    }
    return preload::aligned(alignment, size);
}

PRELOAD_EXPORT int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
    if (!std::has_single_bit(alignment) || alignment % sizeof(void*) != 0) {
        return EINVAL;
    }
    const int error = errno;
    void* const made = preload::aligned(alignment, size);
    errno = error;
    if (made == nullptr) {
        return ENOMEM;
    }
    *block = made;
    return 0;
}

PRELOAD_EXPORT void* valloc(std::size_t size) noexcept {
    return preload::aligned(static_cast<std::size_t>(getpagesize()), size);
}

PRELOAD_EXPORT void* pvalloc(std::size_t size) noexcept {
    const auto page = static_cast<std::size_t>(getpagesize());
    if (size > SIZE_MAX - (page - 1)) {
        errno = ENOMEM;
        return nullptr;
    }
    return valloc((size + page - 1) / page * page);
}

// What a malloc must stand, beside allocating. This program is run twice: with the library of the
// solutions in front of malloc, and with glibc's own, to see that glibc keeps these rules, too.

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <malloc.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

/// Hides a value from the compiler, which knows much about malloc.
template <class T>
T opaque(T value) {
    asm volatile("" : "+r"(value) : : "memory");
    return value;
}

bool is_aligned(const void* block, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

void fill(void* block, std::size_t size, unsigned char key) {
    for (std::size_t i = 0; i < size; ++i) {
        static_cast<unsigned char*>(block)[i] = static_cast<unsigned char>(key + i * 7);
    }
}

bool holds(const void* block, std::size_t size, unsigned char key) {
    for (std::size_t i = 0; i < size; ++i) {
        if (static_cast<const unsigned char*>(block)[i] !=
            static_cast<unsigned char>(key + i * 7)) {
            return false;
        }
    }
    return true;
}

bool is_zero(const void* block, std::size_t size) {
    const auto* const bytes = static_cast<const unsigned char*>(block);
    return std::all_of(bytes, bytes + size, [](unsigned char byte) { return byte == 0; });
}

std::size_t resident_bytes() {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    REQUIRE(file != nullptr);
    REQUIRE(std::fscanf(file, "%zu %zu", &total, &resident) == 2);
    std::fclose(file);
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

constexpr int seconds_for_a_child = 20;

/// The status with which a child ends that does this; the work returns its exit code.
int status_of_child(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(seconds_for_a_child);  // a deadlock becomes a signal
        _exit(work());
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    return status;
}

bool ended_well(int status) {
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Allocates and gives back blocks of many sizes; false when one was not what it has to be.
bool churn(unsigned seed, int rounds) {
    std::vector<std::pair<unsigned char*, std::size_t>> blocks(50);
    for (int i = 0; i < rounds; ++i) {
        seed = seed * 1103515245 + 12345;
        auto& [block, size] = blocks[seed / 65536 % blocks.size()];
        if (block != nullptr && !holds(block, size, static_cast<unsigned char>(size))) {
            return false;
        }
        std::free(block);
        size = seed % 2000;
        block = static_cast<unsigned char*>(std::malloc(size));
        if (block == nullptr) {
            return false;
        }
        fill(block, size, static_cast<unsigned char>(size));
    }
    for (auto& [block, size] : blocks) {
        std::free(block);
    }
    return true;
}

/// Lives longer than doctest does: allocates while the program is already being torn down.
struct Late {
    ~Late() {
        if (!churn(3, 1000)) {
            _exit(9);
        }
    }
} late;

}  // namespace

TEST_CASE("the malloc that is tested is the one that was asked for") {
    Dl_info info = {};
    REQUIRE(dladdr(reinterpret_cast<void*>(opaque(&std::malloc)), &info) != 0);
    const char* const expected = std::getenv("EXPECTED_MALLOC");
    REQUIRE(expected != nullptr);

    CHECK(std::string{info.dli_fname}.find(expected) != std::string::npos);
}

TEST_CASE("blocks of every size are aligned, distinct and usable to their last byte") {
    std::vector<unsigned char*> blocks;
    for (std::size_t size = 0; size < 3000; ++size) {
        blocks.push_back(static_cast<unsigned char*>(std::malloc(opaque(size))));
        REQUIRE(blocks.back() != nullptr);
        REQUIRE(is_aligned(blocks.back(), alignof(std::max_align_t)));
        REQUIRE(malloc_usable_size(blocks.back()) >= size);
        fill(blocks.back(), malloc_usable_size(blocks.back()), static_cast<unsigned char>(size));
    }
    for (std::size_t size = 0; size < blocks.size(); ++size) {
        REQUIRE(holds(blocks[size], malloc_usable_size(blocks[size]),
                      static_cast<unsigned char>(size)));
        std::free(blocks[size]);
    }
    CHECK(malloc_usable_size(nullptr) == 0);
}

TEST_CASE("what cannot be had is refused with ENOMEM") {
    for (const std::size_t size : {std::size_t{PTRDIFF_MAX}, std::size_t{PTRDIFF_MAX} + 1,
                                   SIZE_MAX - 4096, SIZE_MAX - 15, SIZE_MAX}) {
        errno = 0;
        CHECK(std::malloc(opaque(size)) == nullptr);
        CHECK(errno == ENOMEM);
        errno = 0;
        CHECK(std::calloc(1, opaque(size)) == nullptr);
        CHECK(errno == ENOMEM);
        errno = 0;
        CHECK(memalign(64, opaque(size)) == nullptr);
        CHECK(errno == ENOMEM);
        void* block = &late;
        CHECK(posix_memalign(&block, 64, opaque(size)) == ENOMEM);
        CHECK(block == &late);
    }
}

TEST_CASE("products that do not fit are refused with ENOMEM") {
    errno = 0;
    CHECK(std::calloc(opaque(SIZE_MAX / 16 + 1), 16) == nullptr);
    CHECK(errno == ENOMEM);
    void* const block = std::malloc(10);
    fill(block, 10, 1);
    errno = 0;
    CHECK(reallocarray(block, opaque(SIZE_MAX / 16 + 1), 16) == nullptr);
    CHECK(errno == ENOMEM);
    CHECK(holds(block, 10, 1));
    std::free(block);
}

TEST_CASE("free leaves errno alone") {
    for (const std::size_t size : {std::size_t{1}, 10 * mib, 100 * mib}) {
        void* const block = std::malloc(opaque(size));
        REQUIRE(block != nullptr);
        errno = 4711;
        std::free(block);
        CHECK(errno == 4711);
    }
    errno = 4711;
    std::free(opaque(static_cast<void*>(nullptr)));
    CHECK(errno == 4711);
}

TEST_CASE("calloc returns zeros, whatever was there before") {
    for (const std::size_t size : {1U, 15U, 100U, 5000U, 40'000U, 100'000U, 300'000U, 3'000'000U}) {
        for (int round = 0; round < 4; ++round) {
            void* const block = std::calloc(opaque(size), 1);
            REQUIRE(block != nullptr);
            REQUIRE(is_zero(block, size));
            std::memset(block, 0xAB, size);
            std::free(opaque(block));
        }
    }
}

TEST_CASE("calloc does not touch pages that are fresh") {
    const std::size_t before = resident_bytes();
    void* const block = std::calloc(opaque(std::size_t{64}), mib);
    REQUIRE(block != nullptr);
    CHECK(resident_bytes() < before + 4 * mib);
    CHECK(is_zero(static_cast<char*>(block) + 40 * mib, mib));
    std::free(block);
}

TEST_CASE("realloc keeps the content on its way up and down") {
    constexpr std::size_t sizes[] = {1,         16,        17,      100,    5000, 70'000, 200'000,
                                     5'000'000, 3'000'000, 150'000, 20'000, 300,  16,     1};
    void* block = std::realloc(nullptr, 1);
    std::size_t old = 1;
    fill(block, 1, 5);
    for (const std::size_t size : sizes) {
        void* const moved = std::realloc(block, opaque(size));
        REQUIRE(moved != nullptr);
        REQUIRE(is_aligned(moved, alignof(std::max_align_t)));
        REQUIRE(holds(moved, std::min(old, size), 5));
        REQUIRE(malloc_usable_size(moved) >= size);
        fill(moved, size, 5);
        block = moved;
        old = size;
    }
    errno = 0;
    CHECK(std::realloc(block, opaque(SIZE_MAX / 2)) == nullptr);
    CHECK(errno == ENOMEM);
    CHECK(holds(block, 1, 5));
    CHECK(std::realloc(block, opaque(std::size_t{0})) == nullptr);  // frees it
}

TEST_CASE("a realloc within the usable size keeps all of it") {
    for (const std::size_t size : {1U, 24U, 1000U, 200'000U}) {
        void* const block = std::malloc(size);
        const std::size_t usable = malloc_usable_size(block);
        fill(block, usable, 9);
        void* const same = std::realloc(block, usable);
        REQUIRE(same != nullptr);
        CHECK(holds(same, usable, 9));
        std::free(same);
    }
}

TEST_CASE("alignments from a word to a megabyte") {
    for (std::size_t alignment = sizeof(void*); alignment <= mib; alignment *= 2) {
        std::vector<void*> blocks;
        for (const std::size_t size : {0U, 1U, 16U, 100U, 4096U, 100'000U, 200'000U}) {
            void* block = nullptr;
            REQUIRE(posix_memalign(&block, alignment, size) == 0);
            REQUIRE(block != nullptr);
            REQUIRE(is_aligned(block, alignment));
            REQUIRE(malloc_usable_size(block) >= size);
            fill(block, malloc_usable_size(block), static_cast<unsigned char>(size));
            blocks.push_back(block);
            void* const other = std::aligned_alloc(alignment, opaque(std::size_t{size}));
            REQUIRE(is_aligned(other, alignment));
            fill(other, size, 3);
            std::free(other);
        }
        for (void* const block : blocks) {
            void* const moved = std::realloc(block, 50'000);
            REQUIRE(moved != nullptr);
            std::free(moved);
        }
    }
}

TEST_CASE("alignments that are none") {
    void* block = &late;
    for (const std::size_t alignment : {0U, 1U, 4U, 3U, 24U, 100U}) {
        CHECK(posix_memalign(&block, alignment, 8) == EINVAL);
        CHECK(block == &late);
    }
    // memalign rounds up, as the manual of glibc says.
    void* const rounded = memalign(opaque(std::size_t{48}), 10);
    REQUIRE(rounded != nullptr);
    CHECK(is_aligned(rounded, 64));
    std::free(rounded);
    errno = 0;
    CHECK(memalign(opaque(SIZE_MAX / 2 + 2), 10) == nullptr);
    CHECK(errno == EINVAL);
}

TEST_CASE("valloc and pvalloc are about pages") {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* const one = valloc(10);
    void* const whole = pvalloc(page + 1);
    CHECK(is_aligned(one, page));
    CHECK(is_aligned(whole, page));
    CHECK(malloc_usable_size(whole) >= 2 * page);
    std::free(one);
    std::free(whole);
    errno = 0;
    CHECK(pvalloc(opaque(SIZE_MAX - 10)) == nullptr);
    CHECK(errno == ENOMEM);
}

TEST_CASE("operator new in its forms") {
    struct alignas(256) Wide {
        char bytes[256];
    };
    Wide* const wide = opaque(new Wide);
    Wide* const wides = opaque(new Wide[3]);
    CHECK(is_aligned(wide, 256));
    CHECK(is_aligned(wides, 256));
    delete wide;
    delete[] wides;
    int* const number = opaque(new (std::nothrow) int{3});
    CHECK(*number == 3);
    delete number;
    CHECK(opaque(::operator new(SIZE_MAX / 2, std::nothrow)) == nullptr);
    CHECK(opaque(::operator new[](SIZE_MAX / 2, std::align_val_t{64}, std::nothrow)) == nullptr);
    CHECK_THROWS_AS(opaque(::operator new(opaque(SIZE_MAX / 2))), std::bad_alloc);
    CHECK_THROWS_AS(opaque(::operator new[](opaque(SIZE_MAX / 2), std::align_val_t{128})),
                    std::bad_alloc);
#ifdef __cpp_sized_deallocation
    ::operator delete(opaque(::operator new(100)), 100);
    ::operator delete (opaque(::operator new (100, std::align_val_t{64})), 100,
                       std::align_val_t{64});
#endif
}

TEST_CASE("operator new asks the new handler until it gives up") {
    static int asked;
    asked = 0;
    std::set_new_handler([] {
        if (++asked == 3) {
            std::set_new_handler(nullptr);
        }
    });
    CHECK_THROWS_AS(opaque(::operator new(opaque(SIZE_MAX / 2))), std::bad_alloc);
    CHECK(asked == 3);
}

TEST_CASE("thousands of short-lived threads") {
    std::atomic<int> good = 0;
    for (int round = 0; round < 250; ++round) {
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < 8; ++i) {
            threads.emplace_back([&good, i] { good += churn(i, 50) ? 1 : 0; });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
    CHECK(good == 2000);
}

TEST_CASE("a block may be freed by another thread") {
    constexpr std::size_t count = 20'000;
    std::vector<std::atomic<unsigned char*>> mailbox(64);
    std::atomic<bool> good = true;
    std::thread consumer{[&] {
        for (std::size_t i = 0; i < count; ++i) {
            unsigned char* block = nullptr;
            while ((block = mailbox[i % 64].exchange(nullptr)) == nullptr) {
                std::this_thread::yield();
            }
            good = good && holds(block, 1 + i % 700, static_cast<unsigned char>(i));
            std::free(block);
        }
    }};
    for (std::size_t i = 0; i < count; ++i) {
        auto* const block = static_cast<unsigned char*>(std::malloc(1 + i % 700));
        fill(block, 1 + i % 700, static_cast<unsigned char>(i));
        unsigned char* empty = nullptr;
        while (!mailbox[i % 64].compare_exchange_weak(empty, block)) {
            empty = nullptr;
            std::this_thread::yield();
        }
    }
    consumer.join();
    CHECK(good);
}

TEST_CASE("destructors of thread-local objects allocate") {
    struct Local {
        std::vector<int> numbers;
        ~Local() { numbers.assign(5000, 7); }
    };
    for (int i = 0; i < 50; ++i) {
        std::thread{[] {
            thread_local Local local;
            local.numbers.push_back(1);
        }}.join();
    }
    static std::atomic<int> called;
    pthread_key_t key = 0;
    REQUIRE(pthread_key_create(&key, [](void* block) {
                std::free(block);
                called += churn(1, 100) ? 1 : 0;
            }) == 0);
    std::thread{[&] { pthread_setspecific(key, std::malloc(100)); }}.join();
    CHECK(called == 1);
    pthread_key_delete(key);
}

TEST_CASE("a child that is forked while other threads allocate can allocate, too") {
    std::atomic<bool> stop = false;
    std::atomic<bool> good = true;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 3; ++i) {
        threads.emplace_back([&, i] {
            while (!stop) {
                good = good && churn(i, 200);
            }
        });
    }
    for (unsigned i = 0; i < 100; ++i) {
        REQUIRE(ended_well(status_of_child([i] { return churn(i, 300) ? 0 : 1; })));
    }
    stop = true;
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(good);
}

TEST_CASE("handlers of fork allocate, and so do threads that the child begins") {
    static std::atomic<int> called;
    static const auto allocate = [] { called += churn(1, 20) ? 1 : 0; };
    REQUIRE(pthread_atfork([] { allocate(); }, [] { allocate(); }, [] { allocate(); }) == 0);
    called = 0;
    const int status = status_of_child([] {
        std::atomic<bool> good = false;
        std::thread{[&] { good = churn(5, 500); }}.join();
        return good && called == 2 ? 0 : 1;
    });
    CHECK(ended_well(status));
    CHECK(called == 2);
}

TEST_CASE("vfork and posix_spawn") {
    for (int i = 0; i < 20; ++i) {
        char name[] = "true";
        char* const arguments[] = {name, nullptr};
        pid_t child = 0;
        REQUIRE(posix_spawnp(&child, name, nullptr, nullptr, arguments, environ) == 0);
        int status = -1;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(ended_well(status));
    }
    CHECK(WEXITSTATUS(std::system("exit 3")) == 3);
    CHECK(churn(1, 100));
}

TEST_CASE("memory that runs out is refused, and comes back") {
    const int status = status_of_child([] {
        const rlimit limit{1024 * mib, 1024 * mib};
        if (setrlimit(RLIMIT_AS, &limit) != 0) {
            return 2;
        }
        void* first = nullptr;
        std::size_t count = 0;
        for (void* block = nullptr; (block = std::malloc(50'000)) != nullptr; ++count) {
            *static_cast<void**>(block) = first;
            first = block;
            if (count > 50'000) {
                return 3;  // without end
            }
        }
        if (errno != ENOMEM || count < 4000) {
            return 4;
        }
        while (first != nullptr) {
            void* const next = *static_cast<void**>(first);
            std::free(first);
            first = next;
        }
        return churn(1, 1000) ? 0 : 5;
    });
    CHECK(status == 0);
}

TEST_CASE("a program that begins with little address space") {
    if (std::getenv("EDGES_CHILD") != nullptr) {
        return;
    }
    const std::string self = "/proc/self/exe";
    char path[4096] = {};
    REQUIRE(readlink(self.c_str(), path, sizeof path - 1) > 0);
    const std::string command = "ulimit -v 300000 && EDGES_CHILD=1 " + std::string{path} +
                                " --test-case='*alignments*,*realloc*' > /dev/null";
    CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("signals may come at any time") {
    struct sigaction action = {};
    static std::atomic<int> came;
    action.sa_handler = [](int) { ++came; };
    action.sa_flags = SA_RESTART;
    struct sigaction old = {};
    REQUIRE(sigaction(SIGPROF, &action, &old) == 0);
    const itimerval often{{0, 500}, {0, 500}};
    setitimer(ITIMER_PROF, &often, nullptr);
    std::thread other{[] { CHECK(churn(2, 100'000)); }};
    CHECK(churn(1, 100'000));
    other.join();
    const itimerval never = {};
    setitimer(ITIMER_PROF, &never, nullptr);
    sigaction(SIGPROF, &old, nullptr);
    CHECK(came > 0);
}

TEST_CASE("the program finds the signals of a crash as they were") {
    struct sigaction found = {};
    for (const int each : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        const int status = status_of_child([&] {
            if (sigaction(each, nullptr, &found) != 0) {
                return 1;
            }
            void (*const ours)(int) = [](int) { _exit(7); };
            void (*const before)(int) = std::signal(each, ours);
            if (before != found.sa_handler || std::signal(each, ours) != ours) {
                return 2;
            }
            raise(each);
            return 3;
        });
        CHECK(WEXITSTATUS(status) == 7);
    }
    const int status = status_of_child([] {
        std::signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
        return 1;
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSEGV);
}

TEST_CASE("libraries come and go") {
    for (int i = 0; i < 20; ++i) {
        void* const library = dlopen("libresolv.so.2", RTLD_NOW);
        REQUIRE(library != nullptr);
        dlclose(library);
    }
    CHECK(dlopen("no-such-library.so", RTLD_NOW) == nullptr);
    CHECK(dlerror() != nullptr);
}

TEST_CASE("memory of small blocks goes back to the kernel") {
    const std::size_t before = resident_bytes();
    std::vector<void*> blocks(400'000);
    for (void*& block : blocks) {
        block = std::malloc(200);
        std::memset(block, 1, 200);
    }
    const std::size_t full = resident_bytes();
    REQUIRE(full > before + 70 * mib);
    for (void* const block : blocks) {
        std::free(block);
    }
    CHECK(resident_bytes() < before + (full - before) / 3);
}

TEST_CASE("a block that is given back twice ends the program") {
    const int status = status_of_child([] {
        signal(SIGABRT, SIG_DFL);  // doctest has a handler
        close(STDERR_FILENO);
        void* const block = opaque(std::malloc(100));
        std::free(block);
        std::free(opaque(block));
        return 0;
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
}

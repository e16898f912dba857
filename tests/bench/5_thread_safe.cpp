// What a lock costs: blocks of one size, of any size, and blocks that another thread gives back,
// with 1, 2, 4 and 8 threads. `unfairness` is the slowest thread's time over the fastest's.

#include <atomic_bump.hpp>
#include <bins.hpp>
#include <free_list.hpp>
#include <lock_free_pool.hpp>
#include <locked.hpp>
#include <spin_lock.hpp>

#include <benchmark/benchmark.h>

#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <memory_resource>
#include <span>
#include <vector>

namespace {

using workshop::AtomicBump;
using workshop::FreeListAllocator;
using workshop::Layout;
using workshop::Locked;
using workshop::LockFreePool;
using workshop::SegregatedFit;
using workshop::SpinLock;

constexpr std::size_t block_size = 64;
constexpr int most_threads = 8;

Layout one_size() {
    return *Layout::make(block_size, 16);
}

std::vector<std::byte>& buffer() {
    static std::vector<std::byte> bytes(std::size_t{64} << 20);
    return bytes;
}

// ---- What is measured --------------------------------------------------------------------------

/// In place of std::atomic where a lock keeps the others out: the same pool, without its atomics.
template <class T>
class Plain {
public:
    static constexpr bool is_always_lock_free = true;
    Plain() = default;
    Plain(T value) : value_{value} {}
    T load(std::memory_order) const { return value_; }
    void store(T value, std::memory_order) { value_ = value; }
    template <class... Order>
    bool compare_exchange_weak(T&, T desired, Order...) {
        value_ = desired;
        return true;
    }

private:
    T value_ = {};
};

template <class Mutex>
struct LockedPool {
    LockFreePool<Plain> pool{std::span{buffer()}.first(1U << 20), one_size()};
    Locked<LockFreePool<Plain>, Mutex> locked{pool};
    void* allocate(Layout layout) { return locked.allocate(layout); }
    void deallocate(void* block, Layout layout) { locked.deallocate(block, layout); }
};

struct Pool {
    LockFreePool<> pool{std::span{buffer()}.first(1U << 20), one_size()};
    void* allocate(Layout layout) { return pool.allocate(layout); }
    void deallocate(void* block, Layout layout) { pool.deallocate(block, layout); }
};

template <class Mutex>
struct LockedList {
    FreeListAllocator<SegregatedFit> list{buffer()};
    Locked<FreeListAllocator<SegregatedFit>, Mutex> locked{list};
    void* allocate(Layout layout) { return locked.allocate(layout); }
    void deallocate(void* block, Layout layout) { locked.deallocate(block, layout); }
};

struct Synchronized {
    std::pmr::synchronized_pool_resource pool;
    void* allocate(Layout layout) { return pool.allocate(layout.size(), layout.alignment()); }
    void deallocate(void* block, Layout layout) {
        pool.deallocate(block, layout.size(), layout.alignment());
    }
};

struct Malloc {
    void* allocate(Layout layout) { return std::malloc(layout.size()); }
    void deallocate(void* block, Layout) { std::free(block); }
};

// ---- How ---------------------------------------------------------------------------------------

/// One allocator for all threads of a case.
template <class A>
struct Shared {
    static inline std::unique_ptr<A> allocator;
    static void make(const benchmark::State&) { allocator = std::make_unique<A>(); }
    static void drop(const benchmark::State&) { allocator.reset(); }
};

/// How long each thread took, on a cache line of its own.
struct alignas(128) Took {
    double seconds = 0;
};
std::array<Took, most_threads> took;

/// Calls `operation()` for each iteration, and tells how fair it was.
template <class Operation>
void run(benchmark::State& state, Operation operation) {
    using Clock = std::chrono::steady_clock;
    benchmark::IterationCount left = state.max_iterations;
    const Clock::time_point begin = Clock::now();
    for (auto _ : state) {
        operation();
        if (--left == 0) {
            took[static_cast<std::size_t>(state.thread_index())].seconds =
                std::chrono::duration<double>(Clock::now() - begin).count();
        }
    }
    state.SetItemsProcessed(state.iterations());
    if (state.thread_index() == 0) {
        const auto less = [](const Took& a, const Took& b) { return a.seconds < b.seconds; };
        const auto [fastest, slowest] =
            std::minmax_element(took.begin(), took.begin() + state.threads(), less);
        state.counters["unfairness"] = slowest->seconds / fastest->seconds;
    }
}

/// Each thread holds a few blocks of one size; the oldest gives way to a new one.
template <class A>
void same_size(benchmark::State& state) {
    A& allocator = *Shared<A>::allocator;
    std::array<void*, 8> held{};
    std::size_t turn = 0;
    for (void*& block : held) {
        block = allocator.allocate(one_size());
    }
    run(state, [&] {
        void*& block = held[turn++ % held.size()];
        allocator.deallocate(block, one_size());
        block = allocator.allocate(one_size());
        *static_cast<volatile char*>(block) = 1;
    });
    for (void* const block : held) {
        allocator.deallocate(block, one_size());
    }
}

/// Each thread holds many blocks of any size; any of them gives way to another.
template <class A>
void any_size(benchmark::State& state) {
    struct Block {
        void* address;
        std::size_t size;
    };
    A& allocator = *Shared<A>::allocator;
    std::uint32_t dice = 2463534242U + static_cast<std::uint32_t>(state.thread_index());
    const auto roll = [&dice] {
        dice ^= dice << 13;
        dice ^= dice >> 17;
        return dice ^= dice << 5;
    };
    const auto make = [&] {
        const std::size_t size = 8 + roll() % 1017;
        return Block{allocator.allocate(*Layout::make(size, 16)), size};
    };
    std::vector<Block> held(1000);
    for (Block& block : held) {
        block = make();
    }
    run(state, [&] {
        Block& block = held[roll() % held.size()];
        allocator.deallocate(block.address, *Layout::make(block.size, 16));
        block = make();
        *static_cast<volatile char*>(block.address) = 1;
    });
    for (const Block& block : held) {
        allocator.deallocate(block.address, *Layout::make(block.size, 16));
    }
}

/// Blocks on their way from one thread to another.
class alignas(128) Ring {
public:
    void put(void* block) {
        wait_while([&] { return slots_[put_ % size].load(std::memory_order_acquire) != nullptr; });
        slots_[put_++ % size].store(block, std::memory_order_release);
    }
    void* take() {
        wait_while(
            [&] { return slots_[taken_ % size].load(std::memory_order_acquire) == nullptr; });
        return slots_[taken_++ % size].exchange(nullptr, std::memory_order_acq_rel);
    }

private:
    template <class Condition>
    static void wait_while(Condition condition) {
        for (int looks = 0; condition(); ++looks) {
            if (looks > 1000) {
                sched_yield();
            }
        }
    }

    static constexpr std::size_t size = 256;
    std::array<std::atomic<void*>, size> slots_{};
    alignas(128) std::size_t put_ = 0;
    alignas(128) std::size_t taken_ = 0;
};

/// Half of the threads allocate, the other half give back.
template <class A>
void producer_and_consumer(benchmark::State& state) {
    static std::array<Ring, most_threads / 2> rings;
    A& allocator = *Shared<A>::allocator;
    Ring& ring = rings[static_cast<std::size_t>(state.thread_index() / 2)];
    if (state.thread_index() % 2 == 0) {
        run(state, [&] { ring.put(allocator.allocate(one_size())); });
    } else {
        run(state, [&] { allocator.deallocate(ring.take(), one_size()); });
    }
}

/// Addresses without memory, for what is handed out and never written to.
std::span<std::byte> address_space() {
    constexpr std::size_t size = std::size_t{1} << 40;
    static void* const begin =
        mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return begin == MAP_FAILED ? std::span{buffer()}
                               : std::span{static_cast<std::byte*>(begin), size};
}

/// The newest block comes and goes. One that is no longer the newest is lost until reset(), so
/// there is room for all that might be: a request that is refused would cost less.
void atomic_bump(benchmark::State& state) {
    static AtomicBump<> bump{address_space()};
    bool refused = false;
    run(state, [&] {
        void* const block = bump.allocate(one_size());
        refused = refused || block == nullptr;
        bump.deallocate(block, one_size());
    });
    if (refused) {
        state.SkipWithError("the buffer was full");
    }
    if (state.thread_index() == 0) {
        bump.reset();
    }
}

template <class A>
void add(const char* name, void (*work)(benchmark::State&), int fewest_threads = 1) {
    auto* const added = benchmark::RegisterBenchmark(name, work);
    added->Setup(Shared<A>::make)->Teardown(Shared<A>::drop)->UseRealTime();
    for (int threads = fewest_threads; threads <= most_threads; threads *= 2) {
        added->Threads(threads);
    }
}

template <class A>
void add_all(const std::string& name) {
    add<A>(("any_size/" + name).c_str(), any_size<A>);
    add<A>(("producer_and_consumer/" + name).c_str(), producer_and_consumer<A>, 2);
}

const bool added = [] {
    add<Malloc>("same_size/malloc", same_size<Malloc>);
    add<LockedPool<std::mutex>>("same_size/Locked<pool,std::mutex>",
                                same_size<LockedPool<std::mutex>>);
    add<LockedPool<SpinLock<>>>("same_size/Locked<pool,SpinLock>",
                                same_size<LockedPool<SpinLock<>>>);
    add<Pool>("same_size/LockFreePool", same_size<Pool>);
    add<Malloc>("same_size/AtomicBump", atomic_bump);
    add<Synchronized>("same_size/synchronized_pool_resource", same_size<Synchronized>);
    add_all<Malloc>("malloc");
    add_all<LockedList<std::mutex>>("Locked<FreeListAllocator,std::mutex>");
    add_all<LockedList<SpinLock<>>>("Locked<FreeListAllocator,SpinLock>");
    add_all<Synchronized>("synchronized_pool_resource");
    return true;
}();

}  // namespace

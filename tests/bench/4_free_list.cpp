// The free list of step 4 at different work, beside what one would use instead: blocks that come
// and go in pairs, as on a stack, as in a queue, and in any order; containers, and a vector that
// grows. In the end, how long single calls take.

#include "churn.hpp"
#include "latency.hpp"

#include <bins.hpp>
#include <free_list.hpp>
#include <memory_resource.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <memory_resource>
#include <string>
#include <vector>

namespace {

using workshop::BestFit;
using workshop::FirstFit;
using workshop::FreeListAllocator;
using workshop::Layout;
using workshop::SegregatedFit;

constexpr std::size_t live = 10'000;
constexpr std::size_t few = 1000;  // in one iteration

// ---- Who ---------------------------------------------------------------------------------------

using bench::Malloc;

struct Pool {
    void* allocate(Layout layout) { return resource.allocate(layout.size(), layout.alignment()); }
    void deallocate(void* block, Layout layout) {
        resource.deallocate(block, layout.size(), layout.alignment());
    }
    std::pmr::unsynchronized_pool_resource resource;
};

constexpr std::size_t buffer_size = 16 << 20;
static_assert(buffer_size >= live * 1024 + (1U << 16U), "ample for random churn");

template <class Placement>
struct FreeList {
    void* allocate(Layout layout) { return list.allocate(layout); }
    void deallocate(void* block, Layout layout) { list.deallocate(block, layout); }

    std::unique_ptr<std::byte[]> buffer{new std::byte[buffer_size]};
    FreeListAllocator<Placement> list{{buffer.get(), buffer_size}};
};

// The same as std::pmr::memory_resource, for containers. release() ends an iteration.

struct NewDeleteResource {
    std::pmr::memory_resource* get() { return std::pmr::new_delete_resource(); }
    void release() {}
};

struct MonotonicResource {
    std::pmr::memory_resource* get() { return &resource; }
    void release() { resource.release(); }

    std::unique_ptr<std::byte[]> buffer{new std::byte[buffer_size]};
    std::pmr::monotonic_buffer_resource resource{buffer.get(), buffer_size,
                                                 std::pmr::null_memory_resource()};
};

struct PoolResource {
    std::pmr::memory_resource* get() { return &resource; }
    void release() {}
    std::pmr::unsynchronized_pool_resource resource;
};

template <class Placement>
struct FreeListResource {
    std::pmr::memory_resource* get() { return &resource; }
    void release() {}

    FreeList<Placement> blocks;
    workshop::MemoryResource<FreeListAllocator<Placement>> resource{blocks.list};
};

// ---- What --------------------------------------------------------------------------------------

/// Sizes from 8 to 1024, the same for everybody.
const std::array<std::uint16_t, few>& sizes() {
    static const std::array<std::uint16_t, few> all = [] {
        std::array<std::uint16_t, few> values{};
        std::uint64_t dice = 1;
        for (std::uint16_t& value : values) {
            dice = dice * 6364136223846793005U + 1442695040888963407U;
            value = static_cast<std::uint16_t>(8 + (dice >> 33) % 1017);
        }
        return values;
    }();
    return all;
}

Layout layout_of(std::size_t i) {
    return *Layout::make(sizes()[i % few], 8);
}

/// A block that is written to, as blocks are.
template <class A>
void* make(benchmark::State& state, A& allocator, std::size_t i) {
    void* const block = allocator.allocate(layout_of(i));
    if (block == nullptr) {
        state.SkipWithError("no block, in a buffer that is large enough");
        return nullptr;
    }
    *static_cast<volatile char*>(block) = 1;
    return block;
}

void count(benchmark::State& state, std::size_t operations_an_iteration) {
    state.SetItemsProcessed(state.iterations() *
                            static_cast<std::int64_t>(operations_an_iteration));
}

/// Each block goes before the next one comes.
template <class A>
void pairs(benchmark::State& state) {
    A allocator;
    for (auto _ : state) {
        for (std::size_t i = 0; i < few; ++i) {
            allocator.deallocate(make(state, allocator, i), layout_of(i));
        }
    }
    count(state, 2 * few);
}

/// Many blocks come, and go in reverse order.
template <class A>
void lifo(benchmark::State& state) {
    A allocator;
    std::array<void*, few> blocks{};
    for (auto _ : state) {
        for (std::size_t i = 0; i < few; ++i) {
            blocks[i] = make(state, allocator, i);
        }
        for (std::size_t i = few; i-- != 0;) {
            allocator.deallocate(blocks[i], layout_of(i));
        }
    }
    count(state, 2 * few);
}

/// The oldest of a thousand blocks gives way to a new one.
template <class A>
void fifo(benchmark::State& state) {
    struct Held {
        void* block = nullptr;
        std::size_t size = 0;
    };
    A allocator;
    std::array<Held, few> queue{};
    std::size_t next = 0;
    for (auto _ : state) {
        for (Held& oldest : queue) {
            allocator.deallocate(oldest.block, layout_of(oldest.size));
            oldest = {make(state, allocator, next), next};
            ++next;
        }
        ++next;  // so that a block and the one that takes its place differ in size
    }
    for (const Held& held : queue) {
        allocator.deallocate(held.block, layout_of(held.size));
    }
    count(state, 2 * few);
}

/// Any of ten thousand blocks gives way to a new one.
template <class A>
void random(benchmark::State& state) {
    A allocator;
    bench::Churn churn{live};
    bool good = churn.begin(allocator);
    for (auto _ : state) {
        for (std::size_t i = 0; i < few; ++i) {
            good = good && churn.step(allocator);
        }
        if (!good) {
            state.SkipWithError("no block, in a buffer that is large enough");
            return;
        }
    }
    churn.end(allocator);
    count(state, 2 * few);
}

/// A map with a string in each node: filled, thinned out, and dropped. An operation is a node or a
/// string that comes.
template <class R>
void containers(benchmark::State& state) {
    R resource;
    for (auto _ : state) {
        {
            std::pmr::map<std::uint32_t, std::pmr::string> map{resource.get()};
            for (std::uint32_t i = 0; i < few; ++i) {
                map[i * 2654435761U].assign(20 + sizes()[i] / 8, 'x');
            }
            for (std::uint32_t i = 0; i < few; i += 2) {
                map.erase(i * 2654435761U);
            }
        }
        resource.release();
    }
    count(state, 2 * few);
}

/// A vector grows to a hundred thousand numbers, twice as large each time. An operation is a number
/// that comes.
template <class R>
void growing_vector(benchmark::State& state) {
    constexpr std::uint64_t numbers = 100'000;
    R resource;
    for (auto _ : state) {
        {
            std::pmr::vector<std::uint64_t> vector{resource.get()};
            for (std::uint64_t i = 0; i < numbers; ++i) {
                vector.push_back(i);
            }
            benchmark::DoNotOptimize(vector.data());
        }
        resource.release();
    }
    count(state, numbers);
}

/// Random churn, each call by the clock.
template <class A>
void latency(benchmark::State& state) {
    // An allocator as Churn sees it, with a clock around it.
    struct Timed {
        A allocator{};
        bench::Latencies allocations{};
        bench::Latencies deallocations{};

        void* allocate(Layout layout) {
            void* block = nullptr;
            allocations.time([&] { block = allocator.allocate(layout); });
            return block;
        }
        void deallocate(void* block, Layout layout) {
            deallocations.time([&] { allocator.deallocate(block, layout); });
        }
    };
    Timed timed;
    bench::Churn churn{live};
    bool good = churn.begin(timed);
    timed.allocations = {};
    timed.deallocations = {};
    for (auto _ : state) {
        good = good && churn.step(timed);
    }
    if (!good) {
        state.SkipWithError("no block, in a buffer that is large enough");
        return;
    }
    timed.allocations.tell(state, "allocate");
    timed.deallocations.tell(state, "deallocate");
    state.counters["overhead"] = bench::overhead_of_ticks();
    churn.end(timed.allocator);
    count(state, 2);
}

// ---- Who does what -----------------------------------------------------------------------------

using Work = void (*)(benchmark::State&);

benchmark::internal::Benchmark* add(const char* workload, const char* who, Work work) {
    return benchmark::RegisterBenchmark((std::string{workload} + "/" + who).c_str(), work);
}

template <class A>
void add_for(const char* who) {
    add("pairs", who, pairs<A>);
    add("lifo", who, lifo<A>);
    add("fifo", who, fifo<A>);
    add("random", who, random<A>);
}

template <class R>
void add_containers_for(const char* who) {
    add("containers", who, containers<R>);
    add("growing_vector", who, growing_vector<R>);
}

const bool added = [] {
    add_for<Malloc>("malloc");
    add_for<Pool>("unsynchronized_pool_resource");
    add_for<FreeList<FirstFit>>("first_fit");
    add("random", "best_fit", random<FreeList<BestFit>>);
    add_for<FreeList<SegregatedFit>>("bins");
    add_containers_for<NewDeleteResource>("malloc");
    add_containers_for<MonotonicResource>("monotonic_buffer_resource");
    add_containers_for<PoolResource>("unsynchronized_pool_resource");
    add_containers_for<FreeListResource<FirstFit>>("first_fit");
    add_containers_for<FreeListResource<SegregatedFit>>("bins");

    // Enough for p99.9; the search of the first fit takes its time.
    constexpr int calls = 100'000;
    constexpr int slow_calls = 5'000;
    add("latency", "malloc", latency<Malloc>)->Iterations(calls);
    add("latency", "unsynchronized_pool_resource", latency<Pool>)->Iterations(calls);
    add("latency", "first_fit", latency<FreeList<FirstFit>>)->Iterations(slow_calls);
    add("latency", "bins", latency<FreeList<SegregatedFit>>)->Iterations(calls);
    return true;
}();

}  // namespace

// The free list of step 4 under random churn, 10,000 blocks live of 8 to 1024 bytes, beside what
// one would use instead. An operation is an allocate or a deallocate.

#include "churn.hpp"

#include <bins.hpp>
#include <free_list.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>

namespace {

using workshop::FreeListAllocator;
using workshop::Layout;

constexpr std::size_t live = 10'000;
constexpr int steps = 1000;  // in one iteration

template <class A>
void churn(benchmark::State& state, A& allocator) {
    bench::Churn churn{live};
    bool good = churn.begin(allocator);
    for (auto _ : state) {
        for (int i = 0; i < steps; ++i) {
            good = good && churn.step(allocator);
        }
        if (!good) {
            state.SkipWithError("no block, in a buffer that is large enough");
            return;
        }
    }
    churn.end(allocator);
    state.SetItemsProcessed(state.iterations() * 2 * steps);
}

void malloc(benchmark::State& state) {
    bench::Malloc allocator;
    churn(state, allocator);
}

void pool_resource(benchmark::State& state) {
    struct Pool {
        void* allocate(Layout layout) {
            return resource.allocate(layout.size(), layout.alignment());
        }
        void deallocate(void* block, Layout layout) {
            resource.deallocate(block, layout.size(), layout.alignment());
        }
        std::pmr::unsynchronized_pool_resource resource;
    };
    Pool allocator;
    churn(state, allocator);
}

template <class Placement>
void free_list(benchmark::State& state) {
    const std::size_t size = bench::Churn::ample_buffer(live);
    const std::unique_ptr<std::byte[]> buffer{new std::byte[size]};
    FreeListAllocator<Placement> allocator{{buffer.get(), size}};
    churn(state, allocator);
}

BENCHMARK(malloc);
BENCHMARK(pool_resource);
BENCHMARK_TEMPLATE(free_list, workshop::FirstFit)->Name("first_fit");
BENCHMARK_TEMPLATE(free_list, workshop::BestFit)->Name("best_fit");
BENCHMARK_TEMPLATE(free_list, workshop::SegregatedFit)->Name("bins");

}  // namespace

// What the layer of step 3 costs, with and without its checks. Below it is the bump allocator of
// step 2, which costs next to nothing, so that what is seen is the layer. One iteration asks for a
// thousand blocks, gives them back in reverse order and resets.

#include <bump.hpp>
#include <tracking.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace {

using workshop::BumpAllocator;
using workshop::Checks;
using workshop::Layout;
using workshop::Tracking;

constexpr std::size_t count = 1000;

struct Block {
    std::array<std::byte, 48> bytes;
};

alignas(64) std::array<std::byte, count * sizeof(Block)> buffer;
std::array<void*, count> blocks;

template <class A>
void fill_and_empty(benchmark::State& state, A& allocator) {
    for (auto _ : state) {
        for (void*& block : blocks) {
            void* const made = allocator.allocate(Layout::of<Block>());
            benchmark::DoNotOptimize(made);
            block = made;
        }
        if (blocks.back() == nullptr) {
            state.SkipWithError("no block");
            break;
        }
        for (std::size_t i = count; i-- != 0;) {
            allocator.deallocate(blocks[i], Layout::of<Block>());
        }
        allocator.reset();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(2 * count));
}

void bump(benchmark::State& state) {
    BumpAllocator allocator{buffer};
    fill_and_empty(state, allocator);
}

void counters(benchmark::State& state) {
    BumpAllocator upstream{buffer};
    Tracking<BumpAllocator, Checks::off> allocator{upstream};
    fill_and_empty(state, allocator);
}

void counters_and_checks(benchmark::State& state) {
    BumpAllocator upstream{buffer};
    Tracking<BumpAllocator, Checks::on> allocator{upstream};
    fill_and_empty(state, allocator);
}

BENCHMARK(bump);
BENCHMARK(counters);
BENCHMARK(counters_and_checks);

}  // namespace

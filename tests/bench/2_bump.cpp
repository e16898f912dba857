// What the bump allocator of step 2 costs, beside a bump written by hand and what the standard
// library has. One iteration fills the buffer with blocks of 24 bytes and resets it.

#include <bump.hpp>
#include <memory_resource.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <memory_resource>

namespace {

using workshop::BumpAllocator;
using workshop::Layout;

constexpr std::size_t block_size = 24;
constexpr std::size_t alignment = 8;
constexpr std::size_t blocks = 1000;

alignas(64) std::array<std::byte, block_size * blocks> buffer;

void count(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(blocks));
}

/// As a programmer would write it for one purpose.
class HandWritten {
public:
    void* allocate(std::size_t size) {
        const std::size_t padding = (0 - workshop::address_of(next_)) & (alignment - 1);
        if (size + padding > static_cast<std::size_t>(end_ - next_)) {
            return nullptr;
        }
        std::byte* const block = next_ + padding;
        next_ = block + size;
        return block;
    }
    void reset() { next_ = buffer.data(); }

private:
    std::byte* next_ = buffer.data();
    std::byte* end_ = buffer.data() + buffer.size();
};

void by_hand(benchmark::State& state) {
    HandWritten allocator;
    for (auto _ : state) {
        for (std::size_t i = 0; i < blocks; ++i) {
            benchmark::DoNotOptimize(allocator.allocate(block_size));
        }
        allocator.reset();
    }
    count(state);
}

void bump(benchmark::State& state) {
    BumpAllocator allocator{buffer};
    for (auto _ : state) {
        for (std::size_t i = 0; i < blocks; ++i) {
            benchmark::DoNotOptimize(allocator.allocate(*Layout::make(block_size, alignment)));
        }
        allocator.reset();
    }
    count(state);
}

/// Through the interface of std::pmr: a virtual call for each block.
void bump_as_resource(benchmark::State& state) {
    BumpAllocator allocator{buffer};
    workshop::MemoryResource resource{allocator};
    std::pmr::memory_resource* upstream = &resource;
    benchmark::DoNotOptimize(upstream);
    for (auto _ : state) {
        for (std::size_t i = 0; i < blocks; ++i) {
            benchmark::DoNotOptimize(upstream->allocate(block_size, alignment));
        }
        allocator.reset();
    }
    count(state);
}

void monotonic_buffer_resource(benchmark::State& state) {
    for (auto _ : state) {
        std::pmr::monotonic_buffer_resource resource{buffer.data(), buffer.size(),
                                                     std::pmr::null_memory_resource()};
        std::pmr::memory_resource* upstream = &resource;
        benchmark::DoNotOptimize(upstream);
        for (std::size_t i = 0; i < blocks; ++i) {
            benchmark::DoNotOptimize(upstream->allocate(block_size, alignment));
        }
    }
    count(state);
}

BENCHMARK(by_hand);
BENCHMARK(bump);
BENCHMARK(bump_as_resource);
BENCHMARK(monotonic_buffer_resource);

}  // namespace

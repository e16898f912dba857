// What the layer of step 3 costs on top of malloc: the counters alone, the same counters without a
// layer, and the checks. One iteration asks for a thousand blocks and gives them back in reverse
// order; an operation is one of either.

#include <tracking.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using workshop::Checks;
using workshop::Layout;
using workshop::Tracking;

struct Malloc {
    void* allocate(Layout layout) noexcept { return std::malloc(layout.block_size()); }
    void deallocate(void* block, Layout) noexcept { std::free(block); }
};

/// All that Tracking counts, written down for this one upstream: what "costs nothing" is held
/// against.
class CountedByHand {
public:
    explicit CountedByHand(Malloc& upstream) noexcept : upstream_{upstream} {}

    void* allocate(Layout layout) noexcept {
        void* const block = upstream_.allocate(layout);
        if (block == nullptr) {
            add(failures_, 1);
            return nullptr;
        }
        const std::size_t size = layout.size();
        add(total_blocks_, 1);
        add(total_blocks_of_[size == 0 ? 0 : std::bit_width(size - 1) + 1], 1);
        add(live_blocks_, 1);
        add(total_bytes_, size);
        const std::size_t live = add(live_bytes_, size) + size;
        std::size_t peak = peak_bytes_.load(std::memory_order_relaxed);
        while (peak < live &&
               !peak_bytes_.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {
        }
        return block;
    }

    void deallocate(void* block, Layout layout) noexcept {
        if (block != nullptr) {
            live_blocks_.fetch_sub(1, std::memory_order_relaxed);
            live_bytes_.fetch_sub(layout.size(), std::memory_order_relaxed);
            upstream_.deallocate(block, layout);
        }
    }

private:
    using Counter = std::atomic<std::size_t>;

    static std::size_t add(Counter& counter, std::size_t amount) noexcept {
        return counter.fetch_add(amount, std::memory_order_relaxed);
    }

    Malloc& upstream_;
    Counter live_blocks_ = 0;
    Counter live_bytes_ = 0;
    Counter peak_bytes_ = 0;
    Counter total_blocks_ = 0;
    Counter total_bytes_ = 0;
    Counter failures_ = 0;
    Counter total_blocks_of_[65] = {};
};

constexpr std::size_t count = 1000;

template <class A>
void fill_and_empty(benchmark::State& state, A& allocator) {
    static std::array<void*, count> blocks;
    const Layout layout = *Layout::make(48, 16);
    for (auto _ : state) {
        for (void*& block : blocks) {
            void* const made = allocator.allocate(layout);
            benchmark::DoNotOptimize(made);
            block = made;
        }
        if (blocks.back() == nullptr) {
            state.SkipWithError("no block");
            break;
        }
        for (std::size_t i = count; i-- != 0;) {
            allocator.deallocate(blocks[i], layout);
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(2 * count));
}

void malloc(benchmark::State& state) {
    Malloc allocator;
    fill_and_empty(state, allocator);
}

template <class Layer>
void layer(benchmark::State& state) {
    Malloc upstream;
    Layer allocator{upstream};
    fill_and_empty(state, allocator);
}

BENCHMARK(malloc);
BENCHMARK_TEMPLATE(layer, CountedByHand)->Name("counted_by_hand");
BENCHMARK_TEMPLATE(layer, Tracking<Malloc, Checks::off>)->Name("counters");
BENCHMARK_TEMPLATE(layer, Tracking<Malloc, Checks::on>)->Name("counters_and_checks");

}  // namespace

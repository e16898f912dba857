// What the arithmetic of step 1 costs, beside what one writes without it. One iteration does it for
// a thousand sizes, with alignments that are known only while running.

#include <alignment.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace {

using workshop::Layout;

struct Value {
    std::size_t size;
    std::size_t alignment;
};

std::array<Value, 1000> make_values() {
    std::array<Value, 1000> values{};
    std::uint64_t state = 1;
    for (Value& value : values) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        value = {static_cast<std::size_t>(state >> 48), std::size_t{1} << (state >> 40 & 7)};
    }
    return values;
}

std::array<Value, 1000> values = make_values();

/// Does `work` with each value.
template <class Work>
void with_each(benchmark::State& state, Work work) {
    benchmark::DoNotOptimize(values.data());
    for (auto _ : state) {
        benchmark::ClobberMemory();  // for all the compiler knows, the values have changed
        for (const Value& value : values) {
            benchmark::DoNotOptimize(work(value));
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}

void by_hand(benchmark::State& state) {
    with_each(state, [](Value value) {
        return (value.size + value.alignment - 1) & ~(value.alignment - 1);
    });
}

void align_up(benchmark::State& state) {
    with_each(state, [](Value value) { return workshop::align_up(value.size, value.alignment); });
}

void checked_align_up(benchmark::State& state) {
    with_each(state, [](Value value) {
        return workshop::checked_align_up(value.size, value.alignment).value_or(0);
    });
}

void by_division(benchmark::State& state) {
    with_each(state, [](Value value) {
        return (value.size + value.alignment - 1) / value.alignment * value.alignment;
    });
}

std::array<std::byte, 65536 + 128> buffer;

void align_pointer_up(benchmark::State& state) {
    with_each(state, [](Value value) {
        return workshop::align_up(buffer.data() + value.size, value.alignment);
    });
}

void std_align(benchmark::State& state) {
    with_each(state, [](Value value) {
        void* pointer = buffer.data() + value.size;
        std::size_t room = buffer.size() - value.size;
        return std::align(value.alignment, 1, pointer, room);
    });
}

void layout_make(benchmark::State& state) {
    with_each(state, [](Value value) {
        const std::optional<Layout> layout = Layout::make(value.size, value.alignment);
        return layout ? layout->padded().size() : 0;
    });
}

BENCHMARK(by_hand);
BENCHMARK(align_up);
BENCHMARK(checked_align_up);
BENCHMARK(by_division);
BENCHMARK(align_pointer_up);
BENCHMARK(std_align);
BENCHMARK(layout_make);

}  // namespace

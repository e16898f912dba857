// How long single calls take: percentiles instead of a mean, which says nothing of the rare slow
// ones.

#pragma once

#include "ticks.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// What calls of one kind took. Of more than a quarter of a million the last ones are kept.
class Latencies {
public:
    /// Does `call`, and notes how long it took.
    template <class Call>
    void time(Call call) {
        const std::uint64_t begin = ticks();
        call();
        const std::uint64_t end = ticks();
        all_[at_++ % most] =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(end - begin, UINT32_MAX));
    }

    /// In nanoseconds: the time that this fraction of the calls does not exceed.
    double quantile(double fraction) {
        const std::size_t count = std::min(at_, most);
        if (count == 0) {
            return 0;
        }
        const auto wanted = static_cast<std::ptrdiff_t>(fraction * static_cast<double>(count - 1));
        const auto end = all_.begin() + static_cast<std::ptrdiff_t>(count);
        std::nth_element(all_.begin(), all_.begin() + wanted, end);
        return all_[static_cast<std::size_t>(wanted)] * nanoseconds_a_tick();
    }

    /// As counters of a case: "allocate p50" and so on.
    void tell(benchmark::State& state, const std::string& call) {
        state.counters[call + " p50"] = quantile(0.5);
        state.counters[call + " p99"] = quantile(0.99);
        state.counters[call + " p99.9"] = quantile(0.999);
        state.counters[call + " max"] = quantile(1);
    }

private:
    static constexpr std::size_t most = std::size_t{1} << 18;

    std::vector<std::uint32_t> all_ = std::vector<std::uint32_t>(most);
    std::size_t at_ = 0;
};

/// What is measured where nothing is done: the clock's own time.
inline double overhead_of_ticks() {
    Latencies nothing;
    for (int i = 0; i < 10'000; ++i) {
        nothing.time([] {});
    }
    return nothing.quantile(0.5);
}

}  // namespace bench

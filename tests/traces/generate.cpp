#include "generate.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

namespace traces {
namespace {

/// The blocks that are live, for patterns that free any of them.
class Live {
public:
    Live(TraceBuilder& builder, Random& random) : builder_{builder}, random_{random} {}

    void allocate(std::size_t size, std::size_t alignment = default_alignment) {
        blocks_.push_back(builder_.allocate(size, alignment));
    }

    /// Frees one of them, any.
    void deallocate() {
        std::swap(blocks_[random_.below(blocks_.size())], blocks_.back());
        builder_.deallocate(blocks_.back());
        blocks_.pop_back();
    }

    void deallocate_all() {
        while (!blocks_.empty()) {
            deallocate();
        }
    }

    std::size_t count() const { return blocks_.size(); }

private:
    TraceBuilder& builder_;
    Random& random_;
    std::vector<std::uint32_t> blocks_;
};

/// A size from `smallest`, a power of two, to below twice that, or four times, and so on
/// `doublings` times; each of these as likely as any other.
std::size_t of_any_magnitude(Random& random, std::size_t smallest, std::size_t doublings) {
    const std::size_t least = smallest << random.below(doublings);
    return least + random.below(least);
}

/// Fills up to `live` blocks, then frees and allocates in turn until `operations` are done, and at
/// last frees all. `allocate` makes one block.
template <class Allocate>
void churn(Live& blocks, std::size_t live, std::size_t operations, Allocate allocate) {
    while (blocks.count() < live) {
        allocate();
    }
    for (std::size_t done = 2 * live; done < operations; done += 2) {
        blocks.deallocate();
        allocate();
    }
    blocks.deallocate_all();
}

}  // namespace

std::uint64_t Random::next() noexcept {
    // splitmix64: a counter, well stirred.
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t value = state_;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9U;
    value = (value ^ value >> 27) * 0x94D049BB133111EBU;
    return value ^ value >> 31;
}

std::size_t Random::below(std::size_t bound) noexcept {
    return next() % bound;  // all bounds here are tiny beside 2^64
}

double Random::fraction() noexcept {
    return static_cast<double>(next() >> 11) * 0x1p-53;
}

Trace binary(std::uint64_t seed, std::size_t small, std::size_t large, std::size_t larger) {
    constexpr std::size_t pairs = 2000;
    TraceBuilder builder{"binary " + std::to_string(small) + "/" + std::to_string(large)};
    Random random{seed};
    Live kept{builder, random};
    std::vector<std::uint32_t> freed;
    for (std::size_t i = 0; i < pairs; ++i) {
        kept.allocate(small);
        freed.push_back(builder.allocate(large));
    }
    for (const std::uint32_t block : freed) {
        builder.deallocate(block);
    }
    for (std::size_t i = 0; i < pairs; ++i) {
        kept.allocate(larger);
    }
    kept.deallocate_all();
    return std::move(builder).finish();
}

Trace coalescing(std::uint64_t seed) {
    constexpr std::size_t rounds = 60;
    constexpr std::size_t pairs = 64;
    constexpr std::size_t size = 4095;
    TraceBuilder builder{"coalescing"};
    Random random{seed};
    Live blocks{builder, random};
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < 2 * pairs; ++i) {
            blocks.allocate(size);
        }
        blocks.deallocate_all();
        for (std::size_t i = 0; i < pairs; ++i) {
            blocks.allocate(2 * size);
        }
        blocks.deallocate_all();
    }
    return std::move(builder).finish();
}

Trace random(std::uint64_t seed) {
    TraceBuilder builder{"random"};
    Random random{seed};
    Live blocks{builder, random};
    churn(blocks, 2000, 24000, [&] { blocks.allocate(1 + random.below(4096)); });
    return std::move(builder).finish();
}

Trace growing(std::uint64_t seed) {
    constexpr std::size_t steps = 1000;
    constexpr std::size_t step = 256;
    TraceBuilder builder{"growing"};
    Random random{seed};
    const std::uint32_t block = builder.allocate(2 * step);
    std::uint32_t behind = builder.allocate(step);
    for (std::size_t i = 1; i <= steps; ++i) {
        builder.resize(block, (2 + i) * step);
        const std::uint32_t next = builder.allocate(step + random.below(16));
        builder.deallocate(behind);
        behind = next;
    }
    return std::move(builder).finish();
}

Trace arrays(std::uint64_t seed) {
    struct Array {
        std::uint32_t block;
        std::size_t size;
        std::size_t limit;
    };
    constexpr std::size_t steps = 12000;
    constexpr std::size_t growing_at_once = 40;
    constexpr std::size_t kept_at_once = 400;
    TraceBuilder builder{"arrays"};
    Random random{seed};
    std::vector<Array> growing;
    Live kept{builder, random};
    std::deque<std::uint32_t> finished;
    for (std::size_t i = 0; i < steps; ++i) {
        if (growing.size() < growing_at_once) {
            growing.push_back({builder.allocate(32), 32, of_any_magnitude(random, 64, 9)});
        }
        Array& array = growing[random.below(growing.size())];
        if (array.size + array.size / 2 <= array.limit) {
            array.size += array.size / 2;
            builder.resize(array.block, array.size);
        } else {
            if (random.below(4) == 0) {
                builder.resize(array.block, array.size - random.below(array.size / 3));
            }
            finished.push_back(array.block);
            std::swap(array, growing.back());
            growing.pop_back();
        }
        kept.allocate(of_any_magnitude(random, 16, 4));
        if (kept.count() > kept_at_once) {
            kept.deallocate();
        }
        if (finished.size() > growing_at_once) {
            builder.deallocate(finished.front());
            finished.pop_front();
        }
    }
    return std::move(builder).finish();
}

Trace power_law(std::uint64_t seed) {
    constexpr double smallest = 16;
    constexpr double largest = 65536;
    TraceBuilder builder{"power law"};
    Random random{seed};
    Live blocks{builder, random};
    churn(blocks, 5000, 40000, [&] {
        // The fraction of blocks that are at least `size` is smallest / size.
        const double size = smallest / (1 - random.fraction());
        blocks.allocate(static_cast<std::size_t>(std::min(size, largest)));
    });
    return std::move(builder).finish();
}

Trace size_classes(std::uint64_t seed) {
    constexpr std::size_t bytes_of_a_class = 64 * 1024;
    TraceBuilder builder{"size classes"};
    Random random{seed};
    Live blocks{builder, random};
    for (std::size_t power = 16; power <= 4096; power *= 2) {
        for (const std::size_t size : {power - 1, power, power + 1, power + power / 2 + 1}) {
            const std::size_t count = bytes_of_a_class / size;
            std::vector<std::uint32_t> passing;
            for (std::size_t i = 0; i < count; ++i) {
                if (i % 16 == 0) {
                    blocks.allocate(size);
                } else {
                    passing.push_back(builder.allocate(size));
                }
            }
            for (const std::uint32_t block : passing) {
                builder.deallocate(block);
            }
        }
    }
    blocks.deallocate_all();
    return std::move(builder).finish();
}

Trace queue(std::uint64_t seed) {
    constexpr std::size_t live = 2000;
    constexpr std::size_t blocks = 15000;
    TraceBuilder builder{"queue"};
    Random random{seed};
    std::deque<std::uint32_t> line;
    for (std::size_t i = 0; i < blocks; ++i) {
        line.push_back(builder.allocate(of_any_magnitude(random, 16, 8)));
        if (line.size() > live) {
            builder.deallocate(line.front());
            line.pop_front();
        }
    }
    for (const std::uint32_t block : line) {
        builder.deallocate(block);
    }
    return std::move(builder).finish();
}

Trace stack(std::uint64_t seed) {
    constexpr std::size_t deepest = 3000;
    constexpr std::size_t operations = 30000;
    TraceBuilder builder{"stack"};
    Random random{seed};
    std::vector<std::uint32_t> blocks;
    // Up and down by calls: each goes in one direction for a while.
    for (std::size_t done = 0; done < operations;) {
        const bool up = random.below(deepest) >= blocks.size();
        for (std::size_t i = random.below(64); i != 0 && (up || !blocks.empty()); --i, ++done) {
            if (up) {
                blocks.push_back(builder.allocate(of_any_magnitude(random, 16, 8)));
            } else {
                builder.deallocate(blocks.back());
                blocks.pop_back();
            }
        }
    }
    for (; !blocks.empty(); blocks.pop_back()) {
        builder.deallocate(blocks.back());
    }
    return std::move(builder).finish();
}

Trace aligned(std::uint64_t seed) {
    TraceBuilder builder{"aligned"};
    Random random{seed};
    Live blocks{builder, random};
    churn(blocks, 1500, 20000, [&] {
        const std::size_t alignment =
            random.below(4) == 0 ? std::size_t{32} << random.below(8) : default_alignment;
        blocks.allocate(of_any_magnitude(random, 16, 8), alignment);
    });
    return std::move(builder).finish();
}

std::vector<Trace> generate_all(std::uint64_t seed) {
    Random sizes{seed};
    // Seed 1 has the sizes that everybody uses, and that allocators may be tuned to.
    const auto any_binary = [&](std::size_t small, std::size_t large) {
        const std::size_t other_small = 16 + 8 * sizes.below(16);
        const std::size_t other_large = other_small * (2 + sizes.below(8));
        return seed == 1 ? binary(seed, small, large, large + small)
                         : binary(seed, other_small, other_large, other_large + other_small);
    };
    std::vector<Trace> traces;
    traces.push_back(any_binary(64, 448));
    traces.push_back(any_binary(16, 112));
    for (const auto make :
         {coalescing, random, growing, arrays, power_law, size_classes, queue, stack, aligned}) {
        traces.push_back(make(seed));
    }
    return traces;
}

}  // namespace traces

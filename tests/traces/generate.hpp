// Traces made by a rule and a seed: the classic patterns that tell allocators apart.

#pragma once

#include "trace.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace traces {

/// A small generator of random numbers. The standard library's distributions differ from one
/// implementation to the next, and a seed has to mean one trace everywhere.
class Random {
public:
    explicit Random(std::uint64_t seed) noexcept : state_{seed} {}

    /// A number below `bound`, which is not 0.
    std::size_t below(std::size_t bound) noexcept;
    /// A number in [0, 1).
    double fraction() noexcept;

private:
    std::uint64_t next() noexcept;

    std::uint64_t state_;
};

/// Two sizes in turn; all of the one are freed, and then come blocks that are a little larger than
/// the holes, unless those grow together with something.
Trace binary(std::uint64_t seed, std::size_t small, std::size_t large, std::size_t larger);

/// Blocks are freed in any order, and then asked for again in blocks of twice the size.
Trace coalescing(std::uint64_t seed);

/// Any size up to 4 KiB is as likely as any other, and so is each block to be freed next.
Trace random(std::uint64_t seed);

/// One block grows by 256 bytes a thousand times, with small blocks coming and going behind it.
Trace growing(std::uint64_t seed);

/// Arrays grow by half of their size as they fill, and some shrink to what they hold.
Trace arrays(std::uint64_t seed);

/// Small blocks are many and large ones few: half of the blocks are at least twice the smallest, a
/// quarter four times, and so on, from 16 bytes to 64 KiB. Each is as likely to be freed next.
Trace power_law(std::uint64_t seed);

/// Sizes just above, at and below powers of two, class by class; of each class a few blocks stay.
Trace size_classes(std::uint64_t seed);

/// The oldest block is freed first.
Trace queue(std::uint64_t seed);

/// The newest block is freed first.
Trace stack(std::uint64_t seed);

/// One block in four has an alignment of 32 bytes to 4 KiB.
Trace aligned(std::uint64_t seed);

/// All of them.
std::vector<Trace> generate_all(std::uint64_t seed);

}  // namespace traces

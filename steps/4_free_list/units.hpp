// Step 4: the buffer as units, and what is known of each.
//
//   units    [  a  ][ free, 3 units        ][      b      ][ free ]
//                    size next prev .. size                 s n p s
//   edges       .      1      .       1        .      .       1      one bit for each unit
//
// What is free describes itself, in its own memory; an edge bit says where such a description is.
// There is nothing to write in this file. See CONCEPTS.md, "The list inside free memory".

#pragma once

#include <alignment.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

namespace workshop {

/// Blocks begin and end at units of this many bytes. It is what a FreeBlock needs, so whatever a
/// split leaves over can be a block; and it is the alignment of the strictest ordinary type.
inline constexpr std::size_t unit_bytes = 16;

/// The number of a unit, or a number of units. 32 bits reach 64 GiB far; what a buffer has beyond
/// that stays unused.
using Unit = std::uint32_t;

/// No block at all: the link at either end of a list. Larger than the number of any unit.
inline constexpr Unit no_block = UINT32_MAX;

/// What a free block notes of itself, in its first unit and in its last, which may be the same.
struct FreeBlock {
    Unit size;         // in the first unit
    Unit next;         // in the first unit: a link of the list of free blocks
    Unit previous;     // in the first unit: the link back
    Unit size_at_end;  // in the last unit: so that the block is found from behind
};
static_assert(sizeof(FreeBlock) == unit_bytes);

/// The units that `bytes` bytes need. Requires that `bytes` comes from a Layout.
constexpr std::size_t units_for(std::size_t bytes) noexcept {
    return (bytes + unit_bytes - 1) / unit_bytes;
}

/// The buffer as an array of units.
class UnitArray {
public:
    /// Requires that `first` is a multiple of unit_bytes, or `count` zero.
    UnitArray(std::byte* first, Unit count) noexcept : first_{first}, count_{count} {}

    Unit count() const noexcept { return count_; }

    /// The first byte of a unit; for count(), the byte behind the last.
    std::byte* address(Unit unit) const noexcept { return first_ + unit * unit_bytes; }

    /// The unit that a block begins with.
    Unit unit_at(const void* block) const noexcept {
        return static_cast<Unit>((address_of(block) - address_of(first_)) / unit_bytes);
    }

    /// What a free block notes of itself in this unit, its first or its last.
    FreeBlock& operator[](Unit unit) const noexcept {
        // SAFETY: the caller knows that a free block begins or ends here, so a FreeBlock was made
        // here by placement new, and nobody else has been given these bytes since.
        return *std::launder(reinterpret_cast<FreeBlock*>(address(unit)));
    }

private:
    std::byte* first_;
    Unit count_;
};

/// A bit for each unit: set for the first and the last unit of each free block, and for no other.
class EdgeBits {
    static constexpr Unit word_bits = 64;
    /// As many units as whole words have bits for, without no_block among their numbers.
    static constexpr Unit most = no_block / word_bits * word_bits;

public:
    /// The units that fit into `bytes` bytes together with their bits.
    static constexpr Unit units_in(std::size_t bytes) noexcept {
        constexpr std::size_t group = word_bits * unit_bytes + sizeof(std::uint64_t);
        const std::size_t rest = bytes % group;
        const std::size_t units =
            bytes / group * word_bits +
            (rest < sizeof(std::uint64_t) ? 0 : (rest - sizeof(std::uint64_t)) / unit_bytes);
        return units < most ? static_cast<Unit>(units) : most;
    }

    /// The bits live right behind the last unit. All are clear.
    explicit EdgeBits(UnitArray units) noexcept : count_{units.count()} {
        if (count_ != 0) {
            // SAFETY: units_in() left room for the words there, and the address is a multiple of
            // unit_bytes.
            words_ = ::new (units.address(count_)) std::uint64_t[word_count()];
        }
        clear();
    }

    bool test(Unit unit) const noexcept {
        return (words_[unit / word_bits] >> unit % word_bits & 1) != 0;
    }

    void set(Unit unit) noexcept { words_[unit / word_bits] |= mask(unit); }

    void clear(Unit unit) noexcept { words_[unit / word_bits] &= ~mask(unit); }

    /// Clears all. O(units), one word for each 64.
    void clear() noexcept {
        for (std::size_t word = 0; word < word_count(); ++word) {
            words_[word] = 0;
        }
    }

    /// The first unit at or after `unit` whose bit is set; the number of units when there is none.
    Unit next(Unit unit) const noexcept {
        while (unit < count_) {
            const std::uint64_t rest = words_[unit / word_bits] >> unit % word_bits;
            if (rest != 0) {
                return unit + static_cast<Unit>(std::countr_zero(rest));
            }
            unit += word_bits - unit % word_bits;
        }
        return count_;
    }

private:
    static std::uint64_t mask(Unit unit) noexcept { return std::uint64_t{1} << unit % word_bits; }

    std::size_t word_count() const noexcept {
        return (std::size_t{count_} + word_bits - 1) / word_bits;
    }

    std::uint64_t* words_ = nullptr;
    Unit count_;
};

}  // namespace workshop

// Step 4: free blocks sorted into bins by size.
//
//   bin     0  1  2  ..  63 | 64    65    66    ..  95    | 96    97    ..      size in units:
//   sizes   -  1  2  ..  63 | 64-65 66-67 68-69 ..  126-7 | 128.. 132.. ..      exact, then 32
//   block?  0  0  1  ..   1 | 0     1     0     ..  0     | 0     0     ..      bins a doubling
//
// A bit for each bin says where there is a block, so no list is ever walked. See CONCEPTS.md,
// "Segregated fits".

#pragma once

#include <free_list.hpp>
#include <units.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace workshop {

/// The number of bins between one power of two and the next.
inline constexpr unsigned bins_per_doubling = 32;

/// The number of bins in all; what is not one of their numbers is this.
inline constexpr unsigned bin_count = 28 * bins_per_doubling;

/// The bin for free blocks of `size` units, which is at least 1. A larger size has no lower bin,
/// and the sizes of one bin differ by less than 1/32.
constexpr unsigned bin_of(Unit size) noexcept {
    // A floating-point number: the exponent says how often the size has to be halved until it is
    // below 64, and then it is the mantissa.
    const auto exponent = static_cast<unsigned>(std::bit_width(size | bins_per_doubling)) - 6;
    return exponent * bins_per_doubling + (size >> exponent);
}

/// A set of bins, as bits.
class BinSet {
public:
    void insert(unsigned bin) noexcept {
        words_[bin / word_bits] |= std::uint64_t{1} << bin % word_bits;
        summary_ |= std::uint64_t{1} << bin / word_bits;
    }

    void erase(unsigned bin) noexcept {
        words_[bin / word_bits] &= ~(std::uint64_t{1} << bin % word_bits);
        if (words_[bin / word_bits] == 0) {
            summary_ &= ~(std::uint64_t{1} << bin / word_bits);
        }
    }

    /// The lowest bin of the set that is not below `bin`; bin_count when there is none. O(1).
    unsigned next(unsigned bin) const noexcept {
        if (bin >= bin_count) {
            return bin_count;
        }
        const unsigned word = bin / word_bits;
        const std::uint64_t here = words_[word] >> bin % word_bits;
        if (here != 0) {
            return bin + static_cast<unsigned>(std::countr_zero(here));
        }
        const std::uint64_t above = summary_ >> word >> 1;
        if (above == 0) {
            return bin_count;
        }
        const unsigned found = word + 1 + static_cast<unsigned>(std::countr_zero(above));
        return found * word_bits + static_cast<unsigned>(std::countr_zero(words_[found]));
    }

private:
    static constexpr unsigned word_bits = 64;

    // Invariant: summary_ has a bit for each word, set when the word is not zero.
    std::uint64_t words_[bin_count / word_bits] = {};
    std::uint64_t summary_ = 0;
};

/// Placement: of the smallest sizes that fit, the block that came last.
class SegregatedFit {
public:
    explicit SegregatedFit(UnitArray units) noexcept : units_{units} {
        for (Unit& first : first_) {
            first = no_block;
        }
    }

    /// Takes in a free block. O(1).
    void insert(Unit block) noexcept {
        // The newest block is often what was left of a split, and the next request is cut from it:
        // it need not be sorted in until another one comes.
        if (newest_ != no_block) {
            sort_in(newest_);
        }
        newest_ = block;
    }

    /// Takes a block out. O(1).
    void remove(Unit block) noexcept {
        if (block == newest_) {
            newest_ = no_block;
            return;
        }
        const unsigned bin = bin_of(units_[block].size);
        connect(bin, units_[block].previous, units_[block].next);
        if (first_[bin] == no_block) {
            filled_.erase(bin);
        }
    }

    /// The block to serve the request from, or no_block. O(1): it looks at no more than one block
    /// of a bin, and for an ordinary alignment at no more than two bins. So it may overlook a
    /// block that is less than 1/32 larger than the size and the strictest padding together.
    Unit find_fit(Request request) const noexcept {
        if (request.size > units_.count()) {
            return no_block;
        }
        unsigned bin = filled_.next(bin_of(static_cast<Unit>(request.size)));
        while (bin != bin_count && !fits(units_, first_[bin], request)) {
            bin = filled_.next(bin + 1);
        }
        const bool newest_is_no_looser = newest_ != no_block && fits(units_, newest_, request) &&
                                         bin_of(units_[newest_].size) <= bin;
        return newest_is_no_looser ? newest_ : first_[bin];
    }

    /// How far behind the beginning of a block the request is placed in it, in units. Blocks of a
    /// middle size, 97 to 1024 bytes at an alignment of up to 16, are cut from its end, all others
    /// from its beginning. So small ones lie beside small ones, and large ones, which tend to grow,
    /// have room behind.
    Unit offset_in(Unit block, Request request) const noexcept {
        const bool middle = request.size >= first_middle_size && request.size <= last_middle_size;
        if (middle && request.alignment <= unit_bytes) {
            return units_[block].size - static_cast<Unit>(request.size);
        }
        return static_cast<Unit>(padding(units_, block, request.alignment));
    }

    /// True when it has `count` blocks and no more, with links that are sound both ways, each in
    /// the bin of its size and one for which `is_free(block)` is true.
    template <class Predicate>
    bool check(std::size_t count, Predicate is_free) const noexcept {
        if (newest_ != no_block && (count-- == 0 || !is_free(newest_))) {
            return false;
        }
        for (unsigned bin = 0; bin != bin_count; ++bin) {
            if ((filled_.next(bin) == bin) != (first_[bin] != no_block)) {
                return false;
            }
            Unit previous = no_block;
            for (Unit block = first_[bin]; block != no_block; block = units_[block].next) {
                if (count-- == 0 || !is_free(block) || units_[block].previous != previous ||
                    bin_of(units_[block].size) != bin) {
                    return false;
                }
                previous = block;
            }
        }
        return count == 0;
    }

private:
    static constexpr std::size_t first_middle_size = 7;
    static constexpr std::size_t last_middle_size = 64;

    /// Puts a block into the bin of its size.
    void sort_in(Unit block) noexcept {
        const unsigned bin = bin_of(units_[block].size);
        connect(bin, block, first_[bin]);
        connect(bin, no_block, block);
        filled_.insert(bin);
    }

    /// Makes `next` follow `previous` in the list of a bin; no_block is what precedes the first
    /// and follows the last.
    void connect(unsigned bin, Unit previous, Unit next) noexcept {
        if (previous == no_block) {
            first_[bin] = next;
        } else {
            units_[previous].next = next;
        }
        if (next != no_block) {
            units_[next].previous = previous;
        }
    }

    // Invariants
    //   1. newest_ is a free block or no_block; it is in no bin.
    //   2. first_[bin] is the first of a list of all other free blocks whose size belongs there;
    //      behind the last bin stands one more no_block.
    //   3. filled_ has exactly the bins whose list is not empty.
    UnitArray units_;
    Unit newest_ = no_block;
    Unit first_[bin_count + 1];
    BinSet filled_;
};

}  // namespace workshop

// Where blocks begin and end: two bits for each unit of 16 bytes.
//
//   units   [  a  ][ b      b      b ][     ][  c ~  c ~  c!  ]
//   codes    whole  first   .    last   .     first  .    noted
//
// free() is told an address and no size. A header in front of each block could hold it; but to keep
// the block aligned the header would have to be 16 bytes long, as long as many a block. Two bits
// for 16 bytes are one part in 64, and they lie apart, where a program that writes before its block
// does not reach them.

#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace preload {

/// The smallest piece: malloc's alignment. All sizes are counted in it.
inline constexpr std::size_t unit_bytes = 16;
static_assert(unit_bytes >= alignof(std::max_align_t));

/// The codes of a buffer. One thread at a time may change them. Whoever owns a block may ask about
/// it at any time: nobody changes its codes meanwhile, only those that share a word with them.
class BlockCodes {
public:
    /// The bytes that the codes of `units` units need.
    static constexpr std::size_t bytes_for(std::size_t units) noexcept {
        return (units + units_a_word - 1) / units_a_word * sizeof(std::uint64_t);
    }

    BlockCodes() noexcept = default;

    /// Requires bytes_for(units) zero bytes at `words`, aligned for a word.
    BlockCodes(std::byte* words, std::size_t units) noexcept
        // SAFETY: the kernel's zero pages; whoever maps them may take them for an array of
        // integers.
        : words_{reinterpret_cast<std::uint64_t*>(words)}, units_{units} {}

    /// A block of `count` units is handed out. `noted`: its last unit is ours, and has a note.
    /// Requires that `noted` blocks have two units.
    void add(std::size_t first, std::size_t count, bool noted) noexcept {
        if (count == 1) {
            set(first, whole_or_noted);
        } else {
            set_both(first, begins, first + count - 1, noted ? whole_or_noted : ends);
        }
    }

    /// The block is no longer.
    void remove(std::size_t first, std::size_t count) noexcept {
        set_both(first, none, first + count - 1, none);
    }

    /// True when a block begins here.
    bool begins_at(std::size_t unit) const noexcept {
        const unsigned code = get(unit);
        return code == begins || code == whole_or_noted;
    }

    struct Extent {
        std::size_t units;
        bool noted;
    };

    /// The block that begins here. Requires that one does. O(units of the block), 32 at a time.
    Extent extent(std::size_t first) const noexcept {
        if (get(first) == whole_or_noted) {
            return {1, false};
        }
        const std::size_t last = next(first + 1, units_);
        return {last + 1 - first, get(last) == whole_or_noted};
    }

    /// The first unit from this one up to `end` where a block begins or ends; `end` where none
    /// does.
    std::size_t next(std::size_t unit, std::size_t end) const noexcept {
        while (unit < end) {
            const std::uint64_t rest = load(unit / units_a_word) >> shift(unit);
            if (rest != 0) {
                const std::size_t found =
                    unit + static_cast<std::size_t>(std::countr_zero(rest)) / 2;
                return found < end ? found : end;
            }
            unit += units_a_word - unit % units_a_word;
        }
        return end;
    }

    std::size_t units() const noexcept { return units_; }

private:
    enum Code : unsigned { none = 0, begins = 1, ends = 2, whole_or_noted = 3 };

    static constexpr std::size_t units_a_word = 32;

    static unsigned shift(std::size_t unit) noexcept {
        return static_cast<unsigned>(unit % units_a_word) * 2;
    }

    // ORDER: relaxed: a word is shared by blocks of several threads, so it must not be torn; the
    // two bits of a block are read by its owner, who got them together with the block.
    std::uint64_t load(std::size_t word) const noexcept {
        return std::atomic_ref{words_[word]}.load(std::memory_order_relaxed);
    }

    unsigned get(std::size_t unit) const noexcept {
        return static_cast<unsigned>(load(unit / units_a_word) >> shift(unit)) & 3U;
    }

    void set(std::size_t unit, Code code) noexcept {
        const std::size_t word = unit / units_a_word;
        const std::uint64_t others = load(word) & ~(std::uint64_t{3} << shift(unit));
        std::atomic_ref{words_[word]}.store(others | std::uint64_t{code} << shift(unit),
                                            std::memory_order_relaxed);
    }

    /// Of most blocks both ends are in the same word.
    void set_both(std::size_t first, Code code, std::size_t last, Code last_code) noexcept {
        if (first / units_a_word != last / units_a_word) {
            set(first, code);
            set(last, last_code);
            return;
        }
        const std::uint64_t mask = std::uint64_t{3} << shift(first) | std::uint64_t{3}
                                                                          << shift(last);
        const std::uint64_t codes = std::uint64_t{code} << shift(first) | std::uint64_t{last_code}
                                                                              << shift(last);
        const std::size_t word = first / units_a_word;
        std::atomic_ref{words_[word]}.store((load(word) & ~mask) | codes,
                                            std::memory_order_relaxed);
    }

    // Invariant: the code of a unit is `begins` or `ends` where a live block of several units does,
    // `whole_or_noted` where one of a single unit is or where one with a note ends, else `none`.
    std::uint64_t* words_ = nullptr;
    std::size_t units_ = 0;
};

}  // namespace preload

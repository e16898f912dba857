// What the judges of step 4 share: a look at the pieces of a buffer, and what is asked of a design.

#pragma once

#include <block_state.hpp>

#include <harness/function_ref.hpp>
#include <harness/judge.hpp>
#include <harness/own.hpp>

#include <cstddef>

// The designs under tests/designs say here what they cannot do by their nature, and why.
#if __has_include(<design.hpp>)
#include <design.hpp>
#define WORKSHOP_OTHER_DESIGN
#else
namespace design {

/// Free blocks that touch are always one block.
inline constexpr bool merges_all_neighbours = true;
/// The placement policy decides which block is taken.
inline constexpr bool has_placements = true;
/// With bins, the cost of an operation does not depend on the number of blocks.
inline constexpr bool has_bins = true;
/// A block can grow into what is free behind it, and shrinking it frees its end.
inline constexpr bool moves_the_end = true;
/// Bytes that a live block costs, its size rounded up to 16 bytes not counted.
inline constexpr std::size_t overhead = 16;

/// The least capacity of a buffer of this size.
constexpr std::size_t least_capacity(std::size_t size) {
    const std::size_t lost = size / 16 + 64;
    return size < lost ? 0 : size - lost;
}

}  // namespace design
#endif

namespace {

using harness::Place;
using std::size_t;
using workshop::BlockState;

/// The pieces of a buffer, added up.
struct Pieces {
    size_t free_bytes = 0;
    size_t live_bytes = 0;
    size_t free_blocks = 0;
    size_t largest_free = 0;
    bool free_neighbours = false;
};

/// What visits the pieces; always of this one type, so that for_each_block is compiled once for
/// each allocator.
using Visitor = harness::FunctionRef<size_t, size_t, BlockState>;

/// A walk over the pieces, which must tile the buffer. The first that does not ends the test case.
struct Walk {
    size_t buffer_size;
    Place place;
    Pieces sum = {};
    size_t end = 0;  // of the last piece
    bool after_free = false;

    HARNESS_OWN void add(size_t offset, size_t size, BlockState state) {
        if (offset != end || size == 0 || size > buffer_size - offset) {
            harness::wrong("the blocks that for_each_block tells do not tile the buffer", place);
        }
        end = offset + size;
        const bool is_free = state == BlockState::free;
        sum.free_neighbours = sum.free_neighbours || (is_free && after_free);
        sum.free_blocks += is_free ? 1 : 0;
        sum.free_bytes += is_free ? size : 0;
        sum.live_bytes += state == BlockState::live ? size : 0;
        sum.largest_free = is_free && size > sum.largest_free ? size : sum.largest_free;
        after_free = is_free;
    }
};

/// Walks over the pieces. They must tile the buffer.
template <class A>
HARNESS_OWN Pieces pieces_of(const A& allocator, size_t buffer_size, Place place = Place::here()) {
    Walk walk{buffer_size, place};
    const auto add = [&](auto... piece) HARNESS_OWN { walk.add(piece...); };
    allocator.for_each_block(Visitor{add});
    if (walk.end != buffer_size) {
        harness::wrong("the blocks that for_each_block tells end before the buffer does", place);
    }
    return walk.sum;
}

/// The pieces tile the buffer, what is free has merged, and check() agrees.
template <class A>
HARNESS_OWN Pieces check_merged(const A& allocator, size_t buffer_size,
                                Place place = Place::here()) {
    const Pieces pieces = pieces_of(allocator, buffer_size, place);
    if (pieces.free_neighbours && design::merges_all_neighbours) {
        harness::wrong("two free blocks are neighbours: they should have merged", place);
    }
    if (!allocator.check()) {
        harness::wrong("check() says that an invariant is broken", place);
    }
    return pieces;
}

/// Nothing is live any more: what is free is one block, and can be handed out as one.
template <class A>
HARNESS_OWN void check_empty(harness::Watched<A>& list, size_t buffer_size,
                             Place place = Place::here()) {
    const Pieces pieces = check_merged(*list, buffer_size, place);
    if (pieces.live_bytes != 0) {
        harness::wrong("all was given back, and for_each_block still tells of live bytes", place);
    }
    if (pieces.free_blocks > 1 && design::merges_all_neighbours) {
        harness::wrong("all was given back, and what is free is more than one block", place);
    }
    std::byte* const whole = list.allocate(list->capacity(), 1, place);
    if (whole == nullptr) {
        harness::wrong("all was given back, and the whole capacity cannot be had as one block",
                       place);
    }
    list.deallocate(whole, list->capacity(), 1, place);
}

/// True when for_each_block tells that all of these bytes are live.
template <class A>
HARNESS_OWN bool is_told_live(A& allocator, const std::byte* buffer, const std::byte* block,
                              size_t size) {
    const size_t first = static_cast<size_t>(block - buffer);
    bool found = false;
    const auto look = [&](size_t offset, size_t length, BlockState state) HARNESS_OWN {
        found = found ||
                (state == BlockState::live && offset <= first && first + size <= offset + length);
    };
    allocator.for_each_block(Visitor{look});
    return found;
}

/// What is certain to be had, where the largest free block is as large as this. Bins may overlook
/// a block that is but a little larger than what is asked for.
constexpr size_t certain(size_t largest_free) {
    const size_t less = largest_free / 4 + 64;
    return largest_free < less ? 0 : largest_free - less;
}

/// Some blocks of one size.
struct Blocks {
    static constexpr size_t most = 1024;

    std::byte* at[most];
    size_t count = 0;

    HARNESS_OWN std::byte*& operator[](size_t index) { return at[index]; }
};

/// Asks for blocks until the answer is no, or there are `most`.
template <class A>
HARNESS_OWN Blocks fill(harness::Watched<A>& list, size_t size, size_t alignment,
                        size_t most = Blocks::most, Place place = Place::here()) {
    Blocks blocks;
    while (blocks.count != most) {
        std::byte* const block = list.allocate(size, alignment, place);
        if (block == nullptr) {
            break;
        }
        blocks[blocks.count] = block;
        ++blocks.count;
    }
    return blocks;
}

/// Sorts them by address.
HARNESS_OWN inline void sort(Blocks& blocks) {
    for (size_t i = 1; i < blocks.count; ++i) {
        for (size_t k = i; k != 0 && blocks[k] < blocks[k - 1]; --k) {
            std::byte* const block = blocks[k];
            blocks[k] = blocks[k - 1];
            blocks[k - 1] = block;
        }
    }
}

/// The next of a fixed row of numbers in [0, bound) that look random.
class Dice {
public:
    HARNESS_OWN size_t operator()(size_t bound) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<size_t>(state_ >> 33) % bound;
    }

private:
    unsigned long long state_ = 1;
};

/// Mixes their order.
HARNESS_OWN inline void shuffle(Blocks& blocks, Dice& dice) {
    for (size_t i = blocks.count; i > 1; --i) {
        const size_t other = dice(i);
        std::byte* const block = blocks[i - 1];
        blocks[i - 1] = blocks[other];
        blocks[other] = block;
    }
}

}  // namespace

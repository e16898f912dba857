// What the judges of step 4 share: a watched free list, and a look at the pieces of its buffer.

#pragma once

#include <bridges/free_list.hpp>

#include <harness/assertions.hpp>
#include <harness/guarded_buffer.hpp>
#include <harness/random_judge.hpp>
#include <harness/watched_subject.hpp>

#include <cstddef>
#include <cstdint>

using bridge::BlockState;
using bridge::design;
using bridge::FreeList;
using bridge::layout;
using harness::GuardedBuffer;
using harness::Place;
using std::size_t;

/// True when the address is a multiple of the alignment.
inline bool is_aligned(const void* block, size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

/// The pieces of a buffer, added up.
struct Pieces {
    size_t free_bytes = 0;
    size_t live_bytes = 0;
    size_t free_blocks = 0;
    size_t largest_free = 0;
    bool free_neighbours = false;
};

/// A free list in a guarded buffer, with the shadow model around each call: `list.allocate(24, 8)`
/// is watched, `list->capacity()` is not.
class Watched : bridge::Owner<FreeList>, public harness::WatchedSubject {
public:
    Watched(GuardedBuffer& buffer, bridge::MakeFreeList make)
        : Owner{make(buffer.span())}, WatchedSubject{buffer, **this} {}

    using Owner::operator*;
    using Owner::operator->;
};

/// A walk over the pieces, which must tile the buffer. The first that does not ends the test case.
struct Walk {
    size_t buffer_size;
    Place place;
    Pieces sum = {};
    size_t end = 0;  // of the last piece
    bool after_free = false;

    void add(size_t offset, size_t size, BlockState state) {
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
inline Pieces pieces_of(const FreeList& list, size_t buffer_size, Place place = Place::here()) {
    Walk walk{buffer_size, place};
    const auto add = [&](auto... piece) { walk.add(piece...); };
    list.for_each_block(bridge::Visitor{add});
    if (walk.end != buffer_size) {
        harness::wrong("the blocks that for_each_block tells end before the buffer does", place);
    }
    return walk.sum;
}

/// The pieces tile the buffer, what is free has merged, and check() agrees.
inline Pieces check_merged(const FreeList& list, size_t buffer_size, Place place = Place::here()) {
    const Pieces pieces = pieces_of(list, buffer_size, place);
    if (pieces.free_neighbours && design().merges_all_neighbours) {
        harness::wrong("two free blocks are neighbours: they should have merged", place);
    }
    if (!list.check()) {
        harness::wrong("check() says that an invariant is broken", place);
    }
    return pieces;
}

/// Nothing is live any more: what is free is one block, and can be handed out as one.
inline void check_empty(Watched& list, size_t buffer_size, Place place = Place::here()) {
    const Pieces pieces = check_merged(*list, buffer_size, place);
    if (pieces.live_bytes != 0) {
        harness::wrong("all was given back, and for_each_block still tells of live bytes", place);
    }
    if (pieces.free_blocks > 1 && design().merges_all_neighbours) {
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
inline bool is_told_live(const FreeList& list, const std::byte* buffer, const std::byte* block,
                         size_t size) {
    const size_t first = static_cast<size_t>(block - buffer);
    bool found = false;
    const auto look = [&](size_t offset, size_t length, BlockState state) {
        found = found ||
                (state == BlockState::live && offset <= first && first + size <= offset + length);
    };
    list.for_each_block(bridge::Visitor{look});
    return found;
}

/// What is certain to be had, where the largest free block is as large as this. Bins may overlook
/// a block that is but a little larger than what is asked for.
constexpr size_t certain(size_t largest_free) {
    const size_t less = largest_free / 4 + 64;
    return largest_free < less ? 0 : largest_free - less;
}

/// A free list for the random judge.
class RandomSubject final : public harness::Subject {
public:
    RandomSubject(FreeList& list, size_t buffer_size, bool resizes)
        : list_{list}, buffer_size_{buffer_size}, resizes_{resizes} {}

    void* allocate(size_t size, size_t alignment) override {
        return list_.allocate(size, alignment);
    }
    void deallocate(void* block, size_t size, size_t alignment) override {
        list_.deallocate(block, size, alignment);
    }
    bool can_resize() const override { return resizes_; }
    bool try_resize(void* block, size_t size, size_t alignment, size_t new_size) override {
        return list_.try_resize(block, size, alignment, new_size);
    }
    bool can_reset() const override { return list_.can_reset(); }
    void reset() override { list_.reset(); }
    bool check() const override {
        check_merged(list_, buffer_size_);
        return true;
    }
    bool owns(const void* block) const override { return list_.owns(block); }
    size_t room() const override { return certain(pieces_of(list_, buffer_size_).largest_free); }
    size_t capacity() const override { return list_.capacity(); }

private:
    FreeList& list_;
    size_t buffer_size_;
    bool resizes_;
};

/// Plays random sequences on what `make` makes.
template <bridge::MakeFreeList make, bool resizes = false>
void play_random_sequences(const harness::RandomRules& rules) {
    harness::play_random_sequences(
        rules,
        [](std::span<std::byte> buffer, void (*play)(harness::Subject&, void*), void* context) {
            const bridge::Owner<FreeList> list = make(buffer);
            RandomSubject subject{*list, buffer.size(), resizes};
            play(subject, context);
        });
}

/// Some blocks of one size.
struct Blocks {
    static constexpr size_t most = 1024;

    std::byte* at[most];
    size_t count = 0;

    std::byte*& operator[](size_t index) { return at[index]; }
};

/// Asks for blocks until the answer is no, or there are `most`.
inline Blocks fill(Watched& list, size_t size, size_t alignment, size_t most = Blocks::most,
                   Place place = Place::here()) {
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
inline void sort(Blocks& blocks) {
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
    size_t operator()(size_t bound) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<size_t>(state_ >> 33) % bound;
    }

private:
    unsigned long long state_ = 1;
};

/// Mixes their order.
inline void shuffle(Blocks& blocks, Dice& dice) {
    for (size_t i = blocks.count; i > 1; --i) {
        const size_t other = dice(i);
        std::byte* const block = blocks[i - 1];
        blocks[i - 1] = blocks[other];
        blocks[other] = block;
    }
}

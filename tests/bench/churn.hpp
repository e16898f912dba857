// Random churn: so many blocks are live, of any size from 8 to 1024 bytes, and again and again one
// of them, any, gives way to a new one.

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace bench {

class Churn {
public:
    explicit Churn(std::size_t live) : blocks_(live) {
        turns_.reserve(turn_count);
        for (std::size_t i = 0; i < turn_count; ++i) {
            turns_.push_back(any_turn());
        }
    }

    /// Allocates all blocks, and lets each give way twice or so: then the free blocks are what they
    /// will be. False when there is no room.
    template <class A>
    bool begin(A& allocator) {
        for (Block& block : blocks_) {
            block.size = any_turn().size;
            block.address = allocator.allocate(layout(block.size));
            if (block.address == nullptr) {
                return false;
            }
        }
        for (std::size_t i = 0; i < 2 * blocks_.size(); ++i) {
            if (!take(allocator, any_turn())) {
                return false;
            }
        }
        return true;
    }

    /// One block gives way to another: two operations. False when there is no room.
    template <class A>
    bool step(A& allocator) {
        return take(allocator, next_turn());
    }

    /// What a step does beside the allocator's work: it finds a block, and writes into it.
    void touch() {
        const Turn& turn = next_turn();
        Block& block = blocks_[turn.block];
        *static_cast<std::byte*>(block.address) = std::byte{1};
    }

    template <class A>
    void end(A& allocator) {
        for (const Block& block : blocks_) {
            allocator.deallocate(block.address, layout(block.size));
        }
    }

    /// Bytes that are enough for all of it, with room for what lies between.
    static std::size_t ample_buffer(std::size_t live) { return live * 1024 + (1U << 16U); }

private:
    // Few enough to stay in a cache, and more than anything would learn by heart.
    static constexpr std::size_t turn_count = std::size_t{1} << 16;

    struct Block {
        void* address = nullptr;
        std::size_t size = 0;
    };

    struct Turn {
        std::uint32_t block;
        std::uint32_t size;
    };

    static workshop::Layout layout(std::size_t size) { return *workshop::Layout::make(size, 8); }

    template <class A>
    bool take(A& allocator, const Turn& turn) {
        Block& block = blocks_[turn.block];
        allocator.deallocate(block.address, layout(block.size));
        block.size = turn.size;
        block.address = allocator.allocate(layout(block.size));
        if (block.address == nullptr) {
            return false;
        }
        *static_cast<std::byte*>(block.address) = std::byte{1};
        return true;
    }

    const Turn& next_turn() {
        at_ = (at_ + 1) % turn_count;
        return turns_[at_];
    }

    Turn any_turn() {
        return {static_cast<std::uint32_t>(next_random() % blocks_.size()),
                static_cast<std::uint32_t>(8 + next_random() % 1017)};
    }

    std::size_t next_random() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state_ >> 33);
    }

    std::uint64_t state_ = 1;
    std::vector<Block> blocks_;
    std::vector<Turn> turns_;
    std::size_t at_ = 0;
};

/// The C library's malloc in our words.
struct Malloc {
    void* allocate(workshop::Layout layout) noexcept { return std::malloc(layout.block_size()); }
    void deallocate(void* block, workshop::Layout) noexcept { std::free(block); }
};

}  // namespace bench

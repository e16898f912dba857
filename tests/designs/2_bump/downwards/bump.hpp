// Another design for step 2: from the end of the buffer to its start.
//
//   [ free . . . . . | c c . b b b b b b a a ]
//   ^begin_          ^next_                   ^end_
//
// The padding falls behind a block, and the newest block is known by its beginning.

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <span>

namespace workshop {

class BumpAllocator {
public:
    explicit BumpAllocator(std::span<std::byte> buffer) noexcept
        : begin_{buffer.data()}, next_{begin_ + buffer.size()}, end_{next_} {}

    BumpAllocator(const BumpAllocator&) = delete;
    BumpAllocator& operator=(const BumpAllocator&) = delete;

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        if (layout.block_size() > remaining()) {
            return nullptr;
        }
        // SAFETY: block_size() bytes lie between begin_ and next_, as was just compared.
        std::byte* const highest = next_ - layout.block_size();
        const std::size_t padding = address_of(highest) & (layout.alignment() - 1);
        if (padding > static_cast<std::size_t>(highest - begin_)) {
            return nullptr;
        }
        next_ = highest - padding;
        return next_;
    }

    void deallocate(void* block, Layout layout) noexcept {
        if (block != nullptr && block == next_) {
            // SAFETY: the caller was given block_size() bytes here, so they lie in the buffer.
            next_ += layout.block_size();
        }
    }

    void reset() noexcept { next_ = end_; }
    std::size_t capacity() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
    std::size_t used() const noexcept { return static_cast<std::size_t>(end_ - next_); }
    std::size_t remaining() const noexcept { return static_cast<std::size_t>(next_ - begin_); }

    bool owns(const void* pointer) const noexcept {
        return address_of(begin_) <= address_of(pointer) && address_of(pointer) < address_of(end_);
    }

private:
    std::byte* begin_;
    std::byte* next_;
    std::byte* end_;
};

static_assert(Allocator<BumpAllocator>);

}  // namespace workshop

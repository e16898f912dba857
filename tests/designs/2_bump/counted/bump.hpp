// Another design for step 2: the live blocks are counted, and when the last one is given back, in
// whatever order, the whole buffer is free again.

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <span>

namespace workshop {

class BumpAllocator {
public:
    explicit BumpAllocator(std::span<std::byte> buffer) noexcept : free_{buffer}, buffer_{buffer} {}

    BumpAllocator(const BumpAllocator&) = delete;
    BumpAllocator& operator=(const BumpAllocator&) = delete;

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        const std::size_t padding = padding_for(free_.data(), layout.alignment());
        if (free_.size() < padding || free_.size() - padding < layout.block_size()) {
            return nullptr;
        }
        // SAFETY: subspan may be asked for no more than the span has, which was just compared.
        const std::span<std::byte> block = free_.subspan(padding, layout.block_size());
        free_ = free_.subspan(padding + layout.block_size());
        ++live_;
        return block.data();
    }

    void deallocate(void* block, Layout layout) noexcept {
        if (block == nullptr) {
            return;
        }
        // SAFETY: the caller gives back a block of this layout, which allocate() has counted; so
        // there is one to count back, and its bytes lie in front of free_ if it is the newest.
        --live_;
        if (live_ == 0) {
            free_ = buffer_;
        } else if (static_cast<std::byte*>(block) + layout.block_size() == free_.data()) {
            free_ = {static_cast<std::byte*>(block), free_.size() + layout.block_size()};
        }
    }

    void reset() noexcept {
        free_ = buffer_;
        live_ = 0;
    }

    std::size_t capacity() const noexcept { return buffer_.size(); }
    std::size_t used() const noexcept { return buffer_.size() - free_.size(); }
    std::size_t remaining() const noexcept { return free_.size(); }

    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(buffer_.data()) < buffer_.size();
    }

private:
    std::span<std::byte> free_;
    std::span<std::byte> buffer_;
    std::size_t live_ = 0;
};

static_assert(Allocator<BumpAllocator>);

}  // namespace workshop

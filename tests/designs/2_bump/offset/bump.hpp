// Another design for step 2: the buffer, and how many of its bytes are used.

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <span>

namespace workshop {

class BumpAllocator {
public:
    explicit BumpAllocator(std::span<std::byte> buffer) noexcept : buffer_{buffer} {}

    BumpAllocator(const BumpAllocator&) = delete;
    BumpAllocator& operator=(const BumpAllocator&) = delete;

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        // SAFETY: used_ is at most the buffer's size, and the padding is looked at before the
        // block is made.
        const std::size_t padding = padding_for(buffer_.data() + used_, layout.alignment());
        if (padding > remaining() || layout.block_size() > remaining() - padding) {
            return nullptr;
        }
        const std::size_t offset = used_ + padding;
        used_ = offset + layout.block_size();
        return buffer_.data() + offset;
    }

    void deallocate(void* block, Layout layout) noexcept {
        if (block == nullptr) {
            return;
        }
        // SAFETY: a block that comes back came from this buffer, so its offset is no more than the
        // buffer's size.
        const std::size_t offset = address_of(block) - address_of(buffer_.data());
        if (used_ - offset == layout.block_size()) {
            used_ = offset;
        }
    }

    void reset() noexcept { used_ = 0; }
    std::size_t capacity() const noexcept { return buffer_.size(); }
    std::size_t used() const noexcept { return used_; }
    std::size_t remaining() const noexcept { return buffer_.size() - used_; }

    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) >= address_of(buffer_.data()) &&
               address_of(pointer) - address_of(buffer_.data()) < buffer_.size();
    }

private:
    std::span<std::byte> buffer_;
    std::size_t used_ = 0;
};

static_assert(Allocator<BumpAllocator>);

}  // namespace workshop

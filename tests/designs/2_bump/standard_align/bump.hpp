// Another design for step 2: std::align does the arithmetic.

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

namespace workshop {

class BumpAllocator {
public:
    explicit BumpAllocator(std::span<std::byte> buffer) noexcept
        : buffer_{buffer}, free_{buffer.data()}, room_{buffer.size()} {}

    BumpAllocator(const BumpAllocator&) = delete;
    BumpAllocator& operator=(const BumpAllocator&) = delete;

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        // SAFETY: std::align moves free_ only where the block fits into the room_ bytes behind it.
        void* const block = std::align(layout.alignment(), layout.block_size(), free_, room_);
        if (block != nullptr) {
            free_ = static_cast<std::byte*>(block) + layout.block_size();
            room_ -= layout.block_size();
        }
        return block;
    }

    void deallocate(void* block, Layout layout) noexcept {
        // SAFETY: the caller was given block_size() bytes here; a null pointer is not stepped.
        if (block != nullptr && static_cast<std::byte*>(block) + layout.block_size() == free_) {
            free_ = block;
            room_ += layout.block_size();
        }
    }

    void reset() noexcept {
        free_ = buffer_.data();
        room_ = buffer_.size();
    }

    std::size_t capacity() const noexcept { return buffer_.size(); }
    std::size_t used() const noexcept { return buffer_.size() - room_; }
    std::size_t remaining() const noexcept { return room_; }

    bool owns(const void* pointer) const noexcept {
        // std::less orders all pointers, whatever they point into.
        const std::less<const void*> before;
        return !before(pointer, buffer_.data()) && before(pointer, buffer_.data() + buffer_.size());
    }

private:
    std::span<std::byte> buffer_;
    void* free_;
    std::size_t room_;
};

static_assert(Allocator<BumpAllocator>);

}  // namespace workshop

// Another design for step 2: the newest block goes back with the padding in front of it, as the
// allocator remembers where it was before. One block deep; older ones go back without.

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <span>

namespace workshop {

class BumpAllocator {
public:
    explicit BumpAllocator(std::span<std::byte> buffer) noexcept
        : begin_{buffer.data()}, next_{begin_}, end_{begin_ + buffer.size()} {}

    BumpAllocator(const BumpAllocator&) = delete;
    BumpAllocator& operator=(const BumpAllocator&) = delete;

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        const std::size_t padding = padding_for(next_, layout.alignment());
        const std::size_t room = remaining();
        if (padding > room || room - padding < layout.block_size()) {
            return nullptr;
        }
        before_ = next_;
        // SAFETY: padding and block together fit into what is left, as was just compared.
        newest_ = next_ + padding;
        next_ = newest_ + layout.block_size();
        return newest_;
    }

    void deallocate(void* block, Layout layout) noexcept {
        if (block == nullptr) {
            return;
        }
        std::byte* const first = static_cast<std::byte*>(block);
        // SAFETY: the caller was given block_size() bytes at this address.
        if (first + layout.block_size() == next_) {
            next_ = first == newest_ ? before_ : first;
            newest_ = nullptr;
        }
    }

    void reset() noexcept {
        next_ = begin_;
        newest_ = nullptr;
    }

    std::size_t capacity() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
    std::size_t used() const noexcept { return static_cast<std::size_t>(next_ - begin_); }
    std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - next_); }

    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(begin_) < capacity();
    }

private:
    std::byte* begin_;
    std::byte* next_;
    std::byte* end_;
    std::byte* before_ = nullptr;  // next_ as it was before newest_ was handed out
    std::byte* newest_ = nullptr;  // nullptr once it was given back
};

static_assert(Allocator<BumpAllocator>);

}  // namespace workshop

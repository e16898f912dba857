// Another design for step 4: headers and nothing else. A header of 8 bytes has the size of its
// block and of the one before; the search goes from header to header, and starts where the last one
// ended (next fit).
//
//   [ size before | payload . . ][ size before | . . . . ][ size before | payload ]
//
// deallocate needs no layout.

#pragma once

#include <alignment.hpp>
#include <block_state.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace workshop {

struct FirstFit {};
struct BestFit {};

template <class Placement = FirstFit>
class FreeListAllocator {
public:
    explicit FreeListAllocator(std::span<std::byte> buffer) noexcept : buffer_{buffer} { reset(); }

    FreeListAllocator(const FreeListAllocator&) = delete;
    FreeListAllocator& operator=(const FreeListAllocator&) = delete;

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        if (layout.block_size() > capacity()) {
            return nullptr;
        }
        const std::uint32_t size = units(layout);
        std::uint32_t at = next_;
        do {
            const std::size_t front = front_of(at, layout.alignment());
            if (count_ != 0 && !header(at).live && front <= header(at).size &&
                size <= header(at).size - front) {
                next_ = place(at, static_cast<std::uint32_t>(front), size);
                return payload(next_);
            }
            at = at + header(at).size == count_ ? 0 : at + header(at).size;
        } while (at != next_);
        return nullptr;
    }

    void deallocate(void* block, Layout) noexcept {
        if (block == nullptr) {
            return;
        }
        std::uint32_t at = unit_of(block);
        std::uint32_t size = header(at).size;
        if (at + size != count_ && !header(at + size).live) {
            size += header(at + size).size;
        }
        std::uint32_t before = header(at).before;
        if (at != 0 && !header(at - before).live) {
            at -= before;
            size += before;
            before = header(at).before;
        }
        make(at, size, before, false);
        // The last search may have ended inside what is one block now.
        next_ = next_ > at && next_ < at + size ? at : next_;
    }

    bool try_resize(void* block, Layout, Layout to) noexcept {
        const std::uint32_t at = unit_of(block);
        std::uint32_t have = header(at).size;
        const std::uint32_t next = at + have;
        if (next != count_ && !header(next).live) {
            have += header(next).size;
        }
        if (!is_aligned(block, to.alignment()) || to.block_size() > capacity() ||
            units(to) > have) {
            return false;
        }
        next_ = next_ == next ? at : next_;
        cut(at, units(to), have, header(at).before);
        return true;
    }

    void reset() noexcept {
        // Payloads are aligned to 16, so a block begins 8 bytes before that.
        const std::size_t lead = padding_for(address_of(buffer_.data()) + sizeof(Header), unit);
        count_ =
            lead < buffer_.size() ? static_cast<std::uint32_t>((buffer_.size() - lead) / unit) : 0;
        first_ = buffer_.data() + (count_ == 0 ? 0 : lead);
        next_ = 0;
        if (count_ != 0) {
            make(0, count_, 0, false);
        }
    }

    std::size_t capacity() const noexcept {
        return count_ == 0 ? 0 : count_ * unit - sizeof(Header);
    }

    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(buffer_.data()) < buffer_.size();
    }

    template <class F>
    void for_each_block(F f) const {
        const std::size_t lead = static_cast<std::size_t>(first_ - buffer_.data());
        const std::size_t end = lead + count_ * unit;
        if (lead != 0) {
            f(std::size_t{0}, lead, BlockState::overhead);
        }
        for (std::uint32_t at = 0; at != count_; at += header(at).size) {
            f(lead + at * unit, header(at).size * unit,
              header(at).live ? BlockState::live : BlockState::free);
        }
        if (end != buffer_.size()) {
            f(end, buffer_.size() - end, BlockState::overhead);
        }
    }

    bool check() const noexcept {
        bool next_is_block = count_ == 0;
        bool after_free = false;
        std::uint32_t before = 0;
        for (std::uint32_t at = 0; at != count_; at += before) {
            if (header(at).before != before || (after_free && !header(at).live)) {
                return false;
            }
            next_is_block = next_is_block || at == next_;
            after_free = !header(at).live;
            before = header(at).size;
            if (before == 0 || before > count_ - at) {
                return false;
            }
        }
        return next_is_block;
    }

private:
    struct Header {
        std::uint32_t size : 31;  // in units, the header's 8 bytes among them
        std::uint32_t live : 1;
        std::uint32_t before;  // the size of the block before this one
    };
    static constexpr std::size_t unit = 16;
    static constexpr std::uint32_t most = UINT32_MAX >> 1;  // what 31 bits hold
    static_assert(sizeof(Header) == 8);

    static std::uint32_t units(Layout layout) noexcept {
        return static_cast<std::uint32_t>((layout.block_size() + sizeof(Header) + unit - 1) / unit);
    }

    Header& header(std::uint32_t at) const noexcept {
        return *std::launder(reinterpret_cast<Header*>(first_ + at * unit));
    }

    std::byte* payload(std::uint32_t at) const noexcept {
        return first_ + at * unit + sizeof(Header);
    }

    std::uint32_t unit_of(const void* block) const noexcept {
        return static_cast<std::uint32_t>((address_of(block) - address_of(first_)) / unit);
    }

    std::size_t front_of(std::uint32_t at, std::size_t alignment) const noexcept {
        return padding_for(address_of(first_) + at * unit + sizeof(Header), alignment) / unit;
    }

    /// Makes the header of a block, and tells the block behind.
    void make(std::uint32_t at, std::uint32_t size, std::uint32_t before, bool live) noexcept {
        ::new (first_ + at * unit) Header{size & most, live, before};
        if (at + size != count_) {
            header(at + size).before = size;
        }
    }

    /// A live block of `size` units out of `have`, and what is left over as a free one.
    void cut(std::uint32_t at, std::uint32_t size, std::uint32_t have,
             std::uint32_t before) noexcept {
        if (have != size) {
            make(at + size, have - size, size, false);
        }
        make(at, size, before, true);
    }

    std::uint32_t place(std::uint32_t at, std::uint32_t front, std::uint32_t size) noexcept {
        const std::uint32_t have = header(at).size - front;
        std::uint32_t before = header(at).before;
        if (front != 0) {
            ::new (first_ + at * unit) Header{front & most, false, before};
            before = front;
        }
        cut(at + front, size, have, before);
        return at + front;
    }

    std::span<std::byte> buffer_;
    std::byte* first_ = nullptr;
    std::uint32_t count_ = 0;
    std::uint32_t next_ = 0;
};

}  // namespace workshop

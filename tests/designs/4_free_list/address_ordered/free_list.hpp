// Another design for step 4: a singly linked list in the order of addresses, and no headers.
//
//   [ a a | size next . . . | b b | size next | c c ]
//
// Whoever gives a block back walks the list to its place, and meets both neighbours there.

#pragma once

#include <alignment.hpp>
#include <block_state.hpp>

#include <cstddef>
#include <new>
#include <span>
#include <type_traits>

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
        const std::size_t size = rounded(layout);
        Free** const link = find(size, layout.alignment());
        if (*link == nullptr) {
            return nullptr;
        }
        std::byte* const hole = as_bytes(*link);
        const std::size_t hole_size = (*link)->size;
        const std::size_t front = padding_for(hole, layout.alignment());
        Free* rest = (*link)->next;
        if (front + size != hole_size) {
            rest = ::new (hole + front + size) Free{hole_size - front - size, rest};
        }
        *link = front == 0 ? rest : ::new (hole) Free{front, rest};
        return hole + front;
    }

    void deallocate(void* block, Layout layout) noexcept {
        if (block != nullptr) {
            release(static_cast<std::byte*>(block), rounded(layout));
        }
    }

    bool try_resize(void* block, Layout from, Layout to) noexcept {
        std::byte* const first = static_cast<std::byte*>(block);
        const std::size_t old_size = rounded(from);
        const std::size_t new_size = rounded(to);
        if (!is_aligned(first, to.alignment())) {
            return false;
        }
        if (new_size < old_size) {
            release(first + new_size, old_size - new_size);
        }
        if (new_size <= old_size) {
            return true;
        }
        Free** link = &head_;
        while (*link != nullptr && as_bytes(*link) < first) {
            link = &(*link)->next;
        }
        const std::size_t more = new_size - old_size;
        if (*link == nullptr || as_bytes(*link) != first + old_size || (*link)->size < more) {
            return false;
        }
        Free* const next = (*link)->next;
        const std::size_t rest = (*link)->size - more;
        *link = rest == 0 ? next : ::new (first + new_size) Free{rest, next};
        return true;
    }

    void reset() noexcept {
        const std::size_t lead = padding_for(buffer_.data(), unit);
        const std::size_t room = lead < buffer_.size() ? buffer_.size() - lead : 0;
        size_ = align_down(room, unit);
        head_ = nullptr;
        if (size_ != 0) {
            head_ = ::new (buffer_.data() + lead) Free{size_, nullptr};
        }
    }

    std::size_t capacity() const noexcept { return size_; }

    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(buffer_.data()) < buffer_.size();
    }

    template <class F>
    void for_each_block(F f) const {
        const std::size_t lead = padding_for(buffer_.data(), unit);
        std::size_t at = size_ == 0 ? 0 : lead;
        const std::size_t end = at + size_;
        tell(f, 0, at, BlockState::overhead);
        for (const Free* hole = head_; hole != nullptr; hole = hole->next) {
            const std::size_t offset = address_of(hole) - address_of(buffer_.data());
            tell(f, at, offset, BlockState::live);
            at = offset + hole->size;
            tell(f, offset, at, BlockState::free);
        }
        tell(f, at, end, BlockState::live);
        tell(f, end, buffer_.size(), BlockState::overhead);
    }

    bool check() const noexcept {
        std::size_t at = address_of(buffer_.data());
        bool sound = true;
        for (const Free* hole = head_; hole != nullptr && sound; hole = hole->next) {
            sound = address_of(hole) > at || (hole == head_ && address_of(hole) >= at);
            at = address_of(hole) + hole->size;
            sound = sound && hole->size % unit == 0 && owns(hole) &&
                    owns(as_bytes(hole) + hole->size - 1);
        }
        return sound;
    }

private:
    struct Free {
        std::size_t size;
        Free* next;
    };
    static constexpr std::size_t unit = sizeof(Free);
    static_assert(unit == 16);

    static std::size_t rounded(Layout layout) noexcept {
        return align_up(layout.block_size(), unit);
    }

    static std::byte* as_bytes(Free* hole) noexcept { return reinterpret_cast<std::byte*>(hole); }
    static const std::byte* as_bytes(const Free* hole) noexcept {
        return reinterpret_cast<const std::byte*>(hole);
    }

    template <class F>
    static void tell(F& f, std::size_t from, std::size_t to, BlockState state) {
        if (from != to) {
            f(from, to - from, state);
        }
    }

    static bool fits(Free* hole, std::size_t size, std::size_t alignment) noexcept {
        const std::size_t front = padding_for(as_bytes(hole), alignment);
        return front <= hole->size && size <= hole->size - front;
    }

    /// The link to the hole to use, or the one at the end of the list.
    Free** find(std::size_t size, std::size_t alignment) noexcept {
        Free** best = nullptr;
        Free** link = &head_;
        for (; *link != nullptr; link = &(*link)->next) {
            if (!fits(*link, size, alignment)) {
                continue;
            }
            if constexpr (!std::is_same_v<Placement, BestFit>) {
                return link;
            }
            if (best == nullptr || (*link)->size < (*best)->size) {
                best = link;
            }
        }
        return best == nullptr ? link : best;
    }

    void release(std::byte* first, std::size_t size) noexcept {
        Free* before = nullptr;
        Free* after = head_;
        while (after != nullptr && as_bytes(after) < first) {
            before = after;
            after = after->next;
        }
        if (after != nullptr && first + size == as_bytes(after)) {
            size += after->size;
            after = after->next;
        }
        if (before != nullptr && as_bytes(before) + before->size == first) {
            before->size += size;
            before->next = after;
            return;
        }
        (before == nullptr ? head_ : before->next) = ::new (first) Free{size, after};
    }

    std::span<std::byte> buffer_;
    std::size_t size_ = 0;
    Free* head_ = nullptr;
};

}  // namespace workshop

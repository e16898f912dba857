// Another design for step 4: Knuth's boundary tags. Each block, live or free, has its size at both
// ends, so both neighbours are found from it; the free ones are in a list, the newest first.
//
//   [ tag | payload . . | tag ][ tag | next previous . . | tag ]
//
// 16 bytes a block. deallocate needs no layout.

#pragma once

#include <alignment.hpp>
#include <block_state.hpp>

#include <cstddef>
#include <cstdint>
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
        const std::size_t alignment = layout.alignment() < unit ? unit : layout.alignment();
        const std::size_t size = block_size(layout);
        std::byte* const hole = find(size, alignment);
        if (hole == nullptr) {
            return nullptr;
        }
        const std::size_t front = front_of(hole, alignment);
        const std::size_t hole_size = tag_at(hole).size;
        unlink(hole);
        if (front != 0) {
            make_free(hole, front);
        }
        return make_live(hole + front, size, hole_size - front) + sizeof(Tag);
    }

    void deallocate(void* block, Layout) noexcept {
        if (block == nullptr) {
            return;
        }
        std::byte* first = static_cast<std::byte*>(block) - sizeof(Tag);
        std::size_t size = tag_at(first).size;
        std::byte* const next = first + size;
        if (next != end_ && !tag_at(next).live) {
            unlink(next);
            size += tag_at(next).size;
        }
        if (first != begin_ && !tag_at(first - sizeof(Tag)).live) {
            first -= tag_at(first - sizeof(Tag)).size;
            unlink(first);
            size += tag_at(first).size;
        }
        make_free(first, size);
    }

    bool try_resize(void* block, Layout, Layout to) noexcept {
        std::byte* const first = static_cast<std::byte*>(block) - sizeof(Tag);
        if (!is_aligned(block, to.alignment())) {
            return false;
        }
        const std::size_t wanted = block_size(to);
        std::size_t have = tag_at(first).size;
        std::byte* const next = first + have;
        const bool next_is_free = next != end_ && !tag_at(next).live;
        if (wanted > have && (!next_is_free || tag_at(next).size < wanted - have)) {
            return false;
        }
        if (next_is_free) {
            unlink(next);
            have += tag_at(next).size;
        }
        make_live(first, wanted, have);
        return true;
    }

    void reset() noexcept {
        // The payload of a block is aligned to a unit, so a block begins one tag before that.
        const std::size_t lead = padding_for(address_of(buffer_.data()) + sizeof(Tag), unit);
        const std::size_t room =
            lead < buffer_.size() ? align_down(buffer_.size() - lead, unit) : 0;
        head_ = nullptr;
        begin_ = buffer_.data() + (room == 0 ? 0 : lead);
        end_ = begin_ + (room < smallest ? 0 : room);
        if (begin_ != end_) {
            make_free(begin_, room);
        }
    }

    std::size_t capacity() const noexcept {
        return begin_ == end_ ? 0 : static_cast<std::size_t>(end_ - begin_) - 2 * sizeof(Tag);
    }

    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(buffer_.data()) < buffer_.size();
    }

    template <class F>
    void for_each_block(F f) const {
        const auto offset = [this](std::byte* at) {
            return static_cast<std::size_t>(at - buffer_.data());
        };
        if (begin_ != buffer_.data()) {
            f(std::size_t{0}, offset(begin_), BlockState::overhead);
        }
        for (std::byte* block = begin_; block != end_; block += tag_at(block).size) {
            f(offset(block), tag_at(block).size,
              tag_at(block).live ? BlockState::live : BlockState::free);
        }
        if (offset(end_) != buffer_.size()) {
            f(offset(end_), buffer_.size() - offset(end_), BlockState::overhead);
        }
    }

    bool check() const noexcept {
        std::size_t free_blocks = 0;
        bool after_free = false;
        for (std::byte* block = begin_; block != end_; block += tag_at(block).size) {
            const Tag tag = tag_at(block);
            if (tag.size < smallest || tag.size > static_cast<std::size_t>(end_ - block)) {
                return false;
            }
            const Tag last = tag_at(block + tag.size - sizeof(Tag));
            if (last.size != tag.size || last.live != tag.live || (after_free && !tag.live)) {
                return false;
            }
            after_free = !tag.live;
            free_blocks += after_free ? 1 : 0;
        }
        for (Free* free = head_; free != nullptr; free = free->next) {
            if (free_blocks-- == 0) {
                return false;
            }
        }
        return free_blocks == 0;
    }

private:
    struct Tag {
        std::size_t size : 63;
        std::size_t live : 1;
    };
    struct Free {  // between the tags
        Free* next;
        Free* previous;
    };
    static constexpr std::size_t unit = 16;
    static constexpr std::size_t smallest = 2 * sizeof(Tag) + sizeof(Free);
    static constexpr std::size_t most = SIZE_MAX >> 1;  // what 63 bits hold
    static_assert(sizeof(Tag) == 8);

    static std::size_t block_size(Layout layout) noexcept {
        const std::size_t size = align_up(layout.block_size(), unit) + 2 * sizeof(Tag);
        return size < smallest ? smallest : size;
    }

    static Tag& tag_at(std::byte* at) noexcept { return *std::launder(reinterpret_cast<Tag*>(at)); }

    static Free* node_of(std::byte* block) noexcept {
        return std::launder(reinterpret_cast<Free*>(block + sizeof(Tag)));
    }

    static std::byte* block_of(Free* node) noexcept {
        return reinterpret_cast<std::byte*>(node) - sizeof(Tag);
    }

    /// What to leave free in front, so that the payload is aligned: nothing, or a whole block.
    static std::size_t front_of(std::byte* hole, std::size_t alignment) noexcept {
        const std::size_t front = padding_for(hole + sizeof(Tag), alignment);
        if (front == 0 || front >= smallest) {
            return front;
        }
        return front + align_up(smallest - front, alignment);
    }

    std::byte* find(std::size_t size, std::size_t alignment) noexcept {
        std::byte* best = nullptr;
        for (Free* node = head_; node != nullptr; node = node->next) {
            std::byte* const hole = block_of(node);
            const std::size_t hole_size = tag_at(hole).size;
            const std::size_t front = front_of(hole, alignment);
            if (front > hole_size || size > hole_size - front) {
                continue;
            }
            if constexpr (!std::is_same_v<Placement, BestFit>) {
                return hole;
            }
            if (best == nullptr || hole_size < tag_at(best).size) {
                best = hole;
            }
        }
        return best;
    }

    /// Makes a live block of `size` bytes out of `have`, and a free one of what is left over where
    /// that is enough for one.
    std::byte* make_live(std::byte* first, std::size_t size, std::size_t have) noexcept {
        const std::size_t taken = have - size < smallest ? have : size;
        set_tags(first, taken, true);
        if (taken != have) {
            make_free(first + taken, have - taken);
        }
        return first;
    }

    void make_free(std::byte* first, std::size_t size) noexcept {
        set_tags(first, size, false);
        head_ = ::new (first + sizeof(Tag)) Free{head_, nullptr};
        if (head_->next != nullptr) {
            head_->next->previous = head_;
        }
    }

    void unlink(std::byte* hole) noexcept {
        Free* const node = node_of(hole);
        (node->previous == nullptr ? head_ : node->previous->next) = node->next;
        if (node->next != nullptr) {
            node->next->previous = node->previous;
        }
    }

    static void set_tags(std::byte* first, std::size_t size, bool live) noexcept {
        ::new (first) Tag{size & most, live};
        ::new (first + size - sizeof(Tag)) Tag{size & most, live};
    }

    std::span<std::byte> buffer_;
    std::byte* begin_ = nullptr;
    std::byte* end_ = nullptr;
    Free* head_ = nullptr;
};

}  // namespace workshop

// Another design for step 4: buddies. A block is 2^k bytes at a multiple of 2^k; split in two
// halves, buddies, it grows together again when both are free.
//
//   [       2^7       ]  ->  [  2^6  | 2^5 | 2^5 ]
//
// The buffer is taken as the largest such blocks that lie in it. A table in front has a byte for
// each unit: the order of the block that begins there, and whether it is live.

#pragma once

#include <alignment.hpp>
#include <block_state.hpp>

#include <bit>
#include <cstddef>
#include <new>
#include <span>

namespace workshop {

struct FirstFit {};
struct BestFit {};

template <class Placement = FirstFit>
class FreeListAllocator {
public:
    explicit FreeListAllocator(std::span<std::byte> buffer) noexcept : buffer_{buffer} {
        // A unit and its byte of the table; the units begin at a multiple of their size.
        count_ = buffer.size() / (unit + 1);
        while (count_ != 0 && !fits_behind_table(count_)) {
            --count_;
        }
        table_ = ::new (buffer.data()) unsigned char[count_ == 0 ? 1 : count_];
        first_ = count_ == 0 ? buffer.data() : align_up(buffer.data() + count_, unit);
        reset();
    }

    FreeListAllocator(const FreeListAllocator&) = delete;
    FreeListAllocator& operator=(const FreeListAllocator&) = delete;

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        const std::size_t size =
            layout.block_size() > layout.alignment() ? layout.block_size() : layout.alignment();
        if (size > capacity()) {
            return nullptr;
        }
        const unsigned wanted = order_for(size);
        unsigned order = wanted;
        while (order < orders && free_[order] == nullptr) {
            ++order;
        }
        if (order == orders) {
            return nullptr;
        }
        std::byte* const block = bytes_of(free_[order]);
        unlink(block, order);
        while (order != wanted) {
            --order;
            make_free(block + (unit << order), order);
        }
        table_[index(block)] = static_cast<unsigned char>(order | is_live);
        return block;
    }

    void deallocate(void* block, Layout) noexcept {
        if (block == nullptr) {
            return;
        }
        std::byte* first = static_cast<std::byte*>(block);
        unsigned order = table_[index(first)] & ~is_live;
        while (std::byte* const buddy = free_buddy(first, order)) {
            unlink(buddy, order);
            table_[index(first)] = inside;
            table_[index(buddy)] = inside;
            first = buddy < first ? buddy : first;
            ++order;
        }
        make_free(first, order);
    }

    bool try_resize(void* block, Layout, Layout to) noexcept {
        const unsigned order = table_[index(static_cast<std::byte*>(block))] & ~is_live;
        return is_aligned(block, to.alignment()) && to.block_size() <= unit << order;
    }

    void reset() noexcept {
        for (Node*& list : free_) {
            list = nullptr;
        }
        capacity_ = 0;
        for (std::size_t at = 0; at < count_; ++at) {
            table_[at] = inside;
        }
        for (std::size_t at = 0; at < count_;) {
            const unsigned by_address =
                static_cast<unsigned>(std::countr_zero((address_of(first_) + at * unit) / unit));
            const unsigned by_room = static_cast<unsigned>(std::bit_width(count_ - at)) - 1;
            const unsigned order = by_address < by_room ? by_address : by_room;
            make_free(first_ + at * unit, order);
            at += std::size_t{1} << order;
            capacity_ = capacity_ < unit << order ? unit << order : capacity_;
        }
    }

    std::size_t capacity() const noexcept { return capacity_; }

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
        for (std::size_t at = 0; at < count_;) {
            const std::size_t size = std::size_t{1} << (table_[at] & ~is_live);
            f(lead + at * unit, size * unit,
              (table_[at] & is_live) != 0 ? BlockState::live : BlockState::free);
            at += size;
        }
        if (end != buffer_.size()) {
            f(end, buffer_.size() - end, BlockState::overhead);
        }
    }

    bool check() const noexcept {
        for (unsigned order = 0; order < orders; ++order) {
            for (Node* node = free_[order]; node != nullptr; node = node->next) {
                if (!owns(node) || table_[index(bytes_of(node))] != order ||
                    free_buddy(bytes_of(node), order) != nullptr) {
                    return false;
                }
            }
        }
        return true;
    }

private:
    struct Node {
        Node* next;
        Node* previous;
    };
    static constexpr std::size_t unit = sizeof(Node);
    static constexpr unsigned orders = 58;
    static constexpr unsigned char is_live = 64;
    static constexpr unsigned char inside = 128;  // no block begins here

    bool fits_behind_table(std::size_t count) const noexcept {
        const std::size_t padding = padding_for(address_of(buffer_.data()) + count, unit);
        return count + padding + count * unit <= buffer_.size();
    }

    static unsigned order_for(std::size_t size) noexcept {
        return size <= unit ? 0 : static_cast<unsigned>(std::bit_width((size - 1) / unit));
    }

    std::size_t index(const std::byte* block) const noexcept {
        return static_cast<std::size_t>(block - first_) / unit;
    }

    static std::byte* bytes_of(Node* node) noexcept { return reinterpret_cast<std::byte*>(node); }

    /// The other half of the block that this one is a half of, if that is free and whole.
    std::byte* free_buddy(std::byte* block, unsigned order) const noexcept {
        const std::size_t at = index(block);
        const std::size_t size = std::size_t{1} << order;
        const bool is_upper = (address_of(block) / unit & size) != 0;
        if (is_upper ? at < size : size > count_ - at || count_ - at - size < size) {
            return nullptr;
        }
        const std::size_t buddy = is_upper ? at - size : at + size;
        return table_[buddy] == order ? first_ + buddy * unit : nullptr;
    }

    void make_free(std::byte* block, unsigned order) noexcept {
        table_[index(block)] = static_cast<unsigned char>(order);
        free_[order] = ::new (block) Node{free_[order], nullptr};
        if (free_[order]->next != nullptr) {
            free_[order]->next->previous = free_[order];
        }
    }

    void unlink(std::byte* block, unsigned order) noexcept {
        Node* const node = std::launder(reinterpret_cast<Node*>(block));
        (node->previous == nullptr ? free_[order] : node->previous->next) = node->next;
        if (node->next != nullptr) {
            node->next->previous = node->previous;
        }
    }

    std::span<std::byte> buffer_;
    std::size_t count_;
    unsigned char* table_;
    std::byte* first_;
    std::size_t capacity_ = 0;
    Node* free_[orders] = {};
};

}  // namespace workshop

// A heap that grows: one reserved range of addresses, and in it arena after arena.
//
//   [ 0 |1|  2  |     3     |           4           | ...
//   0   1M     2M          4M                      8M        each as large as all before it
//
// An allocator of the workshop has one buffer for its whole life. So a program's heap is made of
// several; that each doubles the whole keeps their number below 20, and the number of the arena
// that an address belongs to is its highest bit.

#pragma once

#include "address_space.hpp"
#include "arena.hpp"
#include "operations.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace preload {

/// Told when the allocator hands out what it must not. Does not return.
using FaultHandler = void (*)(Fault fault, const void* block, Layout layout);

/// Requires that one thread at a time allocates, deallocates or resizes.
template <class Core, Sizes sizes = Sizes::rounded>
class GrowingHeap {
public:
    GrowingHeap(AddressSpace& space, FaultHandler on_fault) noexcept
        : space_{space}, on_fault_{on_fault} {}

    GrowingHeap(const GrowingHeap&) = delete;
    GrowingHeap& operator=(const GrowingHeap&) = delete;

    /// Returns a block from the first arena that has one, or from a new one; nullptr when there is
    /// no more. O(arenas) calls of the allocator, mostly one.
    [[nodiscard]] void* allocate(Layout layout) noexcept {
        operations_.begin(Action::allocate, nullptr, layout.size(), layout.alignment());
        void* const block = find(layout);
        operations_.end(block, block != nullptr);
        return block;
    }

    void deallocate(void* block, Layout layout) noexcept {
        operations_.begin(Action::deallocate, block, layout.size(), layout.alignment());
        Slot& slot = slot_of(block);
        slot.arena().deallocate(block, layout);
        slot.came_back(layout.block_size());
        slot.live -= layout.block_size();
        if (slot.live < slot.live_to_trim) {
            trim(slot);
        }
        operations_.end(block, true);
    }

    bool try_resize(void* block, Layout from,
                    Layout to) noexcept requires workshop::HasTryResize<Core> {
        operations_.begin(Action::resize, block, from.size(), to.size());
        Slot& slot = slot_of(block);
        Fault fault = nullptr;
        const bool resized = slot.arena().try_resize(block, from, to, fault);
        if (fault != nullptr) {
            on_fault_(fault, block, to);
        }
        if (resized) {
            slot.came_back(from.block_size());
            slot.grow(to.block_size() - from.block_size());
        }
        operations_.end(block, resized);
        return resized;
    }

    /// True when a live block begins at this address. Whoever holds the block may ask at any time.
    bool is_live(const void* block) const noexcept {
        const std::size_t number = number_of(block);
        return number < __atomic_load_n(&opened_, __ATOMIC_RELAXED) &&
               slots_[number].arena().is_live(block);
    }

    /// The layout of a live block, likewise.
    Layout layout_of(const void* block) const noexcept {
        return slots_[number_of(block)].arena().layout_of(block);
    }

    bool owns(const void* pointer) const noexcept { return offset(pointer) < space_.size(); }

    /// As Arena's, in each of them.
    template <class Found>
    void look_for_damage(Found found) const noexcept {
        for (std::size_t number = 0; number < opened_; ++number) {
            slots_[number].arena().look_for_damage(found);
        }
    }

    const HeapOperations& operations() const noexcept { return operations_; }

    /// The arena that an address lies in; nullptr where none is open.
    const Arena<Core, sizes>* arena_at(const void* pointer) const noexcept {
        return owns(pointer) && number_of(pointer) < opened_ ? &slots_[number_of(pointer)].arena()
                                                             : nullptr;
    }

    const AddressSpace& space() const noexcept { return space_; }

private:
    static constexpr std::size_t first_size = std::size_t{1} << 20;
    static constexpr std::size_t most_arenas = 24;
    static constexpr std::size_t least_to_trim = std::size_t{2} << 20;

    /// An arena, and what decides whether it is asked.
    struct Slot {
        std::size_t hopeless;      // a size that it had no room for
        std::size_t back;          // bytes that came back since; with that many there may be room
        std::size_t live;          // bytes
        std::size_t peak;          // the most that `live` has been since the last trim
        std::size_t live_to_trim;  // below it, it is worth looking for memory to give back
        alignas(Arena<Core, sizes>) std::byte storage[sizeof(Arena<Core, sizes>)];

        Arena<Core, sizes>& arena() noexcept {
            // SAFETY: open_next() made it there; slots beyond opened_ are not asked.
            return *std::launder(reinterpret_cast<Arena<Core, sizes>*>(storage));
        }
        const Arena<Core, sizes>& arena() const noexcept {
            return *std::launder(reinterpret_cast<const Arena<Core, sizes>*>(storage));
        }

        void came_back(std::size_t size) noexcept {
            back += size;
            if (back >= hopeless) {
                hopeless = SIZE_MAX;
            }
        }

        /// `more` may be negative, wrapped around.
        void grow(std::size_t more) noexcept {
            live += more;
            if (live > peak) {
                peak = live;
                live_to_trim = peak / 2 >= least_to_trim ? peak / 2 : 0;
            }
        }
    };

    static std::size_t begin_of(std::size_t number) noexcept {
        return number == 0 ? 0 : first_size << (number - 1);
    }
    static std::size_t size_of(std::size_t number) noexcept {
        return number == 0 ? first_size : begin_of(number);
    }

    std::size_t offset(const void* pointer) const noexcept {
        return workshop::address_of(pointer) - workshop::address_of(space_.begin());
    }

    std::size_t number_of(const void* block) const noexcept {
        return static_cast<std::size_t>(std::bit_width(offset(block) / first_size));
    }

    Slot& slot_of(const void* block) noexcept { return slots_[number_of(block)]; }

    void* find(Layout layout) noexcept {
        const bool ordinary = layout.alignment() <= unit_bytes;
        for (std::size_t number = 0; number < opened_; ++number) {
            Slot& slot = slots_[number];
            if (ordinary && layout.size() >= slot.hopeless) {
                continue;
            }
            if (void* const block = allocate_from(slot, layout); block != nullptr) {
                return block;
            }
            if (ordinary) {
                slot.hopeless = layout.size();
                slot.back = 0;
            }
        }
        while (open_next(layout)) {
            if (void* const block = allocate_from(slots_[opened_ - 1], layout); block != nullptr) {
                return block;
            }
        }
        return nullptr;
    }

    void* allocate_from(Slot& slot, Layout layout) noexcept {
        Fault fault = nullptr;
        void* const block = slot.arena().allocate(layout, fault);
        if (fault != nullptr) {
            on_fault_(fault, block, layout);
        }
        if (block != nullptr) {
            slot.grow(layout.block_size());
        }
        return block;
    }

    /// False when there is no room for one more arena, or a request of this layout would fill more
    /// than half of the next one: that is for a mapping of its own.
    bool open_next(Layout layout) noexcept {
        const std::size_t begin = begin_of(opened_);
        const std::size_t size = size_of(opened_);
        if (opened_ == most_arenas || begin + size > space_.size() || layout.size() > size / 2 ||
            layout.alignment() > size / 4 || !space_.open(begin, size)) {
            return false;
        }
        Slot& slot = slots_[opened_];
        ::new (slot.storage) Arena<Core, sizes>{std::span{space_.begin() + begin, size}};
        slot.hopeless = SIZE_MAX;
        slot.back = slot.live = slot.peak = slot.live_to_trim = 0;
        __atomic_store_n(&opened_, opened_ + 1, __ATOMIC_RELAXED);
        return true;
    }

    void trim(Slot& slot) noexcept {
        slot.arena().trim();
        slot.peak = slot.live;
        slot.live_to_trim = slot.peak / 2 >= least_to_trim ? slot.peak / 2 : 0;
    }

    AddressSpace& space_;
    FaultHandler on_fault_;
    HeapOperations operations_;
    std::size_t opened_ = 0;
    Slot slots_[most_arenas];  // the first opened_ of them; the others' pages are never touched
};

}  // namespace preload

// Step 4: a free list.
//
//         first_               next           next
//           |                +--------+     +------+
//           v                |        v     |      v
//   [ a a | free . . . . . . . | b b | free . | c | free . . . ] -> no_block
//
// Blocks come back one by one, in any order, and grow together again. See CONCEPTS.md, "The list
// inside free memory".

#pragma once

#include <alignment.hpp>
#include <block_state.hpp>
#include <todo.hpp>
#include <units.hpp>

#include <concepts>
#include <cstddef>
#include <span>

namespace workshop {

/// What is asked of a free block.
struct Request {
    std::size_t size;       // in units, at least 1
    std::size_t alignment;  // in bytes
};

/// The units that must be skipped at the beginning of a block, up to an address of this alignment.
inline std::size_t padding(UnitArray units, Unit block, std::size_t alignment) noexcept {
    // TODO 4.6: how far is it, in units?
    return todo<std::size_t>(units.address(block), alignment, unit_bytes);
}

/// True when the free block has room for what is asked, behind the padding.
inline bool fits(UnitArray units, Unit block, Request request) noexcept {
    // TODO 4.2: compare what is asked with what the block has.
    // TODO 4.6: the padding needs room, too.
    return todo<bool>(units[block].size, request.size);
}

/// The free blocks in the order of their addresses: a list in their own memory.
class AddressOrderedList {
public:
    explicit AddressOrderedList(UnitArray units) noexcept : units_{units} {}

    /// Puts a free block into the list, at its place. O(free blocks).
    void insert(Unit block) noexcept {
        // TODO 4.1: put the block into an empty list: it is the first and the last.
        todo<void>(block, no_block);
        // TODO 4.4: find its place in a list that is not empty: between which two does it belong?
    }

    /// Takes a block out of the list. O(1).
    void remove(Unit block) noexcept {
        // TODO 4.2: let its two neighbours follow each other.
        todo<void>(units_[block].previous, units_[block].next);
    }

    /// How far behind the beginning of a block the request is placed in it, in units.
    Unit offset_in(Unit block, Request request) const noexcept {
        return static_cast<Unit>(padding(units_, block, request.alignment));
    }

    /// True when the links lead, in order and both ways, over `count` blocks and no more, each of
    /// them one for which `is_free(block)` is true.
    template <class Predicate>
    bool check(std::size_t count, Predicate is_free) const noexcept {
        Unit previous = no_block;
        Unit block = first_;
        for (; block != no_block && count != 0; --count) {
            const bool in_order = previous == no_block || previous < block;
            if (!in_order || !is_free(block) || units_[block].previous != previous) {
                return false;
            }
            previous = block;
            block = units_[block].next;
        }
        return block == no_block && count == 0;
    }

protected:
    /// Makes `next` follow `previous`; no_block is what precedes the first and follows the last.
    void connect(Unit previous, Unit next) noexcept {
        if (previous == no_block) {
            first_ = next;
        } else {
            units_[previous].next = next;
        }
        if (next != no_block) {
            units_[next].previous = previous;
        }
    }

    UnitArray units_;
    Unit first_ = no_block;
};

/// Placement: the first block in which the request fits, so the one with the lowest address.
class FirstFit : public AddressOrderedList {
public:
    using AddressOrderedList::AddressOrderedList;

    /// The block to serve the request from, or no_block. O(free blocks).
    Unit find_fit(Request request) const noexcept {
        // TODO 4.2: walk the list to the first block in which the request fits.
        return todo<Unit>(units_, first_, request);
    }
};

/// Placement: the smallest block in which the request fits; of equals, the first.
class BestFit : public AddressOrderedList {
public:
    using AddressOrderedList::AddressOrderedList;

    /// The block to serve the request from, or no_block. O(free blocks).
    Unit find_fit(Request request) const noexcept {
        // TODO 4.7: walk the whole list, and remember the smallest block that fits.
        return todo<Unit>(units_, first_, request);
    }
};

/// Keeps the free blocks and chooses among them: FirstFit, BestFit, and in bins.hpp SegregatedFit.
/// find_fit finds a block, and offset_in the place in it.
// clang-format off
template <class P>
concept Placement = requires(P& placement, Unit block, Request request) {
    { placement.insert(block) } noexcept;
    { placement.remove(block) } noexcept;
    { placement.find_fit(request) } noexcept -> std::same_as<Unit>;
    { placement.offset_in(block, request) } noexcept -> std::same_as<Unit>;
};
// clang-format on

/// Hands out blocks of one buffer and takes them back in any order. Does not own the buffer.
/// A live block costs its size rounded up to 16 bytes, and nothing else; the buffer costs one bit
/// for each 16 bytes.
template <Placement P = FirstFit>
class FreeListAllocator {
public:
    explicit FreeListAllocator(std::span<std::byte> buffer) noexcept
        : buffer_{buffer}, units_{cut(buffer)}, edges_{units_}, placement_{units_} {
        if (units_.count() != 0) {
            add(0, units_.count());
        }
    }

    FreeListAllocator(const FreeListAllocator&) = delete;
    FreeListAllocator& operator=(const FreeListAllocator&) = delete;

    /// Returns a block of this layout, or nullptr when the placement finds no room for it. A
    /// failed call changes nothing.
    [[nodiscard]] void* allocate(Layout layout) noexcept {
        const Request request{units_for(layout.block_size()), layout.alignment()};
        // TODO 4.2: find a block for the request, take it, and return its address.
        // TODO 4.3: the units behind the request become a free block again.
        // TODO 4.6: and so do those in front of the first address that has the alignment.
        return todo<void*>(placement_, request, units_);
    }

    /// Takes a block back, and merges it with what is free on either side of it. nullptr is
    /// ignored. Requires that the layout is the one the block was asked with.
    void deallocate(void* block, Layout layout) noexcept {
        // TODO 4.4: release the units of the block.
        todo<void>(block, layout, units_);
    }

    /// Changes the size of a live block where it stands, its content kept up to the smaller size.
    /// False when there is no room behind it, or `to` asks for an alignment that its address does
    /// not have; then nothing has changed.
    bool try_resize(void* block, Layout from, Layout to) noexcept {
        // TODO 4.9: does it get larger, or smaller? One takes units behind the block, the other
        // releases some.
        return todo<bool>(block, from, to);
    }

    /// Takes all blocks back at once. O(buffer size), one step for each KiB.
    void reset() noexcept {
        edges_.clear();
        placement_ = P{units_};
        if (units_.count() != 0) {
            add(0, units_.count());
        }
    }

    /// The size of the largest block that can be had when nothing is live, at an alignment of up
    /// to 16.
    std::size_t capacity() const noexcept { return units_.count() * unit_bytes; }

    /// True when `pointer` points into the buffer, whoever holds that byte now.
    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(buffer_.data()) < buffer_.size();
    }

    /// Calls f(offset, size, state) for each piece of the buffer; see block_state.hpp. Live
    /// blocks that touch come as one piece.
    template <class F>
    void for_each_block(F f) const {
        const std::size_t lead = static_cast<std::size_t>(units_.address(0) - buffer_.data());
        const std::size_t end = lead + capacity();
        if (lead != 0) {
            f(std::size_t{0}, lead, BlockState::overhead);
        }
        for (Unit unit = 0; unit < units_.count();) {
            const bool is_free = edges_.test(unit);
            const Unit size = is_free ? units_[unit].size : edges_.next(unit) - unit;
            f(lead + unit * unit_bytes, size * unit_bytes,
              is_free ? BlockState::free : BlockState::live);
            unit += size;
        }
        if (end != buffer_.size()) {
            f(end, buffer_.size() - end, BlockState::overhead);
        }
    }

    /// True when the invariants hold. O(buffer size).
    bool check() const noexcept {
        std::size_t blocks = 0;
        for (Unit block = edges_.next(0); block != units_.count(); ++blocks) {
            if (!is_sound(block)) {
                return false;
            }
            const Unit end = block + units_[block].size;
            block = edges_.next(end);
            if (block == end && end != units_.count()) {
                return false;  // two free blocks are neighbours
            }
        }
        return placement_.check(blocks, [this](Unit block) {
            return block < units_.count() && edges_.test(block) && is_sound(block);
        });
    }

private:
    /// The units of the buffer, with room for their bits behind them.
    static UnitArray cut(std::span<std::byte> buffer) noexcept {
        // TODO 4.1: where does the first unit begin, and how many fit behind that?
        todo<void>(buffer, unit_bytes);
        return UnitArray{buffer.data(), 0};
    }

    /// Makes a free block of units that belong to no block.
    void add(Unit first, Unit size) noexcept {
        // TODO 4.1: write its description into both ends (of a block of one unit they are the
        // same), set both edges, tell the placement. SAFETY: why may you make a FreeBlock in these
        // bytes?
        todo<void>(first, size, units_, edges_);
    }

    /// The reverse of add(). Returns the size of the block that was.
    Unit take(Unit first) noexcept {
        // TODO 4.2: undo all that add() did.
        return todo<Unit>(first, units_, edges_, placement_);
    }

    /// Makes live units free, in one block with what is free on either side of them.
    void release(Unit first, Unit size) noexcept {
        // TODO 4.4: make a free block of them.
        todo<void>(first, size);
        // TODO 4.5: but before that, take the free block that ends where they begin, and the one
        // that begins where they end; the new block spans all.
    }

    /// Takes `more` units for the live block that ends before `end`. False, and nothing has
    /// changed, when they are not free.
    bool extend(Unit end, std::size_t more) noexcept {
        // TODO 4.9: take the free block that begins there, and give back what is too much.
        return todo<bool>(end, more, units_, edges_);
    }

    /// True when the free block that begins here lies in the buffer, says the same of itself at
    /// both ends, and has an edge there and nowhere between.
    bool is_sound(Unit block) const noexcept {
        const Unit size = units_[block].size;
        if (size == 0 || size > units_.count() - block) {
            return false;
        }
        const Unit last = block + size - 1;
        return edges_.test(last) && units_[last].size_at_end == size &&
               (last == block || edges_.next(block + 1) == last);
    }

    // Invariants
    //   1. Each unit belongs to one block, live or free. No two free blocks are neighbours.
    //   2. The edge bits are set for the first and the last unit of each free block, for no other.
    //   3. The first unit of a free block is a FreeBlock with its size, the last one with its
    //      size_at_end.
    //   4. placement_ holds each free block once, and nothing else.
    std::span<std::byte> buffer_;
    UnitArray units_;
    EdgeBits edges_;
    P placement_;
};

static_assert(Allocator<FreeListAllocator<FirstFit>>);
static_assert(Allocator<FreeListAllocator<BestFit>>);

}  // namespace workshop

// Step 1: alignment, and the layout of a block.
//
//   +0   +1  +2  +3  +4  +5  +6  +7  +8
//   [ c ][ padding ][       int      ]        struct { char c; int i; }
//        ^ padding_for(1, 4) == 3
//
// Everything later stands on these few lines of arithmetic. See CONCEPTS.md, "Alignment".

#pragma once

#include <todo.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace workshop {

/// True when exactly one bit of `value` is set; so zero is no power of two.
constexpr bool is_power_of_two(std::size_t value) noexcept {
    // TODO 1.1: tell the powers of two from all other numbers.
    return todo<bool>(value);
}

/// The largest power of two that divides `value`: the best alignment that this address happens to
/// have. Zero for zero.
constexpr std::size_t largest_power_of_two_dividing(std::size_t value) noexcept {
    // TODO 1.1: keep only the lowest bit that is set.
    return todo<std::size_t>(value);
}

// Below, `alignment` is required to be a power of two.

/// The largest multiple of `alignment` that is at most `value`.
constexpr std::size_t align_down(std::size_t value, std::size_t alignment) noexcept {
    // TODO 1.2: drop what is above the multiple.
    return todo<std::size_t>(value, alignment);
}

/// Bytes from `value` up to the next multiple of `alignment`, in [0, alignment). Right for every
/// value, also where that multiple itself is too large for a std::size_t.
constexpr std::size_t padding_for(std::size_t value, std::size_t alignment) noexcept {
    // TODO 1.2: how far is it to the next multiple?
    return todo<std::size_t>(value, alignment);
}

/// The smallest multiple of `alignment` that is at least `value`. Requires that a std::size_t can
/// hold it; where that is not certain, ask checked_align_up.
constexpr std::size_t align_up(std::size_t value, std::size_t alignment) noexcept {
    // TODO 1.2: go up to the multiple.
    return todo<std::size_t>(value, alignment);
}

/// As align_up, but nullopt where a std::size_t cannot hold the result.
constexpr std::optional<std::size_t> checked_align_up(std::size_t value,
                                                      std::size_t alignment) noexcept {
    // TODO 1.2: find out whether the result fits before you add.
    return todo<std::optional<std::size_t>>(value, alignment, SIZE_MAX);
}

/// True when `value` is a multiple of `alignment`.
constexpr bool is_aligned(std::size_t value, std::size_t alignment) noexcept {
    // TODO 1.2: is `value` a multiple?
    return todo<bool>(value, alignment);
}

/// The address that `pointer` holds, as a number to calculate with. There is no way back: a new
/// pointer is always an old one plus an offset.
inline std::uintptr_t address_of(const void* pointer) noexcept {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

/// Bytes from `pointer` up to the next address that is a multiple of `alignment`.
inline std::size_t padding_for(const void* pointer, std::size_t alignment) noexcept {
    // TODO 1.2: the same for an address.
    return todo<std::size_t>(address_of(pointer), alignment);
}

/// The first address at or after `pointer` that is a multiple of `alignment`. Requires that the
/// buffer `pointer` points into reaches that far.
inline std::byte* align_up(std::byte* pointer, std::size_t alignment) noexcept {
    // TODO 1.2: step from the pointer you have; never make one from a number.
    return todo<std::byte*>(pointer, alignment);
}

/// The last address at or before `pointer` that is a multiple of `alignment`. Requires that the
/// buffer `pointer` points into begins no later.
inline std::byte* align_down(std::byte* pointer, std::size_t alignment) noexcept {
    // TODO 1.2: the same, downwards.
    return todo<std::byte*>(pointer, alignment);
}

/// True when the address is a multiple of `alignment`.
inline bool is_aligned(const void* pointer, std::size_t alignment) noexcept {
    // TODO 1.2: is the address a multiple?
    return todo<bool>(address_of(pointer), alignment);
}

/// Size and alignment of one block of memory.
class Layout {
public:
    struct Extended;

    /// The layout of `size` bytes at a multiple of `alignment`; nullopt unless `alignment` is a
    /// power of two and `size`, rounded up to a multiple of it, is at most PTRDIFF_MAX.
    static constexpr std::optional<Layout> make(std::size_t size, std::size_t alignment) noexcept {
        // TODO 1.3: refuse what breaks an invariant below; make the rest.
        return todo<std::optional<Layout>>(size, alignment, PTRDIFF_MAX);
    }

    /// The layout of one T.
    template <class T>
    static constexpr Layout of() noexcept {
        // TODO 1.3: ask the compiler what it knows of T.
        todo<void>(sizeof(T), alignof(T));
        return Layout{0, 1};
    }

    /// The layout of `count` consecutive T; nullopt where make() would refuse that size.
    template <class T>
    static constexpr std::optional<Layout> array(std::size_t count) noexcept {
        // TODO 1.4: a product can wrap around; find out before you multiply.
        return todo<std::optional<Layout>>(count, sizeof(T), alignof(T), PTRDIFF_MAX);
    }

    /// Size in bytes, as asked for; may be zero.
    constexpr std::size_t size() const noexcept { return size_; }

    /// Alignment in bytes: a power of two.
    constexpr std::size_t alignment() const noexcept { return alignment_; }

    /// The bytes an allocator sets aside: size(), but 1 for size 0, so that each block has an
    /// address of its own.
    constexpr std::size_t block_size() const noexcept { return size_ == 0 ? 1 : size_; }

    /// The same layout, its size rounded up to a multiple of its alignment: the distance between
    /// the elements of an array.
    constexpr Layout padded() const noexcept {
        // TODO 1.4: round the size up.
        todo<void>(size_, alignment_);
        return *this;
    }

    /// The layout of a struct that has this and, behind it, `next`, with the offset at which
    /// `next` begins; nullopt where make() would refuse it. Padding at the end is not added: call
    /// padded() after the last field.
    constexpr std::optional<Extended> extend(Layout next) const noexcept;

    friend constexpr bool operator==(Layout, Layout) noexcept = default;

private:
    // Invariants
    //   1. alignment_ is a power of two.
    //   2. size_, rounded up to a multiple of alignment_, is at most PTRDIFF_MAX.
    constexpr Layout(std::size_t size, std::size_t alignment) noexcept
        : size_{size}, alignment_{alignment} {}

    std::size_t size_;
    std::size_t alignment_;
};

/// What Layout::extend returns.
struct Layout::Extended {
    Layout layout;
    std::size_t offset;  // of the new field, in bytes from the start
};

constexpr std::optional<Layout::Extended> Layout::extend(Layout next) const noexcept {
    // TODO 1.4: where does `next` begin, and what size and alignment has the whole?
    return todo<std::optional<Extended>>(size_, alignment_, next.size_, next.alignment_);
}

/// What every allocator of this workshop offers; "What an allocator promises" in CONCEPTS.md says
/// what it means.
///   allocate    returns a block of this layout, or nullptr; a failed call changes nothing.
///   deallocate  takes a block back, with the layout it was asked with; nullptr is ignored.
// clang-format off
template <class A>
concept Allocator = requires(A& allocator, Layout layout, void* block) {
    { allocator.allocate(layout) } noexcept -> std::same_as<void*>;
    { allocator.deallocate(block, layout) } noexcept;
};
// clang-format on

}  // namespace workshop

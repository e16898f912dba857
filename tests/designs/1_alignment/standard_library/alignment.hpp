// Another way to write step 1: with <bit>, the builtins that tell an overflow, and the usual
// formula for rounding up.

#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace workshop {

constexpr bool is_power_of_two(std::size_t value) noexcept {
    return std::has_single_bit(value);
}

constexpr std::size_t largest_power_of_two_dividing(std::size_t value) noexcept {
    return value == 0 ? 0 : std::size_t{1} << std::countr_zero(value);
}

constexpr std::size_t align_down(std::size_t value, std::size_t alignment) noexcept {
    const int shift = std::countr_zero(alignment);
    return value >> shift << shift;
}

constexpr std::size_t align_up(std::size_t value, std::size_t alignment) noexcept {
    return (value + alignment - 1) & -alignment;
}

constexpr std::size_t padding_for(std::size_t value, std::size_t alignment) noexcept {
    return align_up(value, alignment) - value;  // right also where align_up has wrapped to 0
}

constexpr std::optional<std::size_t> checked_align_up(std::size_t value,
                                                      std::size_t alignment) noexcept {
    std::size_t sum = 0;
    if (__builtin_add_overflow(value, padding_for(value, alignment), &sum)) {
        return {};
    }
    return sum;
}

constexpr bool is_aligned(std::size_t value, std::size_t alignment) noexcept {
    return largest_power_of_two_dividing(value | alignment) == alignment;
}

inline std::uintptr_t address_of(const void* pointer) noexcept {
    return std::bit_cast<std::uintptr_t>(pointer);
}

inline std::size_t padding_for(const void* pointer, std::size_t alignment) noexcept {
    return -address_of(pointer) % alignment;
}

inline std::byte* align_up(std::byte* pointer, std::size_t alignment) noexcept {
    return pointer + (align_up(address_of(pointer), alignment) - address_of(pointer));
}

inline std::byte* align_down(std::byte* pointer, std::size_t alignment) noexcept {
    return pointer - (address_of(pointer) - align_down(address_of(pointer), alignment));
}

inline bool is_aligned(const void* pointer, std::size_t alignment) noexcept {
    return padding_for(pointer, alignment) == 0;
}

class Layout {
public:
    struct Extended;

    static constexpr std::optional<Layout> make(std::size_t size, std::size_t alignment) noexcept {
        constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
        if (!std::has_single_bit(alignment)) {
            return std::nullopt;
        }
        const auto rounded = checked_align_up(size, alignment);
        return rounded && *rounded <= most ? std::optional{Layout{size, alignment}} : std::nullopt;
    }

    template <class T>
    static constexpr Layout of() noexcept {
        return {sizeof(T), alignof(T)};
    }

    template <class T>
    static constexpr std::optional<Layout> array(std::size_t count) noexcept {
        std::size_t size = 0;
        if (__builtin_mul_overflow(count, sizeof(T), &size)) {
            return std::nullopt;
        }
        return make(size, alignof(T));
    }

    constexpr std::size_t size() const noexcept { return size_; }
    constexpr std::size_t alignment() const noexcept { return alignment_; }
    constexpr std::size_t block_size() const noexcept { return std::max<std::size_t>(size_, 1); }

    constexpr Layout padded() const noexcept { return {align_up(size_, alignment_), alignment_}; }

    constexpr std::optional<Extended> extend(Layout next) const noexcept;

    friend constexpr bool operator==(Layout, Layout) noexcept = default;

private:
    constexpr Layout(std::size_t size, std::size_t alignment) noexcept
        : size_{size}, alignment_{alignment} {}

    std::size_t size_;
    std::size_t alignment_;
};

struct Layout::Extended {
    Layout layout;
    std::size_t offset;
};

constexpr std::optional<Layout::Extended> Layout::extend(Layout next) const noexcept {
    const auto offset = checked_align_up(size_, next.alignment_);
    std::size_t size = 0;
    if (!offset || __builtin_add_overflow(*offset, next.size_, &size)) {
        return std::nullopt;
    }
    const auto whole = make(size, std::max(alignment_, next.alignment_));
    return whole ? std::optional{Extended{*whole, *offset}} : std::nullopt;
}

// clang-format off
template <class A>
concept Allocator = requires(A& allocator, Layout layout, void* block) {
    { allocator.allocate(layout) } noexcept -> std::same_as<void*>;
    { allocator.deallocate(block, layout) } noexcept;
};
// clang-format on

}  // namespace workshop

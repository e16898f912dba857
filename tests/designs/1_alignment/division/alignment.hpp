// Another way to write step 1: with division, remainders and loops.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace workshop {

constexpr bool is_power_of_two(std::size_t value) noexcept {
    while (value > 1 && value % 2 == 0) {
        value /= 2;
    }
    return value == 1;
}

constexpr std::size_t largest_power_of_two_dividing(std::size_t value) noexcept {
    if (value == 0) {
        return 0;
    }
    std::size_t power = 1;
    for (; value % 2 == 0; value /= 2) {
        power *= 2;
    }
    return power;
}

constexpr std::size_t align_down(std::size_t value, std::size_t alignment) noexcept {
    return value / alignment * alignment;
}

constexpr std::size_t padding_for(std::size_t value, std::size_t alignment) noexcept {
    const std::size_t past = value % alignment;
    return past == 0 ? 0 : alignment - past;
}

constexpr std::size_t align_up(std::size_t value, std::size_t alignment) noexcept {
    return value % alignment == 0 ? value : (value / alignment + 1) * alignment;
}

constexpr std::optional<std::size_t> checked_align_up(std::size_t value,
                                                      std::size_t alignment) noexcept {
    const std::size_t last_multiple = SIZE_MAX / alignment * alignment;
    return value > last_multiple ? std::nullopt : std::optional{align_up(value, alignment)};
}

constexpr bool is_aligned(std::size_t value, std::size_t alignment) noexcept {
    return value % alignment == 0;
}

inline std::uintptr_t address_of(const void* pointer) noexcept {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

inline std::size_t padding_for(const void* pointer, std::size_t alignment) noexcept {
    return padding_for(address_of(pointer), alignment);
}

inline std::byte* align_up(std::byte* pointer, std::size_t alignment) noexcept {
    while (address_of(pointer) % alignment != 0) {
        ++pointer;
    }
    return pointer;
}

inline std::byte* align_down(std::byte* pointer, std::size_t alignment) noexcept {
    while (address_of(pointer) % alignment != 0) {
        --pointer;
    }
    return pointer;
}

inline bool is_aligned(const void* pointer, std::size_t alignment) noexcept {
    return address_of(pointer) % alignment == 0;
}

class Layout {
public:
    struct Extended;

    static constexpr std::optional<Layout> make(std::size_t size, std::size_t alignment) noexcept {
        const std::size_t most = PTRDIFF_MAX;
        if (!is_power_of_two(alignment) || size > most ||
            padding_for(size, alignment) > most - size) {
            return std::nullopt;
        }
        return Layout{size, alignment};
    }

    template <class T>
    static constexpr Layout of() noexcept {
        return *make(sizeof(T), alignof(T));
    }

    template <class T>
    static constexpr std::optional<Layout> array(std::size_t count) noexcept {
        const std::size_t size = count * sizeof(T);
        return size / sizeof(T) == count ? make(size, alignof(T)) : std::nullopt;
    }

    constexpr std::size_t size() const noexcept { return size_; }
    constexpr std::size_t alignment() const noexcept { return alignment_; }
    constexpr std::size_t block_size() const noexcept { return size_ == 0 ? 1 : size_; }

    constexpr Layout padded() const noexcept {
        Layout rounded = *this;
        rounded.size_ += padding_for(size_, alignment_);
        return rounded;
    }

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
    // Each of the three is at most 2^63, and the first two together are, so the sum does not wrap.
    const std::size_t offset = size_ + padding_for(size_, next.alignment_);
    const std::size_t larger = alignment_ < next.alignment_ ? next.alignment_ : alignment_;
    if (const auto whole = make(offset + next.size_, larger)) {
        return Extended{*whole, offset};
    }
    return std::nullopt;
}

// clang-format off
template <class A>
concept Allocator = requires(A& allocator, Layout layout, void* block) {
    { allocator.allocate(layout) } noexcept -> std::same_as<void*>;
    { allocator.deallocate(block, layout) } noexcept;
};
// clang-format on

}  // namespace workshop

// The words of the judges that are compiled once, and so without the learner's headers: a layout,
// and what can be said of an allocator's type.

#pragma once

#include <harness/own.hpp>

#include <cstddef>

namespace bridge {

/// The size and the alignment of a block.
class Layout {
public:
    constexpr Layout(std::size_t size, std::size_t alignment)
        : size_{size}, alignment_{alignment} {}

    HARNESS_OWN constexpr std::size_t size() const { return size_; }
    HARNESS_OWN constexpr std::size_t alignment() const { return alignment_; }

    friend bool operator==(const Layout&, const Layout&) = default;

private:
    std::size_t size_;
    std::size_t alignment_;
};

constexpr Layout layout(std::size_t size, std::size_t alignment) {
    return {size, alignment};
}

/// What the contract asks of the type of an allocator.
struct Promises {
    bool is_an_allocator;
    bool can_be_copied;
    bool can_be_assigned;
    bool can_be_moved;
    bool can_be_move_assigned;
    bool has_try_resize;  // that returns bool
};

}  // namespace bridge

// From the words of the judges to those of the learner.

#pragma once

#include <bridges/layout.hpp>

#include <harness/layout.hpp>
#include <harness/own.hpp>

#include <alignment.hpp>
#include <layer.hpp>

#include <type_traits>

namespace bridge {

/// Needs task 1.3 of the learner.
HARNESS_OWN inline workshop::Layout learners(Layout layout) {
    return harness::layout_here(layout.size(), layout.alignment());
}

template <class A>
constexpr Promises promises_of() {
    return {workshop::Allocator<A>,       std::is_copy_constructible_v<A>,
            std::is_copy_assignable_v<A>, std::is_move_constructible_v<A>,
            std::is_move_assignable_v<A>, workshop::HasTryResize<A>};
}

}  // namespace bridge

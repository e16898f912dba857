// The learner's Layout, for who judges a later step.

#pragma once

#include <harness/own.hpp>
#include <harness/place.hpp>

#include <alignment.hpp>

#include <cstddef>

namespace harness {

/// The layout of `size` bytes; needs task 1.3 of the learner.
HARNESS_OWN inline workshop::Layout layout(std::size_t size, std::size_t alignment,
                                           Place place = Place::here()) {
    const auto made = workshop::Layout::make(size, alignment);
    if (!made) {
        wrong("Layout::make refused a good layout; this step needs task 1.3", place);
    }
    return *made;
}

/// The same, where the judge is already.
HARNESS_OWN inline workshop::Layout layout_here(std::size_t size, std::size_t alignment) {
    return layout(size, alignment, where());
}

}  // namespace harness

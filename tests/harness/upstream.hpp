// What a layer under test stands on: an allocator that remembers what it was asked.

#pragma once

#include <harness/own.hpp>
#include <harness/upstream_core.hpp>

#include <alignment.hpp>

namespace harness {

class Upstream : public UpstreamCore {
public:
    using UpstreamCore::UpstreamCore;

    HARNESS_OWN void* allocate(workshop::Layout layout) noexcept {
        return UpstreamCore::allocate(layout.size(), layout.alignment());
    }
    HARNESS_OWN void deallocate(void* block, workshop::Layout layout) noexcept {
        UpstreamCore::deallocate(block, layout.size(), layout.alignment());
    }
    HARNESS_OWN bool try_resize(void* block, workshop::Layout layout,
                                workshop::Layout new_layout) noexcept {
        return UpstreamCore::try_resize(block, layout.size(), new_layout.size(),
                                        new_layout.alignment());
    }
};

}  // namespace harness

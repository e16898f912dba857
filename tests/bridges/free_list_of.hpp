// From a FreeListAllocator of the learner's to the free list that a judge sees.

#pragma once

#include <bridges/free_list.hpp>
#include <bridges/learners.hpp>

#include <harness/own.hpp>
#include <harness/subject_of.hpp>

#include <block_state.hpp>
#include <free_list.hpp>

#include <cstddef>
#include <span>

namespace bridge {

HARNESS_OWN inline BlockState told(workshop::BlockState state) {
    return state == workshop::BlockState::free   ? BlockState::free
           : state == workshop::BlockState::live ? BlockState::live
                                                 : BlockState::overhead;
}

template <class P>
class FreeListOf final : public harness::SubjectOf<workshop::FreeListAllocator<P>, FreeList> {
    using Base = harness::SubjectOf<workshop::FreeListAllocator<P>, FreeList>;

public:
    using Base::Base;

    HARNESS_OWN bool try_relayout(void* block, Layout from, Layout to) override {
        return this->allocator.try_resize(block, learners(from), learners(to));
    }

    HARNESS_OWN void for_each_block(Visitor visit) const override {
        const auto tell = [visit](std::size_t offset, std::size_t size, auto state)
                              HARNESS_OWN { visit(offset, size, told(state)); };
        this->allocator.for_each_block(tell);
    }

    HARNESS_OWN Promises promises() const override {
        return promises_of<workshop::FreeListAllocator<P>>();
    }
};

template <class P>
HARNESS_OWN Owner<FreeList> make(std::span<std::byte> buffer) {
    return Owner<FreeList>{new FreeListOf<P>{buffer}};
}

}  // namespace bridge

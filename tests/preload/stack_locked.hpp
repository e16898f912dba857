// `--allocator locked`: the free list of step 4, with bins, behind the lock of step 5.

#pragma once

#include "growing_heap.hpp"
#include "heap_mutex.hpp"

#include <bins.hpp>
#include <free_list.hpp>
#include <locked.hpp>

namespace preload {

class Stack {
public:
    using Heap = GrowingHeap<workshop::FreeListAllocator<workshop::SegregatedFit>>;
    using Top = workshop::Locked<Heap, HeapMutex>;
    static constexpr Sizes sizes = Sizes::rounded;
    static constexpr bool reports = false;

    Stack(AddressSpace& space, FaultHandler on_fault) noexcept
        : heap_{space, on_fault}, top_{heap_} {}

    Heap& heap() noexcept { return heap_; }
    Top& top() noexcept { return top_; }

private:
    Heap heap_;
    Top top_;
};

}  // namespace preload

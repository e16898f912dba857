// `--allocator tracked`: as `locked`, with step 3's layer between the two, which counts.

#pragma once

#include "growing_heap.hpp"
#include "heap_mutex.hpp"

#include <bins.hpp>
#include <free_list.hpp>
#include <locked.hpp>
#include <tracking.hpp>

namespace preload {

class Stack {
public:
    using Heap = GrowingHeap<workshop::FreeListAllocator<workshop::SegregatedFit>, Sizes::exact>;
    using Tracker = workshop::Tracking<Heap, workshop::Checks::off>;
    using Top = workshop::Locked<Tracker, HeapMutex>;
    static constexpr Sizes sizes = Sizes::exact;
    static constexpr bool reports = true;

    Stack(AddressSpace& space, FaultHandler on_fault) noexcept
        : heap_{space, on_fault}, tracker_{heap_}, top_{tracker_} {}

    Heap& heap() noexcept { return heap_; }
    Top& top() noexcept { return top_; }
    const Tracker& tracker() const noexcept { return tracker_; }

private:
    Heap heap_;
    Tracker tracker_;
    Top top_;
};

}  // namespace preload

// Replays traces on the allocator of step 4, with each of its placements.

#include "replay.hpp"

#include <bins.hpp>
#include <free_list.hpp>
#include <reallocate.hpp>

int main(int count, char** words) {
    using namespace workshop;
    return traces::replay_main(count, words,
                               {traces::contender<FreeListAllocator<FirstFit>>("first fit"),
                                traces::contender<FreeListAllocator<BestFit>>("best fit"),
                                traces::contender<FreeListAllocator<SegregatedFit>>("bins")});
}

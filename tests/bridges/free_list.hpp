// What the judges of step 4 see of the learner's code: free lists without their types, and
// reallocate().
//
//     judge, compiled once  ──>  this header  <──  free_list.cpp, bins.cpp, resize.cpp, at every
//     save

#pragma once

#include <bridges/layout.hpp>
#include <bridges/owner.hpp>

#include <harness/function_ref.hpp>
#include <harness/place.hpp>
#include <harness/subject.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace bridge {

/// As that of block_state.hpp.
enum class BlockState { free, live, overhead };

/// What visits the pieces of a buffer: offset, size, state.
using Visitor = harness::FunctionRef<std::size_t, std::size_t, BlockState>;

/// A FreeListAllocator.
class FreeList : public harness::Subject {
public:
    virtual ~FreeList() = default;

    /// As try_resize, but the alignment may be another one.
    virtual bool try_relayout(void* block, Layout from, Layout to) = 0;

    /// In the order in which the learner's own for_each_block tells them.
    virtual void for_each_block(Visitor visit) const = 0;

    virtual Promises promises() const = 0;
};

/// Makes the allocator over a buffer.
using MakeFreeList = Owner<FreeList>(std::span<std::byte> buffer);

MakeFreeList first_fit;
MakeFreeList best_fit;
MakeFreeList segregated_fit;

/// What two requests for 64 bytes get from a placement that serves them from the end of a block,
/// and whether the allocator is sound afterwards. Only of the course's design.
struct FromTheEnd {
    std::byte* first;
    std::byte* second;
    bool sound;
};
FromTheEnd from_the_end(std::span<std::byte> buffer);

/// bin_of() and bin_count of task 4.8. Only of the course's design.
unsigned bin_of(std::uint32_t units);
unsigned bin_count();

// ---- Allocators of a judge's, for reallocate() -------------------------------------------------

/// One that can do no more than it must.
struct Plain {
    virtual void* allocate(Layout asked) = 0;
    virtual void deallocate(void* block, Layout given) = 0;

protected:
    ~Plain() = default;
};

/// One that has try_resize.
struct Resizing : Plain {
    virtual bool try_resize(void* block, Layout from, Layout to) = 0;

protected:
    ~Resizing() = default;
};

/// One that wants to know where it was called.
struct Placed {
    virtual void* allocate(Layout asked, harness::Place place) = 0;
    virtual void deallocate(void* block, Layout given, harness::Place place) = 0;

protected:
    ~Placed() = default;
};

void* reallocate(Plain& allocator, void* block, Layout from, Layout to);
void* reallocate(Resizing& allocator, void* block, Layout from, Layout to);
void* reallocate(Placed& allocator, void* block, Layout from, Layout to, harness::Place place);

// ---- Designs -----------------------------------------------------------------------------------

/// What is asked of a design. The designs below tests/designs say here what they cannot do by
/// their nature, and why.
struct Design {
    /// The course's own: first fit is first fit, and the bins are those of the lesson.
    bool is_the_courses = false;
    /// Free blocks that touch are always one block.
    bool merges_all_neighbours = true;
    /// The placement policy decides which block is taken.
    bool has_placements = true;
    /// With bins, the cost of an operation does not depend on the number of blocks.
    bool has_bins = true;
    /// A block can grow into what is free behind it, and shrinking it frees its end.
    bool moves_the_end = true;
    /// Bytes that a live block costs, its size rounded up to 16 bytes not counted.
    std::size_t overhead = 16;
    /// The least capacity of a buffer of this size.
    std::size_t (*least_capacity)(std::size_t size) = nullptr;
};

/// That of the tree under test.
const Design& design();

}  // namespace bridge

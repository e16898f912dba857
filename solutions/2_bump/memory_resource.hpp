// Step 2: any allocator of this workshop as a std::pmr::memory_resource.
//
//   std::pmr::vector ──> memory_resource ──> MemoryResource<A> ──> A
//      wants bytes         the interface       translates           serves
//
// So that the containers of the standard library can live in a buffer of ours.

#pragma once

#include <alignment.hpp>

#include <cstddef>
#include <memory_resource>
#include <new>

namespace workshop {

/// Passes the requests of the standard library's containers on to an allocator, which must live
/// longer than this does.
template <Allocator A>
class MemoryResource final : public std::pmr::memory_resource {
public:
    explicit MemoryResource(A& allocator) noexcept : allocator_{allocator} {}

private:
    /// As the standard asks: a block, or std::bad_alloc where the allocator returned nullptr or
    /// no Layout can describe the request.
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        const std::optional<Layout> layout = Layout::make(size, alignment);
        void* const block = layout ? allocator_.allocate(*layout) : nullptr;
        if (block == nullptr) {
            throw std::bad_alloc{};
        }
        return block;
    }

    /// Gives the block back to the allocator, with the layout it was asked with.
    void do_deallocate(void* block, std::size_t size, std::size_t alignment) override {
        // The same numbers made a Layout when the block was asked for.
        allocator_.deallocate(block, *Layout::make(size, alignment));
    }

    /// True when what one allocated the other may deallocate: both serve from one allocator.
    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        const auto* const same_kind = dynamic_cast<const MemoryResource*>(&other);
        return same_kind != nullptr && &same_kind->allocator_ == &allocator_;
    }

    A& allocator_;
};

}  // namespace workshop

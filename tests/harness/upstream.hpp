// What a layer under test stands on: an allocator that remembers what it was asked.

#pragma once

#include <harness/function_ref.hpp>
#include <harness/own.hpp>
#include <harness/place.hpp>

#include <atomic>
#include <cstddef>

namespace harness {

class Upstream {
public:
    /// What it hands out.
    enum class Serves {
        blocks,     // from an array; the block that came back last is the next to go out, if the
                    // layout is the same. Blocks take 64 bytes at most, since nobody writes
                    // there, and so may have any size
        heap,       // what malloc has
        own_byte,   // each thread gets its own byte, again and again
        same_byte,  // everybody gets the same byte
        nothing,    // nullptr
    };

    explicit Upstream(Serves serves = Serves::blocks);
    ~Upstream();
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;

    /// The calls tell where they come from.
    void* allocate(std::size_t size, std::size_t alignment, Place place) noexcept;
    void deallocate(void* block, std::size_t size, std::size_t alignment, Place place) noexcept;
    bool try_resize(void* block, std::size_t size, std::size_t new_size, std::size_t alignment,
                    Place place) noexcept;
    void reset() noexcept;
    bool owns(const void* pointer) const noexcept;
    HARNESS_OWN bool check() const noexcept { return sound; }

    /// Two blocks that are not there.
    template <class Visit>
    HARNESS_OWN void for_each_block(Visit&& visit) const {
        visit(std::size_t{1}, std::size_t{20}, 0);
        visit(std::size_t{300}, std::size_t{4000}, 0);
    }

    // To be set. What refers to a function is called once.
    bool refuse = false;
    bool sound = true;
    FunctionRef<> on_allocate;    // before a block is chosen
    FunctionRef<> on_deallocate;  // after the block is back

    // What was asked. With `blocks`, for one thread at a time.
    HARNESS_OWN std::size_t allocations() const noexcept { return allocations_; }
    HARNESS_OWN std::size_t deallocations() const noexcept { return deallocations_; }
    HARNESS_OWN std::size_t resizes() const noexcept { return resizes_; }
    HARNESS_OWN std::size_t resets() const noexcept { return resets_; }
    void* last_block = nullptr;
    std::size_t last_size = 0;
    std::size_t last_alignment = 0;
    std::size_t old_size = 0;  // of the last change of size
    Place last_place = {"", 0};

private:
    void* take(std::size_t size, std::size_t alignment) noexcept;

    Serves serves_;
    std::atomic<std::size_t> allocations_ = 0;
    std::atomic<std::size_t> deallocations_ = 0;
    std::size_t resizes_ = 0;
    std::size_t resets_ = 0;
    std::byte* storage_ = nullptr;
    std::size_t used_ = 0;
    void* free_ = nullptr;
    std::size_t free_size_ = 0;
    std::size_t free_alignment_ = 0;
};

}  // namespace harness

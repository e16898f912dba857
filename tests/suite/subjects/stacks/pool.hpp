// Step 5: the pool. All its blocks are of one size; a smaller request gets a whole one.

#include <lock_free_pool.hpp>

namespace workshop {

struct Stack {
    static constexpr bool any_order = true;
    static constexpr bool any_size = false;
    static constexpr bool for_threads = true;

    static constexpr std::size_t block_size = 40;  // no multiple of the alignment
    static constexpr std::size_t block_alignment = 16;

    explicit Stack(std::span<std::byte> buffer)
        : top{buffer, *Layout::make(block_size, block_alignment)} {}
    std::size_t capacity() const { return top.capacity() == 0 ? 0 : block_size; }
    std::size_t largest_alignment() const { return block_alignment; }

    LockFreePool<> top;
};

}  // namespace workshop

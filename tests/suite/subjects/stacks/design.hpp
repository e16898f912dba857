// Another design for step 4; it may have one placement only.

#include <free_list.hpp>

namespace workshop {

struct Stack {
    static constexpr bool any_order = true;
    static constexpr bool any_size = true;
    static constexpr bool for_threads = false;

    explicit Stack(std::span<std::byte> buffer) : top{buffer} {}
    std::size_t capacity() const { return top.capacity(); }

    FreeListAllocator<> top;
};

}  // namespace workshop

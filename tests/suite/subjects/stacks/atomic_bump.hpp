// Step 5: the bump allocator for several threads.

#include <atomic_bump.hpp>

namespace workshop {

struct Stack {
    static constexpr bool any_order = false;
    static constexpr bool any_size = true;
    static constexpr bool for_threads = true;

    explicit Stack(std::span<std::byte> buffer) : top{buffer} {}
    std::size_t capacity() const { return top.capacity(); }

    AtomicBump<> top;
};

}  // namespace workshop

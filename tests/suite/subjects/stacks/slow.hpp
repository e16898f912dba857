// A correct allocator that takes its time now and then, as when the kernel has to be asked.

#include <free_list.hpp>

#include <unistd.h>

namespace workshop {

/// Rests for 2 ms at each 256th request.
class SlowAllocator {
public:
    explicit SlowAllocator(std::span<std::byte> buffer) noexcept : list_{buffer} {}

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        if (++requests_ % 256 == 0) {
            usleep(2000);
        }
        return list_.allocate(layout);
    }

    void deallocate(void* block, Layout layout) noexcept { list_.deallocate(block, layout); }
    std::size_t capacity() const noexcept { return list_.capacity(); }

private:
    FreeListAllocator<FirstFit> list_;
    std::size_t requests_ = 0;
};

struct Stack {
    static constexpr bool any_order = true;
    static constexpr bool any_size = true;
    static constexpr bool for_threads = false;

    explicit Stack(std::span<std::byte> buffer) : top{buffer} {}
    std::size_t capacity() const { return top.capacity(); }

    SlowAllocator top;
};

}  // namespace workshop

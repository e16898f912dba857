// Step 5: a spin lock around step 4.

#include <free_list.hpp>
#include <locked.hpp>
#include <spin_lock.hpp>

namespace workshop {

struct Stack {
    static constexpr bool any_order = true;
    static constexpr bool any_size = true;
    static constexpr bool for_threads = true;

    explicit Stack(std::span<std::byte> buffer) : list{buffer} {}
    std::size_t capacity() const { return list.capacity(); }

    FreeListAllocator<FirstFit> list;
    Locked<FreeListAllocator<FirstFit>, SpinLock<>> top{list};
};

}  // namespace workshop

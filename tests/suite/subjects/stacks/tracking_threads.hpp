// Step 3 on step 5, so that several threads are tracked at once.

#include <free_list.hpp>
#include <locked.hpp>
#include <tracking.hpp>

#include <atomic>

namespace workshop {

struct Stack {
    static constexpr bool any_order = true;
    static constexpr bool any_size = true;
    static constexpr bool for_threads = true;

    explicit Stack(std::span<std::byte> buffer) : list{buffer} {
        top.on_misuse(
            [](const Misuse&, void* count) { ++*static_cast<std::atomic<std::size_t>*>(count); },
            &misuses_);
    }
    std::size_t capacity() const { return list.capacity(); }
    std::size_t misuses() const { return misuses_; }

    FreeListAllocator<FirstFit> list;
    Locked<FreeListAllocator<FirstFit>> locked{list};
    Tracking<Locked<FreeListAllocator<FirstFit>>, Checks::on> top{locked};

private:
    std::atomic<std::size_t> misuses_ = 0;
};

}  // namespace workshop

// Step 3 on step 4.

#include <free_list.hpp>
#include <tracking.hpp>

namespace workshop {

struct Stack {
    static constexpr bool any_order = true;
    static constexpr bool any_size = true;
    static constexpr bool for_threads = false;

    explicit Stack(std::span<std::byte> buffer) : list{buffer} {
        top.on_misuse([](const Misuse&, void* count) { ++*static_cast<std::size_t*>(count); },
                      &misuses_);
    }
    std::size_t capacity() const { return list.capacity(); }
    std::size_t misuses() const { return misuses_; }

    FreeListAllocator<FirstFit> list;
    Tracking<FreeListAllocator<FirstFit>, Checks::on> top{list};

private:
    std::size_t misuses_ = 0;
};

}  // namespace workshop

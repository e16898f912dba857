// Several stacks for one thread of the machine, and the step from one to another.

#pragma once

#include <cstddef>

namespace harness {

class Fiber {
public:
    Fiber() noexcept = default;
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    ~Fiber();

    /// Makes a new stack, or reuses the old one: switching to this fiber will call `entry`, which
    /// must not return but switch away for good.
    void prepare(void (*entry)());

    /// Goes on with `other`, where it left off or at its entry; returns when somebody switches
    /// back. `for_good`: nobody will.
    void switch_to(Fiber& other, bool for_good = false);

    /// To be called first thing in `entry`; `from` is who switched here.
    static void arrived(Fiber& from);

private:
    void* stack_pointer_ = nullptr;  // while it does not run
    void* stack_ = nullptr;          // a mapping; nullptr for the stack of the machine's thread
    void* fake_stack_ = nullptr;     // AddressSanitizer's
    const void* bottom_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace harness

#include <harness/fiber.hpp>

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

// AddressSanitizer wants to be told when the stack changes; the judges have it, the harness not.
extern "C" {
void __sanitizer_start_switch_fiber(void** save, const void* bottom, std::size_t size)
    __attribute__((weak));
void __sanitizer_finish_switch_fiber(void* saved, const void** bottom, std::size_t* size)
    __attribute__((weak));
}

// swapcontext() would do, if it did not ask the kernel for the signal mask each time: a search
// switches a hundred thousand times. A function need only keep the registers that its caller
// expects to be kept; they go on the stack that is left.
extern "C" void switch_stacks(void** save, void* load) asm("workshop_switch_stacks");

#if defined(__x86_64__)
asm(R"(
.text
.globl workshop_switch_stacks
workshop_switch_stacks:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");
constexpr std::size_t saved_words = 8;  // six registers, the return address, and one to align
constexpr std::size_t return_word = 6;
#elif defined(__aarch64__)
asm(R"(
.text
.globl workshop_switch_stacks
workshop_switch_stacks:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
)");
constexpr std::size_t saved_words = 20;
constexpr std::size_t return_word = 11;
#else
#error "fiber.cpp knows x86-64 and aarch64; another processor needs its registers saved here"
#endif

namespace harness {
namespace {

constexpr std::size_t stack_size = std::size_t{512} << 10;
constexpr std::size_t guard_size = std::size_t{64} << 10;  // a multiple of any page size

}  // namespace

Fiber::~Fiber() {
    if (stack_ != nullptr) {
        munmap(stack_, stack_size);
    }
}

void Fiber::prepare(void (*entry)()) {
    if (stack_ == nullptr) {
        stack_ =
            mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (stack_ == MAP_FAILED) {
            std::abort();
        }
        mprotect(stack_, guard_size, PROT_NONE);  // an endless recursion ends here
        bottom_ = static_cast<std::byte*>(stack_) + guard_size;
        size_ = stack_size - guard_size;
    }
    // As if `entry` had been interrupted before its first instruction: the registers do not matter.
    std::byte* const top = static_cast<std::byte*>(stack_) + stack_size - 64;
    auto* const words = ::new (top - saved_words * sizeof(void*)) std::uintptr_t[saved_words]{};
    words[return_word] = reinterpret_cast<std::uintptr_t>(entry);
    stack_pointer_ = words;
    fake_stack_ = nullptr;
}

void Fiber::switch_to(Fiber& other, bool for_good) {
    if (__sanitizer_start_switch_fiber != nullptr) {
        __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_stack_, other.bottom_,
                                       other.size_);
    }
    switch_stacks(&stack_pointer_, other.stack_pointer_);
    if (__sanitizer_finish_switch_fiber != nullptr) {
        __sanitizer_finish_switch_fiber(fake_stack_, nullptr, nullptr);
    }
}

void Fiber::arrived(Fiber& from) {
    if (__sanitizer_finish_switch_fiber != nullptr) {
        const void* bottom = nullptr;
        std::size_t size = 0;
        __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
        if (from.bottom_ == nullptr) {
            from.bottom_ = bottom;
            from.size_ = size;
        }
    }
}

}  // namespace harness

// operator new and delete in all forms that a program may replace: [new.delete] in the standard.
//
// The library must not need libstdc++: under a program in C it would be loaded for nothing. Whoever
// calls operator new has it, so what must be thrown is looked for there, when it is needed.

#include "program.hpp"

#include <dlfcn.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

using Size = std::size_t;
using Alignment = std::align_val_t;

/// A function of libstdc++; the library is in the process already, or the result is nullptr.
template <class Function>
Function* of_libstdcxx(const char* name) noexcept {
    if (void* const found = dlsym(RTLD_DEFAULT, name); found != nullptr) {
        return reinterpret_cast<Function*>(found);
    }
    void* const library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
    return library == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(library, name));
}

std::new_handler handler() noexcept {
    const auto get = of_libstdcxx<std::new_handler()>("_ZSt15get_new_handlerv");
    return get == nullptr ? nullptr : get();
}

[[noreturn]] void throw_bad_alloc() {
    if (const auto throw_it = of_libstdcxx<void()>("_ZSt17__throw_bad_allocv")) {
        throw_it();
    }
    std::abort();
}

/// Asks until there is memory, or nobody is left who might make some.
void* new_block(Size size, Size alignment) {
    while (true) {
        if (void* const block = preload::allocate(size, alignment)) [[likely]] {
            return block;
        }
        const std::new_handler make_room = handler();
        if (make_room == nullptr) {
            throw_bad_alloc();
        }
        make_room();
    }
}

/// The same for those who want a nullptr. A handler that throws ends in one, too; but to catch it
/// takes libstdc++, so no handler is called.
void* new_block_or_null(Size size, Size alignment) noexcept {
    return preload::allocate(size, alignment);
}

void delete_block(void* block) noexcept {
    if (block != nullptr) {
        preload::deallocate(block);
    }
}

constexpr Size ordinary = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

Size number(Alignment alignment) noexcept {
    return static_cast<Size>(alignment);
}

}  // namespace

#define EXPORT __attribute__((visibility("default")))
// clang-format off

EXPORT void* operator new(Size size) { return new_block(size, ordinary); }
EXPORT void* operator new[](Size size) { return new_block(size, ordinary); }
EXPORT void* operator new(Size size, Alignment alignment) { return new_block(size, number(alignment)); }
EXPORT void* operator new[](Size size, Alignment alignment) { return new_block(size, number(alignment)); }
EXPORT void* operator new(Size size, const std::nothrow_t&) noexcept { return new_block_or_null(size, ordinary); }
EXPORT void* operator new[](Size size, const std::nothrow_t&) noexcept { return new_block_or_null(size, ordinary); }
EXPORT void* operator new(Size size, Alignment alignment, const std::nothrow_t&) noexcept { return new_block_or_null(size, number(alignment)); }
EXPORT void* operator new[](Size size, Alignment alignment, const std::nothrow_t&) noexcept { return new_block_or_null(size, number(alignment)); }

EXPORT void operator delete(void* block) noexcept { delete_block(block); }
EXPORT void operator delete[](void* block) noexcept { delete_block(block); }
EXPORT void operator delete(void* block, Size) noexcept { delete_block(block); }
EXPORT void operator delete[](void* block, Size) noexcept { delete_block(block); }
EXPORT void operator delete(void* block, Alignment) noexcept { delete_block(block); }
EXPORT void operator delete[](void* block, Alignment) noexcept { delete_block(block); }
EXPORT void operator delete(void* block, Size, Alignment) noexcept { delete_block(block); }
EXPORT void operator delete[](void* block, Size, Alignment) noexcept { delete_block(block); }
EXPORT void operator delete(void* block, const std::nothrow_t&) noexcept { delete_block(block); }
EXPORT void operator delete[](void* block, const std::nothrow_t&) noexcept { delete_block(block); }
EXPORT void operator delete(void* block, Alignment, const std::nothrow_t&) noexcept { delete_block(block); }
EXPORT void operator delete[](void* block, Alignment, const std::nothrow_t&) noexcept { delete_block(block); }

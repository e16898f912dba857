// malloc and its kin, as glibc has them:
// <https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation.html>
//
// What is not in POSIX is as in malloc(3) and posix_memalign(3). Two things that are easily missed:
// an allocation that fails sets errno, and free() never changes it.

#include "address_space.hpp"
#include "program.hpp"

#include <alignment.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace {

void* or_error(void* block) noexcept {
    if (block == nullptr) [[unlikely]] {
        errno = ENOMEM;
    }
    return block;
}

/// Sets `product`; false when it is too large for a std::size_t.
bool multiply(std::size_t a, std::size_t b, std::size_t& product) noexcept {
    return !__builtin_mul_overflow(a, b, &product);
}

/// The smallest power of two that is no less; 0 where there is none.
std::size_t power_of_two_from(std::size_t alignment) noexcept {
    std::size_t power = 1;
    while (power != 0 && power < alignment) {
        power *= 2;
    }
    return power;
}

void* no_memory() noexcept {
    errno = ENOMEM;
    return nullptr;
}

}  // namespace

#define PRELOAD_EXPORT extern "C" __attribute__((visibility("default")))

PRELOAD_EXPORT void* malloc(std::size_t size) noexcept {
    return or_error(preload::allocate(size));
}

PRELOAD_EXPORT void free(void* block) noexcept {
    if (block != nullptr) {
        const int error = errno;
        preload::deallocate(block);
        errno = error;
    }
}

PRELOAD_EXPORT void* calloc(std::size_t count, std::size_t size) noexcept {
    std::size_t bytes = 0;
    return multiply(count, size, bytes) ? or_error(preload::allocate_zeroed(bytes)) : no_memory();
}

PRELOAD_EXPORT void* realloc(void* block, std::size_t size) noexcept {
    if (block == nullptr) {
        return malloc(size);
    }
    if (size == 0) {  // as glibc, and as nobody should rely on
        free(block);
        return nullptr;
    }
    return or_error(preload::resize(block, size));
}

PRELOAD_EXPORT void* reallocarray(void* block, std::size_t count, std::size_t size) noexcept {
    std::size_t bytes = 0;
    return multiply(count, size, bytes) ? realloc(block, bytes) : no_memory();
}

PRELOAD_EXPORT int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
    if (!workshop::is_power_of_two(alignment) || alignment % sizeof(void*) != 0) {
        return EINVAL;
    }
    void* const made = preload::allocate(size, alignment);
    if (made == nullptr) {
        return ENOMEM;
    }
    *block = made;
    return 0;
}

PRELOAD_EXPORT void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    if (!workshop::is_power_of_two(alignment)) {
        errno = EINVAL;
        return nullptr;
    }
    return or_error(preload::allocate(size, alignment));
}

PRELOAD_EXPORT void* memalign(std::size_t alignment, std::size_t size) noexcept {
    const std::size_t power = power_of_two_from(alignment);
    if (power == 0) {
        errno = EINVAL;
        return nullptr;
    }
    return or_error(preload::allocate(size, power));
}

PRELOAD_EXPORT void* valloc(std::size_t size) noexcept {
    return or_error(preload::allocate(size, preload::page_size()));
}

PRELOAD_EXPORT void* pvalloc(std::size_t size) noexcept {
    const auto whole_pages = workshop::checked_align_up(size, preload::page_size());
    return whole_pages ? valloc(*whole_pages) : no_memory();
}

PRELOAD_EXPORT std::size_t malloc_usable_size(void* block) noexcept {
    return block == nullptr ? 0 : preload::usable_size(block);
}

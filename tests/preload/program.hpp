// The heap of the program: what malloc and its kin are made of.

#pragma once

#include <cstddef>

namespace preload {

// None of these throws or changes errno; nullptr means that there is no memory. An alignment is a
// power of two.

/// A block of at least `size` bytes. Ordinary alignment is that of max_align_t.
void* allocate(std::size_t size) noexcept;
void* allocate(std::size_t size, std::size_t alignment) noexcept;

/// A block whose bytes are zero. Pages that are fresh from the kernel are not written to.
void* allocate_zeroed(std::size_t size) noexcept;

/// The block in another size, as realloc(3); both are real: no nullptr, no size of 0.
void* resize(void* block, std::size_t size) noexcept;

/// Gives a block back. Not nullptr.
void deallocate(void* block) noexcept;

/// The bytes of a block that the program may use. Not nullptr.
std::size_t usable_size(const void* block) noexcept;

}  // namespace preload

// Address space, and which part of it is memory.
//
//   [ open | open |   open    |      reserved, no memory       ...                        ]
//   ^begin()      ^ each part is opened once, from the left             64 GiB further on ^
//
// Reserved addresses cost nothing: nobody else gets them, and there is no memory behind them.

#pragma once

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>

namespace preload {

/// The size of a page in bytes.
inline std::size_t page_size() noexcept {
    static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

/// The bytes that the process may map altogether; RLIM_INFINITY where nobody set a limit.
inline rlim_t address_limit() noexcept {
    rlimit limit = {};
    return getrlimit(RLIMIT_AS, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

/// Gives the memory of whole pages back to the kernel; the addresses stay. When they are used again
/// they hold zeros.
inline void give_back(std::byte* first, std::size_t size) noexcept {
    madvise(first, size, MADV_DONTNEED);
}

/// A range of addresses that is set aside once, and turned into memory piece by piece.
class AddressSpace {
public:
    /// Reserves `most` bytes; half of it, a quarter and so on where the kernel refuses, and not
    /// more than half of what a limit allows. size() is 0 when not even `least` bytes are to be
    /// had.
    void reserve(std::size_t most, std::size_t least) noexcept {
        const rlim_t limit = address_limit();
        for (std::size_t size = most; size >= least; size /= 2) {
            if (limit != RLIM_INFINITY && size > limit / 2) {
                continue;
            }
            void* const first =
                mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (first != MAP_FAILED) {
                first_ = static_cast<std::byte*>(first);
                size_ = size;
                return;
            }
        }
    }

    std::byte* begin() const noexcept { return first_; }
    std::size_t size() const noexcept { return size_; }

    /// Puts memory behind `size` bytes at `offset`, both multiples of a page. The bytes are zero.
    /// False when the kernel has no memory, or a limit was set meanwhile that forbids it.
    bool open(std::size_t offset, std::size_t size) noexcept {
        const rlim_t limit = address_limit();
        if (limit != RLIM_INFINITY && offset + size > limit) {
            return false;
        }
        return mprotect(first_ + offset, size, PROT_READ | PROT_WRITE) == 0;
    }

private:
    std::byte* first_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace preload

// The buffer of a subject. A suite makes tens of thousands, so their memory is mapped once and used
// again.

#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace suite {

/// A buffer as harness::GuardedBuffer, but nobody looks at what lies around it: that is the suite's
/// part.
class Buffer {
public:
    /// `size` bytes, the last of them just before a page that nobody can touch.
    explicit Buffer(std::size_t size);
    /// `size` bytes; the address of the first, modulo 1 MiB, is `misalignment`.
    Buffer(std::size_t size, std::size_t misalignment);
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer();

    std::span<std::byte> span() const noexcept { return span_; }

    /// The index of this buffer in the journal.
    unsigned index() const noexcept { return index_; }

private:
    struct Region;
    static std::unique_ptr<Region> take_region(std::size_t size);
    static std::unique_ptr<Region> unused;

    void enter();

    std::unique_ptr<Region> region_;
    std::span<std::byte> span_;
    unsigned index_ = 0;
};

}  // namespace suite

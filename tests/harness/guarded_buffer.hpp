// A buffer of exactly the size asked for, with no readable or writable byte around it.
//
//   [ no access ][ . . . . . buffer ][ no access ]      GuardedBuffer{13}: ends at the guard
//   [ no access ][ canary ][ buffer ][ canary ][ no access ]   GuardedBuffer{13, 5}: begins 5 off
//
// An access just outside is a crash at the instruction that did it, or a canary that died.

#pragma once

#include <harness/own.hpp>

#include <cstddef>
#include <span>

namespace harness {

class GuardedBuffer {
public:
    /// `size` bytes, the last of them just before an inaccessible page. So the address of the
    /// first byte is as odd as the size.
    explicit GuardedBuffer(std::size_t size);

    /// `size` bytes; the address of the first, modulo 1 MiB, is `misalignment`.
    GuardedBuffer(std::size_t size, std::size_t misalignment);

    GuardedBuffer(const GuardedBuffer&) = delete;
    GuardedBuffer& operator=(const GuardedBuffer&) = delete;
    ~GuardedBuffer();

    HARNESS_OWN std::span<std::byte> span() const noexcept { return {first_, size_}; }
    HARNESS_OWN std::byte* data() const noexcept { return first_; }
    HARNESS_OWN std::size_t size() const noexcept { return size_; }

    /// The index of this buffer in the journal.
    HARNESS_OWN unsigned index() const noexcept { return index_; }

    /// Fails the test case when a byte around the buffer has changed. Called by ~GuardedBuffer.
    void check_canaries() const;

private:
    std::byte* mapping_;
    std::size_t mapping_size_;
    std::byte* first_;
    std::size_t size_;
    unsigned index_;
};

}  // namespace harness

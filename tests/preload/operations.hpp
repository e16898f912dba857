// The last operations of the heap, for the story of a crash.

#pragma once

#include <cstddef>
#include <cstdint>

namespace preload {

enum class Action : std::uint8_t { allocate, deallocate, resize };

struct HeapOperation {
    const void* block;  // what it is about, or what it returned
    std::size_t size;   // of the block, in bytes
    std::size_t more;   // for resize: the size that is wanted; else the alignment
    Action action;
    bool done;       // false: the allocator has not come back from it
    bool succeeded;  // it returned a block; the block was resized
};

/// A ring: the newest operation takes the place of the oldest.
class HeapOperations {
public:
    static constexpr std::size_t kept = 16;

    /// `more` is the size that is wanted for resize, else the alignment.
    void begin(Action action, const void* block, std::size_t size, std::size_t more) noexcept {
        ring_[count_ % kept] = {block, size, more, action, false, false};
    }

    void end(const void* block, bool succeeded) noexcept {
        HeapOperation& now = ring_[count_ % kept];
        now.block = block;
        now.succeeded = succeeded;
        now.done = true;
        ++count_;
    }

    /// All that have ended. The one that may have begun is operation number count().
    std::uint64_t count() const noexcept { return count_; }

    const HeapOperation& operator[](std::uint64_t number) const noexcept {
        return ring_[number % kept];
    }

private:
    HeapOperation ring_[kept] = {};
    std::uint64_t count_ = 0;
};

}  // namespace preload

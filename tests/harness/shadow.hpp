// The shadow model: what a correct allocator would have done so far.
//
// It knows every live block, gives each its own pattern of bytes, and is told before and after
// every operation. The first thing that breaks the contract ends the test case with the story.

#pragma once

#include <cstddef>

namespace harness {

class GuardedBuffer;

/// Not for concurrent use.
class Shadow {
public:
    explicit Shadow(const GuardedBuffer& buffer);
    Shadow(const Shadow&) = delete;
    Shadow& operator=(const Shadow&) = delete;
    ~Shadow();

    /// Around an allocate: `size` is what was asked for, so 0 stays 0. allocated() checks that
    /// the block is aligned, inside the buffer and apart from every live block, that no live byte
    /// has changed, and fills the block with its pattern. A nullptr is only noted.
    void about_to_allocate(std::size_t size, std::size_t alignment);
    void allocated(void* block);

    /// Around a deallocate. All patterns must be intact, before and after.
    void about_to_deallocate(void* block, std::size_t size, std::size_t alignment);
    void deallocated();

    /// Around an attempt to resize in place. The content must be kept up to the smaller size.
    void about_to_resize(void* block, std::size_t size, std::size_t alignment,
                         std::size_t new_size);
    void resized(bool done);

    /// Around a reset: no block is live any more.
    void about_to_reset();
    void was_reset();

    /// Adds a line to the story.
    void note(const char* text);

    /// Every live block still holds its pattern.
    void check_contents() const;

    std::size_t live_blocks() const noexcept;
    /// Bytes asked for by the blocks that are live.
    std::size_t live_bytes() const noexcept;

private:
    struct State;
    State* state_;
};

}  // namespace harness

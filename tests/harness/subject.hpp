// An allocator under test with its type forgotten, so that what judges it is compiled only once.

#pragma once

#include <cstddef>

namespace harness {

class Subject {
public:
    /// Sizes and alignments are good ones: Layout::make takes them.
    virtual void* allocate(std::size_t size, std::size_t alignment) = 0;
    virtual void deallocate(void* block, std::size_t size, std::size_t alignment) = 0;

    virtual bool can_resize() const = 0;
    virtual bool try_resize(void* block, std::size_t size, std::size_t alignment,
                            std::size_t new_size) = 0;
    virtual bool can_reset() const = 0;
    virtual void reset() = 0;

    /// True unless the allocator's own check() says that its invariants are broken.
    virtual bool check() const = 0;
    /// What the allocator's own owns() says; true where there is none.
    virtual bool owns(const void* pointer) const = 0;
    /// A request of this many bytes, alignment 1, must succeed now; 0 where nobody can tell.
    virtual std::size_t room() const = 0;
    /// The largest block of an allocator that is empty; 0 where nobody can tell.
    virtual std::size_t capacity() const = 0;

protected:
    ~Subject() = default;
};

}  // namespace harness

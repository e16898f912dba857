// From an allocator of the learner's to a Subject.

#pragma once

#include <harness/layout.hpp>
#include <harness/own.hpp>
#include <harness/subject.hpp>

#include <cstddef>

namespace harness {

/// Forgets the type of an allocator; what it does not offer is answered harmlessly. A judge that
/// knows more derives from it and overrides room() and what else it can tell. `Base` is Subject,
/// or derives from it.
template <class A, class Base = Subject>
class SubjectOf : public Base {
public:
    /// Makes the allocator of the same arguments.
    template <class... Arguments>
    HARNESS_OWN explicit SubjectOf(Arguments&&... arguments) : allocator{arguments...} {}

    HARNESS_OWN void* allocate(std::size_t size, std::size_t alignment) override {
        return allocator.allocate(layout_here(size, alignment));
    }

    HARNESS_OWN void deallocate(void* block, std::size_t size, std::size_t alignment) override {
        allocator.deallocate(block, layout_here(size, alignment));
    }

    HARNESS_OWN bool can_resize() const override { return resizes; }

    HARNESS_OWN bool try_resize(void* block, std::size_t size, std::size_t alignment,
                                std::size_t new_size) override {
        if constexpr (resizes) {
            return allocator.try_resize(block, layout_here(size, alignment),
                                        layout_here(new_size, alignment));
        } else {
            return false;
        }
    }

    HARNESS_OWN bool can_reset() const override { return resets; }

    HARNESS_OWN void reset() override {
        if constexpr (resets) {
            allocator.reset();
        }
    }

    HARNESS_OWN bool check() const override {
        if constexpr (requires(const A& a) { a.check(); }) {
            return allocator.check();
        } else {
            return true;
        }
    }

    HARNESS_OWN bool owns(const void* pointer) const override {
        if constexpr (requires(const A& a) { a.owns(pointer); }) {
            return allocator.owns(pointer);
        } else {
            return true;
        }
    }

    HARNESS_OWN std::size_t room() const override { return 0; }

    HARNESS_OWN std::size_t capacity() const override {
        if constexpr (requires(const A& a) { a.capacity(); }) {
            return allocator.capacity();
        } else {
            return 0;
        }
    }

    A allocator;

private:
    static constexpr bool resets = requires(A & a) { a.reset(); };
    static constexpr bool resizes = requires(A & a, workshop::Layout layout) {
        a.try_resize(nullptr, layout, layout);
    };
};

}  // namespace harness

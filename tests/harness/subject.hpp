// From an allocator to a Subject of the random judge.

#pragma once

#include <harness/own.hpp>
#include <harness/random_judge.hpp>

#include <alignment.hpp>

#include <cstddef>
#include <span>

namespace harness {

/// Forgets the type of an allocator; what it does not offer is answered harmlessly. A judge that
/// knows more derives from it and overrides room() and what else it can tell.
template <class A>
class SubjectOf : public Subject {
public:
    HARNESS_OWN explicit SubjectOf(std::span<std::byte> buffer) : allocator{buffer} {}

    HARNESS_OWN void* allocate(std::size_t size, std::size_t alignment) override {
        return allocator.allocate(*workshop::Layout::make(size, alignment));
    }

    HARNESS_OWN void deallocate(void* block, std::size_t size, std::size_t alignment) override {
        allocator.deallocate(block, *workshop::Layout::make(size, alignment));
    }

    HARNESS_OWN bool can_resize() const override { return resizes; }

    HARNESS_OWN bool try_resize(void* block, std::size_t size, std::size_t alignment,
                                std::size_t new_size) override {
        if constexpr (resizes) {
            return allocator.try_resize(block, *workshop::Layout::make(size, alignment),
                                        *workshop::Layout::make(new_size, alignment));
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

    HARNESS_OWN bool owns(const void* block) const override {
        if constexpr (requires(const A& a) { a.owns(block); }) {
            return allocator.owns(block);
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

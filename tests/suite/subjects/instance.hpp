// An allocator with its type forgotten: what a subject is made of. Known to the subjects, which
// implement it, and to subject.cpp, which calls it; a test suite sees neither.

#pragma once

#include <suite/subject.hpp>

#include <cstddef>
#include <memory_resource>
#include <span>

namespace suite {

/// What an allocator offers and promises beyond the contract that is everybody's.
struct Facts {
    bool any_order = false;    // blocks may come back in any order, and their bytes are used again
    bool any_size = false;     // serves every size and alignment that there is room for
    bool for_threads = false;  // several threads may use it at once
    bool owns = false;
    bool reset = false;
    bool check = false;
    bool for_each_block = false;
    bool try_resize = false;
    bool tells_misuse = false;
};

class Instance {
public:
    virtual ~Instance() = default;

    virtual Facts facts() const = 0;
    virtual void* allocate(std::size_t size, std::size_t alignment) = 0;
    virtual void deallocate(void* block, std::size_t size, std::size_t alignment) = 0;
    virtual std::size_t capacity() const = 0;
    virtual std::size_t largest_alignment() const = 0;
    virtual std::pmr::memory_resource& resource() = 0;

    // Only where facts() says so.
    virtual bool owns(const void* pointer) const = 0;
    virtual void reset() = 0;
    virtual bool check() const = 0;
    virtual void for_each_block(harness::FunctionRef<std::size_t, std::size_t, Piece> f) const = 0;
    virtual bool try_resize(void* block, std::size_t size, std::size_t alignment,
                            std::size_t new_size) = 0;
    virtual std::size_t misuses() const = 0;
};

/// An allocator that a suite is run against.
struct SubjectType {
    const char* name;     // "4_free_list/stays_in_the_list", or "boundary_tags"
    const char* task;     // "6.1": whose tests should catch it; empty for a correct allocator
    const char* symptom;  // the rest is empty for a correct one, too
    const char* seen;
    const char* idea;  // which test would see it
    const char* diff;
    bool any_size;     // as its facts say: the tests of 6.2 get only such
    bool for_threads;  // the tests of 6.3 get only such
    Instance* (*make)(std::span<std::byte> buffer);

    bool is_correct() const { return *task == '\0'; }
};

/// The correct ones first, then the bugs by task.
std::span<const SubjectType> all_subjects();

}  // namespace suite

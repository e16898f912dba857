// The allocator under test, as a test suite sees it: a contract, and nothing of what is behind it.

#pragma once

#include <harness/function_ref.hpp>
#include <harness/place.hpp>

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>

namespace suite {

/// What a piece of the buffer is, in for_each_block().
enum class Piece : unsigned char { free, live, overhead };

/// An allocator that nobody has used yet, over a buffer of its own. Each test case makes as many as
/// it likes; which allocator that is, the case is not told.
///
/// What every subject promises:
///   1. allocate() returns nullptr, or a block: at a multiple of its alignment, inside the buffer,
///      apart from every live block. A live block's bytes are its holder's alone: nobody else
///      changes them.
///   2. nullptr changes nothing.
///   3. Size 0 is served as 1.
///   4. A request that is no Layout gets nullptr: where the alignment is no power of two, or the
///      size, rounded up to a multiple of it, is larger than PTRDIFF_MAX.
///   5. deallocate(nullptr, ...) does nothing.
///   6. An empty subject serves every single request that makes_room_for() says it does, and as
///      many equal ones as room_for() says.
///   7. It is empty when it is new and after reset(). Where reuses_any_block() is true, also when
///      all blocks have come back, in whatever order; else a block that comes back before another
///      one is asked for leaves room for an equal one.
/// In return, a block goes back once, with the size and the alignment that it was asked with.
class Subject {
public:
    /// A buffer of `size` bytes, at an address that is as odd as it may be: just before a page
    /// that nobody can touch.
    explicit Subject(std::size_t buffer_size);
    /// The same at an address that is, modulo 1 MiB, `misalignment`.
    Subject(std::size_t buffer_size, std::size_t misalignment);
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;
    ~Subject();

    using Place = harness::Place;  // of the call, for the story that a failure is told with

    [[nodiscard]] std::byte* allocate(std::size_t size, std::size_t alignment,
                                      Place place = Place::here());
    void deallocate(void* block, std::size_t size, std::size_t alignment,
                    Place place = Place::here());

    std::span<std::byte> buffer() const;

    /// The size of the largest block that can be had when the subject is empty, at alignment 1.
    std::size_t capacity() const;
    /// True when an empty subject surely serves this one request.
    bool makes_room_for(std::size_t size, std::size_t alignment) const;
    /// As many blocks of this size, at an alignment of up to 16, as an empty subject surely has
    /// room for at once. There may be room for more.
    std::size_t room_for(std::size_t size) const;
    /// True when a block that came back is used again, whatever the order.
    bool reuses_any_block() const;

    // What not every allocator can. Ask first.

    /// owns(pointer): true for each byte of a live block, false outside of the buffer; for a byte
    /// of the buffer that nobody holds, either.
    bool has_owns() const;
    bool owns(const void* pointer) const;

    /// reset(): takes all blocks back at once.
    bool has_reset() const;
    void reset(Place place = Place::here());

    /// check(): true, always: that its invariants hold.
    bool has_check() const;
    bool check() const;

    /// for_each_block(f): f(offset, size, piece) for piece after piece of the whole buffer, lowest
    /// first, without a gap, an overlap or an empty piece. A live block lies in a live piece, which
    /// may hold several.
    bool has_for_each_block() const;
    void for_each_block(harness::FunctionRef<std::size_t, std::size_t, Piece> f) const;

    /// try_resize(block, ...): the block has the new size now, where it stands, with its content up
    /// to the smaller one; or false, and nothing has changed.
    bool has_try_resize() const;
    bool try_resize(void* block, std::size_t size, std::size_t alignment, std::size_t new_size,
                    Place place = Place::here());

    /// misuses(): how many calls of deallocate and try_resize were refused, with no effect: for a
    /// pointer that is no live block, or with another size or alignment than it was asked with, 0
    /// instead of 1 among them. What is no Layout at all has no effect either, and is not counted.
    /// Only with a subject that can tell may a test misuse it.
    bool has_misuses() const;
    std::size_t misuses() const;

    /// The same allocator for containers of std::pmr.
    std::pmr::memory_resource& resource();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace suite

// The journal of one test case: the buffers it made and the operations it did, in memory that it
// shares with the process that watches it. So the story can be told even when the case crashed,
// hung, or scribbled over everything it could reach.

#pragma once

#include <harness/place.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace harness {

/// A buffer that an allocator under test was given.
struct BufferEntry {
    std::uintptr_t address;
    std::size_t size;
};

struct Operation {
    enum class What : std::uint8_t { allocate, deallocate, resize, reset, note };

    What what;
    bool returned;  // false: it was under way when the case ended
    std::uint32_t buffer;
    std::size_t size, alignment;  // asked for; of a resize, the old ones
    std::size_t new_size;         // of a resize
    std::uintptr_t block;         // the result of allocate, the argument of deallocate and resize
    char text[64];                // of a note
};

class Journal {
public:
    static constexpr std::size_t max_operations = 1U << 16;
    static constexpr std::size_t max_buffers = 64;

    /// The journal of the running case. Each process has one, made at first use; a child that was
    /// forked after that shares its parent's.
    static Journal& current();
    /// From now on this process has an empty one that it does not share with its parent.
    static void begin_own();

    /// Empties it for the next case.
    void clear() noexcept;
    /// Forgets buffers and operations only.
    void clear_operations() noexcept;

    /// Both return a slot to fill, or nullptr when there is no room left; what then happens is
    /// not recorded.
    BufferEntry* add_buffer() noexcept;
    Operation* add_operation() noexcept;

    /// Remembers the place of the first todo() that is reached.
    void note_todo(const char* file, int line) noexcept;

    /// Where the judge is: the call or the assertion that was reached last.
    void set_place(Place place) noexcept;
    Place place() const noexcept { return {place_file_, place_line_}; }

    /// What is being asserted there, a literal; nullptr where nothing is.
    void set_asserted(const char* text) noexcept { asserted_ = text; }
    const char* asserted() const noexcept { return asserted_; }

    /// Remembers that what follows is a random sequence, made by this seed, for this type.
    void found_by_seed(std::uint64_t seed, const char* type) noexcept;
    std::uint64_t seed() const noexcept { return seed_; }
    /// The type's name; nullptr when this is no random sequence.
    const char* random_type() const noexcept { return random_type_; }

    std::size_t buffer_count() const noexcept;
    std::size_t operation_count() const noexcept;
    /// True when there were more operations than the journal holds.
    bool overflowed() const noexcept { return operations_started_ > max_operations; }
    const BufferEntry& buffer(std::size_t index) const noexcept { return buffers_[index]; }
    const Operation& operation(std::size_t index) const noexcept { return operations_[index]; }
    const char* todo_file() const noexcept { return todo_file_; }
    int todo_line() const noexcept { return todo_line_; }

private:
    std::atomic<std::size_t> operations_started_;
    std::atomic<std::size_t> buffers_started_;
    std::atomic<int> todo_line_;
    char todo_file_[256];
    std::atomic<int> place_line_;
    std::atomic<const char*> place_file_;  // a literal, so the same in both processes
    std::atomic<const char*> asserted_;    // a literal, too
    std::uint64_t seed_;
    const char* random_type_;  // a literal, too
    BufferEntry buffers_[max_buffers];
    Operation operations_[max_operations];
};

/// Enters a buffer into the journal and returns its index there. The story begins anew with a
/// buffer that comes when no other lives: what was done to those before it explains nothing. A note
/// that stands first in the story stays.
unsigned enter_buffer(const std::byte* first, std::size_t size) noexcept;
/// Says that a buffer that was entered lives no longer.
void leave_buffer() noexcept;

}  // namespace harness

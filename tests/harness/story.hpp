// The story of a test case: its operations, numbered, and the picture of the buffer before and
// after the last one. All of it is derived from the journal.

#pragma once

#include <harness/journal.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace harness {

/// A range of addresses to point at in the picture.
struct Mark {
    std::uintptr_t address;
    std::size_t size;
    std::string_view text;  // "overlaps b"
};

/// A block as the story knows it: named by a letter, a to z and again.
struct StoryBlock {
    std::uintptr_t address;
    std::size_t size;
    std::size_t alignment;
    std::size_t operation;  // the number, from 1, that handed it out
    char letter;
};

/// The blocks that are live in buffer number `buffer` after the first `operations` operations.
std::vector<StoryBlock> live_blocks(const Journal& journal, unsigned buffer,
                                    std::size_t operations);

/// `+0x040`, for an address in or near the buffer; far from it, the words for that.
std::string symbolic(std::uintptr_t address, const BufferEntry& buffer);

/// A number as people would say it: "24", "2^30", "PTRDIFF_MAX - 7", "2^64 - 16".
std::string number_text(std::uint64_t value);

/// What a judge asserts, without the names of namespaces and the like.
std::string without_noise(std::string_view asserted);

/// "1 byte", "24 bytes".
std::string bytes_text(std::uint64_t count);

/// The strip of a buffer: at most 64 cells of equal size, a letter where a block lies, '#' where
/// two do, '.' where none does.
std::string draw_strip(const BufferEntry& buffer, const std::vector<StoryBlock>& blocks);

/// The last operations and the two pictures, with `marks` under the second; empty when the
/// journal is. Lines are indented by two blanks and end in a line end.
std::string tell_story(const Journal& journal, const std::vector<Mark>& marks = {});

/// The operations of a random sequence as a test case, to be pasted into a judge.
std::string as_test_case(const Journal& journal);

}  // namespace harness

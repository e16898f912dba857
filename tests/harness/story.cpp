#include <harness/story.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <map>

namespace harness {
namespace {

constexpr std::size_t max_cells = 64;
constexpr std::size_t max_told = 12;  // operations of a long story that are shown: its end

bool hands_out(const Operation& operation) {
    return operation.what == Operation::What::allocate && operation.returned &&
           operation.block != 0;
}

std::string call(const Operation& operation, const BufferEntry& buffer, char letter) {
    const auto place = [&] {
        return operation.block == 0 ? std::string{"nullptr"}
                                    : symbolic(operation.block, buffer) +
                                          (letter == 0 ? "" : fmt::format(" [{}]", letter));
    };
    switch (operation.what) {
        case Operation::What::allocate:
            return fmt::format("allocate({}, alignment {}) -> {}", bytes_text(operation.size),
                               number_text(operation.alignment),
                               operation.returned ? place() : "did not return");
        case Operation::What::deallocate:
            return fmt::format("deallocate({}, {}, alignment {}){}", place(),
                               bytes_text(operation.size), number_text(operation.alignment),
                               operation.returned ? "" : " did not return");
        case Operation::What::resize:
            return fmt::format("resize({}, {} -> {}) -> {}", place(), number_text(operation.size),
                               bytes_text(operation.new_size),
                               !operation.returned   ? "did not return"
                               : operation.alignment ? "done"
                                                     : "no");
        case Operation::What::reset:
            return fmt::format("reset(){}", operation.returned ? "" : " did not return");
        case Operation::What::note:
            return operation.text;
    }
    return "";
}

struct Cells {
    explicit Cells(const BufferEntry& buffer)
        : bytes_each{std::max<std::size_t>(1, (buffer.size + max_cells - 1) / max_cells)},
          count{(buffer.size + bytes_each - 1) / bytes_each} {}

    std::size_t bytes_each;
    std::size_t count;
};

/// The offsets [first, last) of what a range of addresses has in common with a buffer; first ==
/// last when that is nothing. Right for any size, also one that wraps around.
struct Offsets {
    std::size_t first = 0, last = 0;
};

Offsets common(std::uintptr_t address, std::size_t size, const BufferEntry& buffer) {
    if (address < buffer.address) {
        const std::size_t before = buffer.address - address;
        return {0, size <= before ? 0 : std::min(size - before, buffer.size)};
    }
    const std::size_t first = std::min<std::size_t>(address - buffer.address, buffer.size);
    return {first, first + std::min(size, buffer.size - first)};
}

/// The cells [first, last) that a range of addresses touches.
struct CellRange {
    std::size_t first = 0, last = 0;
};

CellRange cells_of(std::uintptr_t address, std::size_t size, const BufferEntry& buffer) {
    const std::size_t bytes_each = Cells{buffer}.bytes_each;
    const Offsets offsets = common(address, size, buffer);
    return offsets.first == offsets.last
               ? CellRange{}
               : CellRange{offsets.first / bytes_each, (offsets.last - 1) / bytes_each + 1};
}

/// The same for cells behind the buffer's end: the first is drawn behind the bar that ends it, and
/// there are a few.
CellRange cells_behind(std::uintptr_t address, std::size_t size, const BufferEntry& buffer) {
    constexpr std::size_t most = 12;
    const Cells cells{buffer};
    const std::uintptr_t end = buffer.address + buffer.size;
    if (address + size <= end || address + size < address) {
        return {};
    }
    const std::size_t first = address < end ? 0 : (address - end) / cells.bytes_each;
    const std::size_t last = (address + size - end - 1) / cells.bytes_each + 1;
    return first >= most
               ? CellRange{}
               : CellRange{cells.count + 1 + first, cells.count + 1 + std::min(last, most)};
}

/// What is drawn behind the bar: blocks that run past the end of the buffer.
std::string draw_behind(const BufferEntry& buffer, const std::vector<StoryBlock>& blocks) {
    const std::size_t bar = Cells{buffer}.count + 1;
    std::string strip;
    for (const StoryBlock& block : blocks) {
        const CellRange range = cells_behind(block.address, block.size, buffer);
        if (range.first != range.last) {
            strip.resize(std::max(strip.size(), range.last - bar), ' ');
            std::fill(strip.begin() + static_cast<std::ptrdiff_t>(range.first - bar),
                      strip.begin() + static_cast<std::ptrdiff_t>(range.last - bar), block.letter);
        }
    }
    return strip;
}

char letter_of(std::size_t operation) {
    return static_cast<char>('a' + operation % 26);
}

/// Those on the buffer of the last one: a test case may have had others before.
std::vector<const Operation*> operations_to_tell(const Journal& journal) {
    std::vector<const Operation*> operations;
    const std::size_t count = journal.operation_count();
    for (std::size_t i = 0; i < count; ++i) {
        if (journal.operation(i).buffer == journal.operation(count - 1).buffer) {
            operations.push_back(&journal.operation(i));
        }
    }
    return operations;
}

std::string tell_operations(const Journal& journal) {
    const std::vector<const Operation*> operations = operations_to_tell(journal);
    const std::size_t count = operations.size();
    std::string text;
    std::size_t handed_out = 0;
    std::map<std::uintptr_t, char> letters;  // of the block that was last at this address
    for (std::size_t i = 0; i < count; ++i) {
        const Operation& operation = *operations[i];
        if (hands_out(operation)) {
            letters[operation.block] = letter_of(handed_out++);
        }
        if (count - i <= max_told) {
            const auto letter = letters.find(operation.block);
            text += fmt::format("  {:4}  {}\n", i + 1,
                                call(operation, journal.buffer(operation.buffer),
                                     letter == letters.end() ? '\0' : letter->second));
        } else if (i == 0) {
            text += fmt::format("        ... {} operations before these\n", count - max_told);
        }
    }
    return text;
}

/// The part of a large buffer that is worth looking at closely: what is marked, with the blocks
/// that touch it and a margin. The whole buffer where nothing is marked.
BufferEntry close_up(const BufferEntry& buffer, const std::vector<StoryBlock>& blocks,
                     const std::vector<Mark>& marks) {
    if (marks.empty() || buffer.size <= max_cells) {
        return buffer;
    }
    Offsets range = common(marks.front().address, marks.front().size, buffer);
    for (const StoryBlock& block : blocks) {
        const Offsets other = common(block.address, block.size, buffer);
        if (other.first < range.last && range.first < other.last) {
            range = {std::min(range.first, other.first), std::max(range.last, other.last)};
        }
    }
    std::size_t bytes_each = 1;
    while (bytes_each * max_cells < range.last - range.first + 16 * bytes_each) {
        bytes_each *= 2;
    }
    const std::size_t size = std::min(bytes_each * max_cells, buffer.size);
    const std::size_t margin = std::min(range.first, 8 * bytes_each);
    return {buffer.address + std::min(range.first - margin, buffer.size - size), size};
}

std::string tell_pictures(const Journal& journal, const std::vector<Mark>& marks) {
    const std::size_t count = journal.operation_count();
    const unsigned index = journal.operation(count - 1).buffer;
    const BufferEntry& buffer = journal.buffer(index);
    const std::vector<StoryBlock> before = live_blocks(journal, index, count - 1);
    const std::vector<StoryBlock> after = live_blocks(journal, index, count);
    const BufferEntry shown = close_up(buffer, after, marks);
    const Cells cells{shown};

    std::string text = fmt::format("\n  buffer of {} at an address that ends in {:03x}",
                                   bytes_text(buffer.size), buffer.address & 0xFFF);
    text += shown.size == buffer.size
                ? ""
                : fmt::format("; shown from {}", symbolic(shown.address, buffer));
    text += cells.bytes_each == 1 ? "" : fmt::format(", {} bytes a cell", cells.bytes_each);
    const bool to_the_end = shown.address + shown.size == buffer.address + buffer.size;
    const std::string strip_before = draw_strip(shown, before);
    const std::string strip_after = draw_strip(shown, after);
    text += strip_before == strip_after && marks.empty()
                ? fmt::format("\n  now     |{}|\n", strip_after)
                : fmt::format("\n  before  |{}|\n  after   |{}|{}\n", strip_before, strip_after,
                              to_the_end ? draw_behind(shown, after) : "");
    for (const Mark& mark : marks) {
        CellRange range = cells_of(mark.address, mark.size, shown);
        if (range.first == range.last && to_the_end) {
            range = cells_behind(mark.address, mark.size, shown);
        }
        if (range.first != range.last) {
            text += fmt::format("           {}{} {}\n", std::string(range.first, ' '),
                                std::string(range.last - range.first, '^'), mark.text);
        }
    }
    return text;
}

}  // namespace

std::vector<StoryBlock> live_blocks(const Journal& journal, unsigned buffer,
                                    std::size_t operations) {
    std::vector<StoryBlock> blocks;
    std::size_t handed_out = 0;
    for (std::size_t i = 0; i < operations; ++i) {
        const Operation& operation = journal.operation(i);
        const auto same_block = [&](const StoryBlock& b) { return b.address == operation.block; };
        if (operation.buffer != buffer || !operation.returned) {
            continue;
        }
        if (hands_out(operation)) {
            blocks.push_back({operation.block, std::max<std::size_t>(1, operation.size),
                              operation.alignment, i + 1, letter_of(handed_out++)});
        } else if (operation.what == Operation::What::deallocate) {
            std::erase_if(blocks, same_block);
        } else if (operation.what == Operation::What::reset) {
            blocks.clear();
        } else if (operation.what == Operation::What::resize && operation.alignment != 0) {
            for (StoryBlock& block : blocks) {
                if (same_block(block)) {
                    block.size = std::max<std::size_t>(1, operation.new_size);
                }
            }
        }
    }
    return blocks;
}

std::string symbolic(std::uintptr_t address, const BufferEntry& buffer) {
    constexpr std::size_t near = std::size_t{1} << 20;
    const auto offset = static_cast<std::intptr_t>(address - buffer.address);
    if (offset >= 0 && static_cast<std::size_t>(offset) <= buffer.size + near) {
        return fmt::format("+{:#05x}", offset);
    }
    if (offset < 0 && offset >= -static_cast<std::intptr_t>(near)) {
        return fmt::format("-{:#05x}", -offset);
    }
    return "an address far from the buffer";
}

std::string number_text(std::uint64_t value) {
    constexpr std::uint64_t near = 8192;
    const auto logarithm = [](std::uint64_t power) { return std::countr_zero(power); };
    if (value < std::uint64_t{1} << 20) {
        return fmt::format("{}", value);
    }
    for (const auto& [limit, name] : {std::pair{std::uint64_t{PTRDIFF_MAX}, "PTRDIFF_MAX"},
                                      std::pair{std::uint64_t{SIZE_MAX}, "SIZE_MAX"}}) {
        if (limit >= value && limit - value < near) {
            return limit == value ? name : fmt::format("{} - {}", name, limit - value);
        }
    }
    const std::uint64_t lowest = value & (0 - value);
    if (value == lowest) {
        return fmt::format("2^{}", logarithm(value));
    }
    if (const std::uint64_t up = value + lowest; (up & (up - 1)) == 0) {  // a run of ones
        const std::string below = lowest == 1 ? "1" : fmt::format("2^{}", logarithm(lowest));
        return fmt::format("2^{} - {}", logarithm(up), below);
    }
    if (const std::uint64_t below = value - value % near; std::has_single_bit(below)) {
        return fmt::format("2^{} + {}", logarithm(below), value - below);
    }
    if (0 - value < std::uint64_t{1} << 48) {  // what is left of a negative number
        return fmt::format("2^64 - {}", 0 - value);
    }
    return fmt::format("{}", value);
}

std::string without_noise(std::string_view asserted) {
    std::string text{asserted};
    for (const std::string_view noise : {"(void)", "workshop::", "harness::", "bridge::"}) {
        for (std::size_t at = text.find(noise); at != std::string::npos; at = text.find(noise)) {
            text.erase(at, noise.size());
        }
    }
    return text;
}

std::string bytes_text(std::uint64_t count) {
    return fmt::format("{} byte{}", number_text(count), count == 1 ? "" : "s");
}

std::string draw_strip(const BufferEntry& buffer, const std::vector<StoryBlock>& blocks) {
    std::string strip(Cells{buffer}.count, '.');
    std::vector<const StoryBlock*> holder(strip.size(), nullptr);
    for (const StoryBlock& block : blocks) {
        const CellRange range = cells_of(block.address, block.size, buffer);
        for (std::size_t cell = range.first; cell < range.last; ++cell) {
            const StoryBlock* const other = holder[cell];
            const bool overlap = other != nullptr && block.address < other->address + other->size &&
                                 other->address < block.address + block.size;
            strip[cell] = overlap ? '#' : block.letter;
            holder[cell] = &block;
        }
    }
    return strip;
}

std::string tell_story(const Journal& journal, const std::vector<Mark>& marks) {
    const std::size_t count = journal.operation_count();
    if (count == 0 || journal.overflowed()) {
        return "";
    }
    std::string story = tell_operations(journal) + tell_pictures(journal, marks);
    if (journal.random_type() != nullptr) {
        story += fmt::format(
            "\n  Found by random sequences with the seed {}, and shrunk to {} "
            "operation{}. To paste:\n\n{}",
            journal.seed(), count, count == 1 ? "" : "s", as_test_case(journal));
    }
    return story;
}

std::string as_test_case(const Journal& journal) {
    const BufferEntry& buffer = journal.buffer(0);
    const std::size_t misalignment = buffer.address % (std::size_t{1} << 20);
    std::string text = fmt::format(
        "    TEST_CASE(\"found by a random sequence\") {{\n"
        "        GuardedBuffer buffer{{{}, {}}};\n"
        "        Watched<{}> subject{{buffer}};\n",
        buffer.size, misalignment, journal.random_type());
    std::map<std::uintptr_t, std::string> names;
    std::size_t handed_out = 0;
    for (std::size_t i = 0; i < journal.operation_count(); ++i) {
        const Operation& operation = journal.operation(i);
        const std::string block = operation.block == 0 ? "nullptr" : names[operation.block];
        text += "        ";
        switch (operation.what) {
            case Operation::What::allocate:
                if (hands_out(operation)) {
                    names[operation.block] = fmt::format("block_{}", ++handed_out);
                    text += fmt::format("std::byte* const {} = ", names[operation.block]);
                } else {
                    text += "(void)";
                }
                text +=
                    fmt::format("subject.allocate({}, {});\n", operation.size, operation.alignment);
                break;
            case Operation::What::deallocate:
                text += fmt::format("subject.deallocate({}, {}, {});\n", block, operation.size,
                                    operation.alignment);
                break;
            case Operation::What::resize:
                text += fmt::format("(void)subject.try_resize({}, {}, {}, {});\n", block,
                                    operation.size, operation.alignment, operation.new_size);
                break;
            case Operation::What::reset:
                text += "subject.reset();\n";
                break;
            case Operation::What::note:
                text += fmt::format("// {}\n", operation.text);
                break;
        }
    }
    return text + "    }\n";
}

}  // namespace harness

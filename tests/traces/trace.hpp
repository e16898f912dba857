// A trace: what a program asked of its allocator, in order, so that it can be asked again of any
// other. README.md describes the text format.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace traces {

enum class Action : std::uint8_t { allocate, resize, deallocate };

/// A block that is nullptr: free() is called with it, and nothing happens.
inline constexpr std::uint32_t null_block = UINT32_MAX;

/// The alignment of a block for which the trace names none: malloc's.
inline constexpr std::size_t default_alignment = alignof(std::max_align_t);

struct Operation {
    Action action;
    std::uint32_t thread;   // 0 where the trace names none
    std::uint32_t block;    // below Trace::slots, or null_block
    std::size_t old_size;   // of the block before; 0 for allocate
    std::size_t size;       // of the block afterwards; 0 for deallocate
    std::size_t alignment;  // of the block, from its allocation to its end

    friend bool operator==(const Operation&, const Operation&) = default;
};

struct Trace {
    std::string name;
    std::vector<Operation> operations;
    std::uint32_t slots = 0;  // as many blocks as were ever live at once

    /// The most bytes that were asked for by live blocks at one time.
    std::size_t peak_bytes() const;
    /// As peak_bytes(), with each size rounded up to a multiple of `unit`, a power of two.
    std::size_t peak_bytes(std::size_t unit) const;
};

/// Notes operations one after the other. A block is known by a slot, which is used again when the
/// block is gone, so that a replay works on a table as small as can be.
class TraceBuilder {
public:
    explicit TraceBuilder(std::string name) { trace_.name = std::move(name); }

    /// Returns the new block's slot.
    std::uint32_t allocate(std::size_t size, std::size_t alignment = default_alignment,
                           std::uint32_t thread = 0);
    /// Requires that the block is live.
    void resize(std::uint32_t block, std::size_t size, std::uint32_t thread = 0);
    /// Requires that the block is live, or null_block.
    void deallocate(std::uint32_t block, std::uint32_t thread = 0);

    /// The trace so far. What is still live is freed first, oldest slot first, so that a replay
    /// can be repeated.
    Trace finish() &&;

private:
    struct Slot {
        std::size_t size = 0;
        std::size_t alignment = 0;
        bool live = false;
    };

    Trace trace_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> unused_;
};

/// A file that is no trace. The text is `file:line: expected this; found that`.
struct TraceError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Understands our own format and the `.rep` files of the CS:APP malloc lab. Throws TraceError.
/// `file` is how the text is called in errors; the trace's name is its last part without extension.
Trace parse_trace(std::string_view text, const std::string& file);

/// The same for a file, which may be compressed by gzip. Throws TraceError also where it cannot be
/// read.
Trace read_trace(const std::filesystem::path& file);

/// The trace in our own format, with slots as ids.
std::string write_trace(const Trace& trace);

}  // namespace traces

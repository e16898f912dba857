// Where the blocks of a trace were, in the buffer and in time, and a picture of it. The replay
// programs write the file:
//
//   workshop-heap 1
//   heap  TRACE  CONTENDER  BYTES-OF-THE-BUFFER  OPERATIONS     words separated by tabs
//   OPERATION OFFSET SIZE                                       a block begins; with 0 it ends

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A block in its place and its time: from one operation up to another.
struct HeapBlock {
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t offset = 0;
    std::size_t size = 0;
};

struct Heap {
    std::string trace;
    std::string contender;
    std::size_t bytes = 0;  // of the buffer
    std::size_t operations = 0;
    std::vector<HeapBlock> blocks;
};

/// Throws FindingsError.
std::vector<Heap> read_heaps(std::string_view text);

/// The most bytes that were live within each of `count` equal stretches of time, of all bytes.
std::vector<double> utilisation_over_time(const Heap& heap, std::size_t count);

/// Blocks are told apart by size: up to 32 bytes, 128, 1024, 16384, and larger ones.
inline constexpr std::size_t size_classes = 5;
inline constexpr std::array<const char*, size_classes> size_class_names{
    "up to 32 bytes", "up to 128", "up to 1 KiB", "up to 16 KiB", "larger"};
/// As #rrggbb; they are seen on white and on black.
extern const std::array<const char*, size_classes> size_class_colours;

/// A picture of any number of operations: cells, each with the size class that takes most of it and
/// how full it is.
class HeapPicture {
public:
    static constexpr std::size_t columns = 320;  // time, to the right
    static constexpr std::size_t rows = 128;     // offsets, upwards
    static constexpr std::size_t shades = 3;     // up to a third, two thirds, full

    explicit HeapPicture(const Heap& heap);

    /// 0: free; else 1 + class * shades + shade.
    std::uint8_t cell(std::size_t column, std::size_t row) const {
        return cells_[row * columns + column];
    }

    /// The picture as a PNG file; what is free is transparent.
    std::string png() const;

private:
    std::vector<std::uint8_t> cells_;
};

std::string base64(std::string_view bytes);

}  // namespace bench

#include "heap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "findings.hpp"

namespace bench {

const std::array<const char*, size_classes> size_class_colours{"#2f86c5", "#2a9d72", "#c28a16",
                                                               "#d4552b", "#9a5cc0"};

namespace {

std::size_t size_class_of(std::size_t size) {
    return size <= 32 ? 0 : size <= 128 ? 1 : size <= 1024 ? 2 : size <= 16384 ? 3 : 4;
}

/// Reads a file of heaps, line by line.
class HeapReader {
public:
    void read(std::string_view line) {
        ++number_;
        if (number_ == 1) {
            demand(line == "workshop-heap 1", "`workshop-heap 1`");
        } else if (line.substr(0, 5) == "heap\t") {
            end_all();
            begin(line.substr(5));
        } else if (!line.empty()) {
            demand(!heaps_.empty(), "heap");
            add(numbers<3>(line, ' '));
        }
    }

    std::vector<Heap> take() {
        end_all();
        return std::move(heaps_);
    }

private:
    void demand(bool good, std::string_view expected) const {
        if (!good) {
            throw FindingsError{fmt::format("heap, line {}: expected {}", number_, expected)};
        }
    }

    template <std::size_t count>
    std::array<std::size_t, count> numbers(std::string_view text, char between) const {
        std::array<std::size_t, count> all{};
        const char* at = text.data();
        const char* const end = at + text.size();
        for (std::size_t i = 0; i < count; ++i) {
            const auto [next, error] = std::from_chars(at, end, all[i]);
            demand(error == std::errc{} &&
                       (i + 1 == count ? next == end : next != end && *next == between),
                   fmt::format("{} numbers", count));
            at = next + 1;
        }
        return all;
    }

    void begin(std::string_view words) {
        Heap heap;
        const std::size_t trace = std::min(words.find('\t'), words.size());
        heap.trace = words.substr(0, trace);
        words.remove_prefix(std::min(trace + 1, words.size()));
        const std::size_t contender = std::min(words.find('\t'), words.size());
        heap.contender = words.substr(0, contender);
        words.remove_prefix(std::min(contender + 1, words.size()));
        const auto [bytes, operations] = numbers<2>(words, '\t');
        demand(bytes > 0 && operations > 0, "bytes and operations");
        heap.bytes = bytes;
        heap.operations = operations;
        heaps_.push_back(std::move(heap));
    }

    void add(const std::array<std::size_t, 3>& numbers) {
        const auto [operation, offset, size] = numbers;
        if (size == 0) {
            end(operation, offset);
            return;
        }
        live_[offset] = heaps_.back().blocks.size();
        heaps_.back().blocks.push_back({operation, operation, offset, size});
    }

    void end(std::size_t operation, std::size_t offset) {
        const auto found = live_.find(offset);
        demand(found != live_.end(), "the offset of a live block");
        heaps_.back().blocks[found->second].last = operation;
        live_.erase(found);
    }

    void end_all() {
        for (const auto& [offset, index] : live_) {
            heaps_.back().blocks[index].last = heaps_.back().operations;
        }
        live_.clear();
    }

    std::vector<Heap> heaps_;
    std::unordered_map<std::size_t, std::size_t> live_;  // from offsets to blocks
    std::size_t number_ = 0;
};

/// Calls visit(cell, part) for each of `count` equal cells that [first, last) of `whole` has a part
/// in; `part` is how much of the cell it takes.
template <class Visit>
void with_cells(double first, double last, double whole, std::size_t count, Visit visit) {
    const double scale = static_cast<double>(count) / whole;
    const double from = first * scale;
    const double to = std::min(last * scale, static_cast<double>(count));
    for (auto cell = static_cast<std::size_t>(from); static_cast<double>(cell) < to; ++cell) {
        const auto begin = static_cast<double>(cell);
        visit(cell, std::min(to, begin + 1) - std::max(from, begin));
    }
}

// ---- PNG: https://www.w3.org/TR/png/ -----------------------------------------------------------

std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) {
        bytes += static_cast<char>(value >> shift & 0xFF);
    }
    return bytes;
}

std::uint32_t crc_of(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char byte : bytes) {
        crc ^= static_cast<std::uint8_t>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = crc >> 1 ^ (0xEDB88320 & (0 - (crc & 1)));
        }
    }
    return ~crc;
}

std::uint32_t adler_of(std::string_view bytes) {
    std::uint32_t a = 1;
    std::uint32_t b = 0;
    for (const char byte : bytes) {
        a = (a + static_cast<std::uint8_t>(byte)) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

std::string chunk(std::string_view name, std::string_view data) {
    const std::string body = std::string{name} + std::string{data};
    return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(crc_of(body));
}

/// The format of zlib, with everything stored as it is.
std::string stored(std::string_view data) {
    constexpr std::size_t most = 65535;
    std::string text = "\x78\x01";
    for (std::size_t at = 0; at < data.size(); at += most) {
        const std::string_view piece = data.substr(at, most);
        const auto size = static_cast<std::uint16_t>(piece.size());
        text += at + most >= data.size() ? '\1' : '\0';
        for (const int number : {size & 0xFFFF, ~size & 0xFFFF}) {
            text += static_cast<char>(number & 0xFF);
            text += static_cast<char>(number >> 8);
        }
        text += piece;
    }
    return text + big_endian(adler_of(data));
}

/// The colours of all cells, and how much of the background each lets through.
struct Palette {
    std::string colours = std::string(3, '\0');
    std::string opacity = std::string(1, '\0');
};

Palette palette() {
    Palette result;
    for (const std::string_view colour : size_class_colours) {
        for (const unsigned opacity : {100U, 175U, 255U}) {
            for (const std::size_t at : {1U, 3U, 5U}) {
                unsigned value = 0;
                std::from_chars(colour.data() + at, colour.data() + at + 2, value, 16);
                result.colours += static_cast<char>(value);
            }
            result.opacity += static_cast<char>(opacity);
        }
    }
    return result;
}

}  // namespace

std::vector<Heap> read_heaps(std::string_view text) {
    HeapReader reader;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        reader.read(line);
    }
    return reader.take();
}

std::vector<double> utilisation_over_time(const Heap& heap, std::size_t count) {
    std::vector<std::ptrdiff_t> changes(heap.operations + 1);
    for (const HeapBlock& block : heap.blocks) {
        changes[std::min(block.first, heap.operations)] += static_cast<std::ptrdiff_t>(block.size);
        changes[std::min(block.last, heap.operations)] -= static_cast<std::ptrdiff_t>(block.size);
    }
    std::vector<double> values(count);
    std::ptrdiff_t live = 0;
    for (std::size_t i = 0; i < heap.operations; ++i) {
        const std::ptrdiff_t before = live;
        live += changes[i];
        double& value = values[i * count / heap.operations];
        value = std::max(
            value, static_cast<double>(std::max(before, live)) / static_cast<double>(heap.bytes));
    }
    // With fewer operations than stretches some have none: what was live stays live.
    for (std::size_t i = 1; i < count && heap.operations < count; ++i) {
        const bool none = i * heap.operations / count == (i - 1) * heap.operations / count;
        values[i] = none ? values[i - 1] : values[i];
    }
    return values;
}

HeapPicture::HeapPicture(const Heap& heap) : cells_(columns * rows) {
    using Parts = std::array<float, size_classes>;
    std::vector<Parts> taken(columns * rows);
    const auto operations = static_cast<double>(heap.operations);
    const auto bytes = static_cast<double>(heap.bytes);
    for (const HeapBlock& block : heap.blocks) {
        const std::size_t size_class = size_class_of(block.size);
        const auto first = static_cast<double>(block.first);
        const auto last = static_cast<double>(std::max(block.last, block.first + 1));
        const auto offset = static_cast<double>(block.offset);
        const double end = offset + static_cast<double>(block.size);
        with_cells(first, last, operations, columns, [&](std::size_t column, double width) {
            with_cells(offset, end, bytes, rows, [&](std::size_t row, double height) {
                taken[row * columns + column][size_class] += static_cast<float>(width * height);
            });
        });
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
        const Parts& parts = taken[i];
        const auto most = std::max_element(parts.begin(), parts.end());
        float all = 0;
        for (const float part : parts) {
            all += part;
        }
        if (all > 0.02F) {
            const std::size_t shade = all < 1 / 3.0F ? 0 : all < 2 / 3.0F ? 1 : 2;
            cells_[i] = static_cast<std::uint8_t>(
                1 + static_cast<std::size_t>(most - parts.begin()) * shades + shade);
        }
    }
}

std::string HeapPicture::png() const {
    std::string lines;
    for (std::size_t row = rows; row-- != 0;) {
        lines += '\0';  // no filter
        for (std::size_t column = 0; column < columns; column += 2) {
            lines += static_cast<char>(cell(column, row) << 4 | cell(column + 1, row));
        }
    }
    constexpr std::string_view four_bits_of_a_palette{"\x04\x03\x00\x00\x00", 5};
    const Palette colours = palette();
    return "\x89PNG\r\n\x1a\n" +
           chunk("IHDR",
                 big_endian(columns) + big_endian(rows) + std::string{four_bits_of_a_palette}) +
           chunk("PLTE", colours.colours) + chunk("tRNS", colours.opacity) +
           chunk("IDAT", stored(lines)) + chunk("IEND", "");
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            value = value << 8 |
                    (at + i < bytes.size() ? static_cast<std::uint8_t>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += at + i > bytes.size() ? '=' : letters[value >> (18 - 6 * i) & 63];
        }
    }
    return text;
}

}  // namespace bench

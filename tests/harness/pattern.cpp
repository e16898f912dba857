#include <harness/pattern.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace harness {
namespace {

constexpr std::size_t chunk = 256;
constexpr unsigned step = 0x6D;  // odd, so that 256 steps meet each byte once

/// The pattern in a chunk is a straight line modulo 256: a stretch of this row.
constexpr std::array<std::byte, 2 * chunk> row = [] {
    std::array<std::byte, 2 * chunk> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::byte>(i * step);
    }
    return bytes;
}();

/// Where in the row a chunk begins that begins with `first`.
constexpr std::array<std::uint8_t, chunk> place_of = [] {
    std::array<std::uint8_t, chunk> places{};
    for (std::size_t i = 0; i < chunk; ++i) {
        places[std::to_integer<std::size_t>(row[i])] = static_cast<std::uint8_t>(i);
    }
    return places;
}();

/// The pattern from `offset` to the end of its chunk.
const std::byte* pattern_at(std::uint64_t key, std::size_t offset) {
    const auto first =
        static_cast<std::uint8_t>((key * 0x9E3779B97F4A7C15U >> 56) + offset / chunk);
    return &row[place_of[first]] + offset % chunk;
}

std::size_t end_of_chunk(std::size_t offset, std::size_t size) {
    return std::min(size, (offset / chunk + 1) * chunk);
}

/// As memcmp, but for which AddressSanitizer would look at each byte a second time. A compiler
/// makes vectors of it.
bool are_equal(const std::byte* left, const std::byte* right, std::size_t size) {
    std::byte difference{0};
    for (std::size_t i = 0; i < size; ++i) {
        difference |= left[i] ^ right[i];
    }
    return difference == std::byte{0};
}

}  // namespace

bool are_all(const std::byte* first, const std::byte* last, std::byte expected) {
    std::byte difference{0};
    for (; first != last; ++first) {
        difference |= *first ^ expected;
    }
    return difference == std::byte{0};
}

void fill_pattern(std::byte* block, std::uint64_t key, std::size_t from, std::size_t size) {
    while (from < size) {
        const std::size_t end = end_of_chunk(from, size);
        std::memcpy(block + from, pattern_at(key, from), end - from);
        from = end;
    }
}

std::size_t first_changed(const std::byte* block, std::uint64_t key, std::size_t from,
                          std::size_t size) {
    while (from < size) {
        const std::byte* const pattern = pattern_at(key, from);
        const std::size_t end = end_of_chunk(from, size);
        if (!are_equal(block + from, pattern, end - from)) {
            return from +
                   static_cast<std::size_t>(
                       std::mismatch(block + from, block + end, pattern).first - (block + from));
        }
        from = end;
    }
    return size;
}

std::size_t first_unchanged(const std::byte* block, std::uint64_t key, std::size_t from,
                            std::size_t size) {
    while (from < size && block[from] != *pattern_at(key, from)) {
        ++from;
    }
    return from;
}

}  // namespace harness

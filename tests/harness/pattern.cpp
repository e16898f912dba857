#include <harness/pattern.hpp>

#include <algorithm>

namespace harness {
namespace {

constexpr std::size_t chunk = 256;

/// The pattern in a chunk is a straight line modulo 256, so that a compiler can make vectors of it.
class Line {
public:
    Line(std::uint64_t key, std::size_t offset)
        : first_{static_cast<unsigned char>((key * 0x9E3779B97F4A7C15U >> 56) + offset / chunk)} {}

    std::byte operator[](std::size_t offset) const {
        return static_cast<std::byte>(static_cast<unsigned char>(first_ + offset * 0x6D));
    }

private:
    unsigned char first_;
};

std::size_t end_of_chunk(std::size_t offset, std::size_t size) {
    return std::min(size, (offset / chunk + 1) * chunk);
}

bool is_unchanged(const std::byte* block, Line line, std::size_t from, std::size_t end) {
    std::byte difference{0};
    for (std::size_t i = from; i < end; ++i) {
        difference |= block[i] ^ line[i];
    }
    return difference == std::byte{0};
}

}  // namespace

void fill_pattern(std::byte* block, std::uint64_t key, std::size_t from, std::size_t size) {
    while (from < size) {
        const Line line{key, from};
        for (const std::size_t end = end_of_chunk(from, size); from < end; ++from) {
            block[from] = line[from];
        }
    }
}

std::size_t first_changed(const std::byte* block, std::uint64_t key, std::size_t from,
                          std::size_t size) {
    while (from < size) {
        const Line line{key, from};
        const std::size_t end = end_of_chunk(from, size);
        if (!is_unchanged(block, line, from, end)) {
            while (block[from] == line[from]) {
                ++from;
            }
            return from;
        }
        from = end;
    }
    return size;
}

std::size_t first_unchanged(const std::byte* block, std::uint64_t key, std::size_t from,
                            std::size_t size) {
    while (from < size && block[from] != Line{key, from}[from]) {
        ++from;
    }
    return from;
}

}  // namespace harness

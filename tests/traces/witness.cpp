#include "witness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace traces {
namespace {

/// The byte at `offset` of a block. Neighbouring bytes and blocks differ.
std::byte pattern(std::uint64_t key, std::size_t offset) {
    return static_cast<std::byte>((key * 0x9E3779B97F4A7C15U >> 56) + offset * 0x6D +
                                  (offset >> 8));
}

void fill(void* block, std::size_t from, std::size_t to, std::uint64_t key) {
    std::byte* const first = static_cast<std::byte*>(block);
    for (std::size_t i = from; i < to; ++i) {
        first[i] = pattern(key, i);
    }
}

}  // namespace

std::string Witness::misplaced(void* block, std::size_t size, std::size_t alignment) const {
    const std::size_t offset = address(block) - address(buffer_.data());
    if (offset >= buffer_.size() || size > buffer_.size() - offset) {
        return fmt::format("a block of {} bytes does not lie inside the buffer", size);
    }
    if (address(block) % alignment != 0) {
        return fmt::format("a block of {} bytes is not aligned to {}", size, alignment);
    }
    const auto next = live_.lower_bound(address(block));
    const bool hits_next = next != live_.end() && next->first - address(block) < size;
    const bool hits_previous = next != live_.begin() && address(block) - std::prev(next)->first <
                                                            std::prev(next)->second.size;
    if (hits_next || hits_previous) {
        return fmt::format("a block of {} bytes overlaps a live one", size);
    }
    return {};
}

std::string Witness::changed(const void* block, std::size_t size, std::uint64_t key) const {
    const std::byte* const first = static_cast<const std::byte*>(block);
    for (std::size_t i = 0; i < size; ++i) {
        if (first[i] != pattern(key, i)) {
            return fmt::format("byte {} of a live block has changed", i);
        }
    }
    return {};
}

std::string Witness::allocated(void* block, std::size_t size, std::size_t alignment) {
    const Block made{std::max<std::size_t>(size, 1), next_key_++};
    if (std::string wrong = misplaced(block, made.size, alignment); !wrong.empty()) {
        return wrong;
    }
    fill(block, 0, made.size, made.key);
    live_.emplace(address(block), made);
    reach_ = std::max(reach_, address(block) - address(buffer_.data()) + made.size);
    return {};
}

std::string Witness::about_to_leave(const void* block) {
    const Block& known = live_.at(address(block));
    return changed(block, known.size, known.key);
}

std::string Witness::resized(const void* from, void* block, std::size_t size,
                             std::size_t alignment) {
    const Block old = live_.at(address(from));
    left(from);
    const Block made{std::max<std::size_t>(size, 1), old.key};
    if (std::string wrong = misplaced(block, made.size, alignment); !wrong.empty()) {
        return wrong;
    }
    const std::size_t kept = std::min(old.size, size);
    if (std::string wrong = changed(block, kept, old.key); !wrong.empty()) {
        return wrong + " when it was resized";
    }
    fill(block, kept, made.size, made.key);
    live_.emplace(address(block), made);
    reach_ = std::max(reach_, address(block) - address(buffer_.data()) + made.size);
    return {};
}

}  // namespace traces

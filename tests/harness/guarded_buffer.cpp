#include <harness/guarded_buffer.hpp>

#include <harness/failure.hpp>
#include <harness/journal.hpp>
#include <harness/pattern.hpp>
#include <harness/story.hpp>

#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace harness {
namespace {

constexpr std::size_t coarse = std::size_t{1} << 20;  // alignments up to this are told apart
constexpr auto canary = std::byte{0xC5};
constexpr auto unset = std::byte{0x5A};  // no zeros: memory from elsewhere is rarely zero

std::size_t page_size() {
    return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t up(std::size_t value, std::size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

std::byte* map(std::size_t size) {
    void* const memory = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        std::perror("harness: no memory for a buffer");
        std::abort();
    }
    return static_cast<std::byte*>(memory);
}

void open(std::byte* first, std::byte* last) {
    const std::size_t page = page_size();
    first -= reinterpret_cast<std::uintptr_t>(first) % page;
    const auto size = up(static_cast<std::size_t>(last - first), page);
    if (size != 0 && mprotect(first, size, PROT_READ | PROT_WRITE) != 0) {
        std::perror("harness: no access to a buffer");
        std::abort();
    }
    std::fill_n(first, size, canary);
}

/// The first byte that is no canary; `last` where all are.
const std::byte* first_dead(const std::byte* first, const std::byte* last) {
    return are_all(first, last, canary)
               ? last
               : std::find_if(first, last, [](std::byte byte) { return byte != canary; });
}

}  // namespace

GuardedBuffer::GuardedBuffer(std::size_t size)
    : mapping_size_{up(size, page_size()) + 2 * page_size()}, size_{size} {
    mapping_ = map(mapping_size_);
    std::byte* const end = mapping_ + mapping_size_ - page_size();
    first_ = end - size;
    open(first_, end);
    std::fill_n(first_, size_, unset);
    index_ = enter_buffer(first_, size_);
}

GuardedBuffer::GuardedBuffer(std::size_t size, std::size_t misalignment)
    : mapping_size_{up(size + misalignment, page_size()) + 2 * coarse}, size_{size} {
    mapping_ = map(mapping_size_);
    const std::size_t to_multiple = (0 - reinterpret_cast<std::uintptr_t>(mapping_)) % coarse;
    first_ = mapping_ + (to_multiple == 0 ? coarse : to_multiple) + misalignment;
    open(first_, first_ + size_);
    std::fill_n(first_, size_, unset);
    index_ = enter_buffer(first_, size_);
}

GuardedBuffer::~GuardedBuffer() {
    check_canaries();
    munmap(mapping_, mapping_size_);
    leave_buffer();
}

void GuardedBuffer::check_canaries() const {
    const std::size_t page = page_size();
    const std::byte* const begin = first_ - reinterpret_cast<std::uintptr_t>(first_) % page;
    const std::byte* const last = first_ + size_;
    const std::byte* const end = last + (0 - reinterpret_cast<std::uintptr_t>(last)) % page;
    const auto overwritten = [](std::size_t distance, std::string_view where) {
        fail({fmt::format("a byte outside the buffer was overwritten: byte {} {}", distance, where),
              tell_story(Journal::current())});
    };
    if (const std::byte* const byte = first_dead(begin, first_); byte != first_) {
        overwritten(static_cast<std::size_t>(first_ - byte), "before its start");
    }
    if (const std::byte* const byte = first_dead(last, end); byte != end) {
        overwritten(static_cast<std::size_t>(byte - last) + 1, "past its end");
    }
}

}  // namespace harness

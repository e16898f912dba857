#include <suite/buffer.hpp>

#include <harness/journal.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace suite {
namespace {

constexpr std::size_t coarse = std::size_t{1} << 20;  // alignments up to this are told apart
constexpr int unset = 0x5A;  // no zeros: memory from elsewhere is rarely zero

std::size_t up(std::size_t value, std::size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

/// Whole multiples of `coarse`, with a page at either end that nobody can touch.
struct Buffer::Region {
    explicit Region(std::size_t at_least)
        : page{static_cast<std::size_t>(sysconf(_SC_PAGESIZE))},
          size{up(at_least, coarse)},
          mapped{size + coarse + 2 * page} {
        void* const memory = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            std::perror("suite: no memory for a buffer");
            std::abort();
        }
        mapping = static_cast<std::byte*>(memory);
        begin = mapping + page;
        begin += (0 - reinterpret_cast<std::uintptr_t>(begin)) % coarse;
        if (mprotect(begin, size, PROT_READ | PROT_WRITE) != 0) {
            std::perror("suite: no access to a buffer");
            std::abort();
        }
    }
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;
    ~Region() { munmap(mapping, mapped); }

    std::size_t page;
    std::size_t size;
    std::size_t mapped;
    std::byte* mapping = nullptr;
    std::byte* begin = nullptr;
    std::unique_ptr<Region> next;  // of the unused ones
};

std::unique_ptr<Buffer::Region> Buffer::unused;

std::unique_ptr<Buffer::Region> Buffer::take_region(std::size_t size) {
    for (std::unique_ptr<Region>* at = &unused; *at != nullptr; at = &(*at)->next) {
        if ((*at)->size >= size) {
            std::unique_ptr<Region> found = std::move(*at);
            *at = std::move(found->next);
            return found;
        }
    }
    return std::make_unique<Region>(size);
}

Buffer::Buffer(std::size_t size) : region_{take_region(size)} {
    span_ = {region_->begin + region_->size - size, size};
    enter();
}

Buffer::Buffer(std::size_t size, std::size_t misalignment)
    : region_{take_region(size + misalignment % coarse)} {
    span_ = {region_->begin + misalignment % coarse, size};
    enter();
}

Buffer::~Buffer() {
    harness::leave_buffer();
    region_->next = std::move(unused);
    unused = std::move(region_);
}

void Buffer::enter() {
    std::memset(span_.data(), unset, span_.size());
    index_ = harness::enter_buffer(span_.data(), span_.size());
}

}  // namespace suite

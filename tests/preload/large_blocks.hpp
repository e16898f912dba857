// Blocks that are so large that each has a mapping of its own.
//
//   [ header | block . . . . . . . . . . . . . . . . ]      whole pages
//
// The kernel moves the pages of such a block without copying a byte, and gets them back at once.

#pragma once

#include "address_space.hpp"

#include <alignment.hpp>

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace preload {

class LargeBlocks {
public:
    /// Blocks of at least this size, in bytes, are for a mapping of their own. A mapping costs two
    /// system calls and fresh pages, which is too much for what a program asks for again and
    /// again: when such a block comes back, blocks of its size are no longer large. So does glibc
    /// (M_MMAP_THRESHOLD in mallopt(3)), and these are its bounds.
    std::size_t threshold() const noexcept { return threshold_.load(std::memory_order_relaxed); }

    /// Returns a block of zeros; nullptr when the kernel has no memory or no addresses.
    void* allocate(std::size_t size, std::size_t alignment) noexcept {
        const std::size_t lead = alignment < sizeof(Header) ? sizeof(Header) : alignment;
        // Alignments of more than a page need room to choose.
        const std::size_t slack = lead > page_size() ? lead : 0;
        if (size > PTRDIFF_MAX - lead - slack - page_size()) {
            return nullptr;
        }
        const std::size_t mapped = workshop::align_up(lead + size + slack, page_size());
        void* const mapping =
            mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapping == MAP_FAILED) {
            return nullptr;
        }
        std::byte* const block =
            workshop::align_up(static_cast<std::byte*>(mapping) + sizeof(Header), lead);
        write(block, {static_cast<std::size_t>(block - static_cast<std::byte*>(mapping)), mapped});
        return block;
    }

    /// What is known of a block. nullopt when it is none; a wild pointer may crash instead.
    struct Header {
        std::size_t lead;    // bytes from the beginning of the mapping to the block
        std::size_t mapped;  // bytes of the mapping
    };

    static std::optional<Header> find(const void* block) noexcept {
        if (!workshop::is_aligned(block, alignof(std::max_align_t))) {
            return std::nullopt;
        }
        Header header = {};
        std::memcpy(&header, static_cast<const std::byte*>(block) - sizeof header, sizeof header);
        header.lead ^= key(block);
        const bool plausible =
            header.lead < header.mapped && workshop::is_aligned(header.mapped, page_size()) &&
            workshop::is_aligned(workshop::address_of(block) - header.lead, page_size());
        return plausible ? std::optional{header} : std::nullopt;
    }

    static std::size_t size_of(Header header) noexcept { return header.mapped - header.lead; }

    void deallocate(void* block, Header header) noexcept {
        if (header.mapped > threshold() && header.mapped <= highest_threshold) {
            threshold_.store(header.mapped, std::memory_order_relaxed);
        }
        munmap(static_cast<std::byte*>(block) - header.lead, header.mapped);
    }

    /// Returns the block in its new size, its content kept; nullptr where that cannot be, and
    /// nothing has changed. Blocks that are aligned to more than a page are not resized.
    static void* resize(void* block, Header header, std::size_t size) noexcept {
        if (header.lead > page_size() || size > PTRDIFF_MAX - header.lead - page_size()) {
            return nullptr;
        }
        const std::size_t mapped = workshop::align_up(header.lead + size, page_size());
        if (mapped == header.mapped) {
            return block;
        }
        void* const mapping = mremap(static_cast<std::byte*>(block) - header.lead, header.mapped,
                                     mapped, MREMAP_MAYMOVE);
        if (mapping == MAP_FAILED) {
            return nullptr;
        }
        std::byte* const moved = static_cast<std::byte*>(mapping) + header.lead;
        write(moved, {header.lead, mapped});
        return moved;
    }

private:
    static constexpr std::size_t lowest_threshold = std::size_t{128} << 10;
    static constexpr std::size_t highest_threshold = std::size_t{32} << 20;

    /// Makes a header depend on its address, so that other bytes are not taken for one.
    static std::size_t key(const void* block) noexcept {
        return workshop::address_of(block) * 0x9E37'79B9'7F4A'7C15;
    }

    static void write(std::byte* block, Header header) noexcept {
        header.lead ^= key(block);
        std::memcpy(block - sizeof header, &header, sizeof header);
    }

    std::atomic<std::size_t> threshold_ = lowest_threshold;
};

}  // namespace preload

// A buffer, an allocator of the workshop in it, and what free() has to know of the blocks.
//
//   [ the allocator's buffer . . . . . . . . . . . . . . . . . . . . . . . | codes | sizes ]

#pragma once

#include "address_space.hpp"
#include "block_codes.hpp"

#include <alignment.hpp>
#include <block_state.hpp>
#include <layer.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace preload {

using workshop::Layout;

/// Knows itself with which layout a live block was asked for.
template <class A>
concept HasLayoutOf = requires(const A& allocator, const void* block) {
    { allocator.layout_of(block) } -> std::same_as<Layout>;
};

/// Whether the size of a block is known to the byte, or rounded up to 16.
enum class Sizes { rounded, exact };

/// What is wrong with a block that the allocator handed out, in a few words; nullptr: nothing.
using Fault = const char*;

template <class Core, Sizes sizes>
class Arena {
public:
    /// `memory` is zero, begins and ends at a page.
    explicit Arena(std::span<std::byte> memory) noexcept
        : memory_{memory},
          units_{units_in(memory.size())},
          codes_{memory.data() + units_ * unit_bytes, units_},
          core_{memory.first(units_ * unit_bytes)} {}

    /// Returns a block, or nullptr. `fault` tells what is wrong with it.
    void* allocate(Layout layout, Fault& fault) noexcept {
        const Layout asked = as_asked(layout);
        void* const block = core_.allocate(asked);
        if (block != nullptr) {
            fault = fault_of(block, asked);
            if (fault == nullptr) {
                note(block, layout, asked);
            }
        }
        return block;
    }

    /// Takes back a block with this layout.
    void deallocate(void* block, Layout layout) noexcept {
        const Layout asked = as_asked(layout);
        forget(block, asked);
        core_.deallocate(block, asked);
    }

    /// Resizes a block where it stands. `fault` tells what is wrong with what became of it.
    bool try_resize(void* block, Layout from, Layout to,
                    Fault& fault) noexcept requires workshop::HasTryResize<Core> {
        const Layout asked = as_asked(from);
        const Layout wanted = as_asked(to);
        if (!core_.try_resize(block, asked, wanted)) {
            return false;
        }
        forget(block, asked);
        fault = fault_of(block, wanted);
        if (fault == nullptr) {
            note(block, to, wanted);
        }
        return true;
    }

    /// True when a live block begins at this address of ours.
    bool is_live(const void* block) const noexcept {
        if constexpr (HasLayoutOf<Core>) {
            return true;
        } else {
            return offset(block) % unit_bytes == 0 && codes_.begins_at(unit_at(block));
        }
    }

    /// The layout of a live block. Its owner may ask at any time.
    Layout layout_of(const void* block) const noexcept {
        if constexpr (HasLayoutOf<Core>) {
            return core_.layout_of(block);
        } else {
            const BlockCodes::Extent extent = codes_.extent(unit_at(block));
            if (extent.noted) {
                const std::byte* const last = at(unit_at(block) + extent.units - 1);
                return made(size_of(block, (extent.units - 1) * unit_bytes), alignment_at(last));
            }
            return made(size_of(block, extent.units * unit_bytes), unit_bytes);
        }
    }

    /// Calls `found(place)` where the allocator is wrong about its buffer: it takes for free what
    /// is in use, or its pieces do not tile the buffer. In a heap that is damaged, `found` should
    /// not return: the walk may have no end.
    template <class Found>
    void look_for_damage(Found found) const noexcept {
        if constexpr (!HasLayoutOf<Core> && has_pieces) {
            std::size_t expected = 0;
            const std::size_t whole = units_ * unit_bytes;
            core_.for_each_block(
                [&](std::size_t offset, std::size_t size, workshop::BlockState state) {
                    if (offset != expected || size == 0 || size > whole - offset) {
                        found(memory_.data() + expected);
                        return;
                    }
                    expected = offset + size;
                    const std::size_t first = (offset + unit_bytes - 1) / unit_bytes;
                    const std::size_t end = expected / unit_bytes;
                    if (state == workshop::BlockState::free && codes_.next(first, end) < end) {
                        found(at(codes_.next(first, end)));
                    }
                });
        }
    }

    bool owns(const void* pointer) const noexcept { return offset(pointer) < memory_.size(); }

    std::byte* begin() const noexcept { return memory_.data(); }
    const BlockCodes& codes() const noexcept { return codes_; }
    const Core& core() const noexcept { return core_; }

    /// Gives the kernel back what lies between the first and the last page of each large free
    /// block. What the allocator notes of a free block it has to keep in those two pages.
    void trim() noexcept {
        if constexpr (has_pieces) {
            core_.for_each_block([this](std::size_t offset, std::size_t size,
                                        workshop::BlockState state) {
                if (state == workshop::BlockState::free && size >= least_to_give_back) {
                    const std::size_t first = workshop::align_up(offset + page_size(), page_size());
                    const std::size_t last =
                        workshop::align_down(offset + size - page_size(), page_size());
                    give_back(memory_.data() + first, last - first);
                }
            });
        }
    }

private:
    using Visit = void (*)(std::size_t, std::size_t, workshop::BlockState);
    static constexpr bool has_pieces = workshop::HasForEachBlock<const Core, Visit>;
    static constexpr bool has_exact_sizes = sizes == Sizes::exact && !HasLayoutOf<Core>;
    static constexpr std::size_t least_to_give_back = std::size_t{64} << 10;

    /// The units that fit together with what is known of them.
    static std::size_t units_in(std::size_t bytes) noexcept {
        if constexpr (HasLayoutOf<Core>) {
            return bytes / unit_bytes;
        } else {
            // For 32 units 8 bytes of codes and, where they are wanted, a byte of size each.
            const std::size_t group = 32 * unit_bytes + 8 + (has_exact_sizes ? 32 : 0);
            return bytes / group * 32;
        }
    }

    static Layout made(std::size_t size, std::size_t alignment) noexcept {
        return *Layout::make(size, alignment);  // the block was asked for with it
    }

    /// What the allocator is asked for. A larger alignment than ours is noted behind the block.
    static Layout as_asked(Layout layout) noexcept {
        if constexpr (HasLayoutOf<Core>) {
            return layout;
        } else {
            const std::size_t size = workshop::align_up(layout.block_size(), unit_bytes);
            return layout.alignment() <= unit_bytes
                       ? made(has_exact_sizes ? layout.size() : size, unit_bytes)
                       : made(size + unit_bytes, layout.alignment());
        }
    }

    static std::size_t units_of(Layout asked) noexcept {
        return (asked.block_size() + unit_bytes - 1) / unit_bytes;
    }

    std::size_t offset(const void* pointer) const noexcept {
        return workshop::address_of(pointer) - workshop::address_of(memory_.data());
    }

    std::size_t unit_at(const void* block) const noexcept { return offset(block) / unit_bytes; }

    std::byte* at(std::size_t unit) const noexcept { return memory_.data() + unit * unit_bytes; }

    Fault fault_of(const void* block, Layout asked) const noexcept {
        if (!workshop::is_aligned(block, asked.alignment())) {
            return "is not aligned";
        }
        const std::size_t first = unit_at(block);
        if (offset(block) >= units_ * unit_bytes || units_of(asked) > units_ - first) {
            return "lies outside of the buffer";
        }
        if constexpr (!HasLayoutOf<Core>) {
            const std::size_t end = first + units_of(asked);
            if (codes_.next(first, end) != end) {
                return "overlaps a block that is in use";
            }
        }
        return nullptr;
    }

    void note(void* block, Layout layout, Layout asked) noexcept {
        if constexpr (!HasLayoutOf<Core>) {
            const std::size_t first = unit_at(block);
            const std::size_t count = units_of(asked);
            const bool noted = asked.alignment() > unit_bytes;
            codes_.add(first, count, noted);
            if (noted) {
                const std::size_t alignment = asked.alignment();
                std::memcpy(at(first + count - 1), &alignment, sizeof alignment);
            }
            if constexpr (has_exact_sizes) {
                const std::size_t payload = (noted ? count - 1 : count) * unit_bytes;
                size_bytes()[first] = static_cast<std::uint8_t>(payload - layout.size());
            }
        }
    }

    void forget(void* block, Layout asked) noexcept {
        if constexpr (!HasLayoutOf<Core>) {
            codes_.remove(unit_at(block), units_of(asked));
        }
    }

    static std::size_t alignment_at(const std::byte* note) noexcept {
        std::size_t alignment = 0;
        std::memcpy(&alignment, note, sizeof alignment);
        return alignment;
    }

    /// Behind the codes: for each block, how many bytes of its payload nobody asked for.
    std::uint8_t* size_bytes() const noexcept {
        // SAFETY: units_in() left a byte for each unit there.
        return reinterpret_cast<std::uint8_t*>(at(units_) + BlockCodes::bytes_for(units_));
    }

    std::size_t size_of(const void* block, std::size_t payload) const noexcept {
        if constexpr (has_exact_sizes) {
            return payload - size_bytes()[unit_at(block)];
        } else {
            return payload;
        }
    }

    std::span<std::byte> memory_;
    std::size_t units_;
    BlockCodes codes_;
    Core core_;
};

}  // namespace preload

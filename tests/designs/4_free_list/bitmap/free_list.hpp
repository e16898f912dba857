// Another design for step 4: no list, a bit for each unit of 16 bytes that says whether it is live.
//
//   [ a  a  a | .  . | b | .  . ]   units
//     1  1  1   0  0   1   0  0     bits, behind them
//
// Merging happens by itself. Finding is a walk over the bits.

#pragma once

#include <alignment.hpp>
#include <block_state.hpp>

#include <cstddef>
#include <new>
#include <span>

namespace workshop {

struct FirstFit {};
struct BestFit {};

template <class Placement = FirstFit>
class FreeListAllocator {
public:
    explicit FreeListAllocator(std::span<std::byte> buffer) noexcept : buffer_{buffer} {
        const std::size_t lead = padding_for(buffer.data(), unit);
        const std::size_t room = lead < buffer.size() ? buffer.size() - lead : 0;
        // 128 bits of a unit and one of its own.
        count_ = room / (unit * 8 + 1) * 8;
        const std::size_t rest = room % (unit * 8 + 1);
        count_ += rest == 0 ? 0 : (rest - 1) / unit;
        first_ = buffer.data() + (room == 0 ? 0 : lead);
        bits_ = ::new (first_ + count_ * unit) unsigned char[(count_ + 7) / 8];
        reset();
    }

    FreeListAllocator(const FreeListAllocator&) = delete;
    FreeListAllocator& operator=(const FreeListAllocator&) = delete;

    [[nodiscard]] void* allocate(Layout layout) noexcept {
        const std::size_t size = units(layout);
        for (std::size_t at = 0; at < count_;) {
            const std::size_t end = end_of_run(at);
            const std::size_t front = padding_for(first_ + at * unit, layout.alignment()) / unit;
            if (!test(at) && front <= end - at && size <= end - at - front) {
                set(at + front, size, true);
                return first_ + (at + front) * unit;
            }
            at = end;
        }
        return nullptr;
    }

    void deallocate(void* block, Layout layout) noexcept {
        if (block != nullptr) {
            set(unit_at(block), units(layout), false);
        }
    }

    bool try_resize(void* block, Layout from, Layout to) noexcept {
        const std::size_t old_end = unit_at(block) + units(from);
        const std::size_t room = count_ - unit_at(block);
        if (!is_aligned(block, to.alignment()) || units(to) > room) {
            return false;
        }
        const std::size_t new_end = unit_at(block) + units(to);
        for (std::size_t at = old_end; at < new_end; ++at) {
            if (test(at)) {
                return false;
            }
        }
        if (new_end < old_end) {
            set(new_end, old_end - new_end, false);
        } else {
            set(old_end, new_end - old_end, true);
        }
        return true;
    }

    void reset() noexcept { set(0, count_, false); }

    std::size_t capacity() const noexcept { return count_ * unit; }

    bool owns(const void* pointer) const noexcept {
        return address_of(pointer) - address_of(buffer_.data()) < buffer_.size();
    }

    template <class F>
    void for_each_block(F f) const {
        const std::size_t lead = static_cast<std::size_t>(first_ - buffer_.data());
        const std::size_t end = lead + count_ * unit;
        if (lead != 0) {
            f(std::size_t{0}, lead, BlockState::overhead);
        }
        for (std::size_t at = 0; at < count_;) {
            const std::size_t next = end_of_run(at);
            f(lead + at * unit, (next - at) * unit, test(at) ? BlockState::live : BlockState::free);
            at = next;
        }
        if (end != buffer_.size()) {
            f(end, buffer_.size() - end, BlockState::overhead);
        }
    }

    bool check() const noexcept { return true; }

private:
    static constexpr std::size_t unit = 16;

    static std::size_t units(Layout layout) noexcept {
        return align_up(layout.block_size(), unit) / unit;
    }

    std::size_t unit_at(const void* block) const noexcept {
        return (address_of(block) - address_of(first_)) / unit;
    }

    bool test(std::size_t at) const noexcept { return (bits_[at / 8] >> at % 8 & 1) != 0; }

    void set(std::size_t at, std::size_t size, bool live) noexcept {
        for (; size != 0; ++at, --size) {
            const unsigned bit = 1U << at % 8;
            const unsigned others = bits_[at / 8] & ~bit;
            bits_[at / 8] = static_cast<unsigned char>(others | (live ? bit : 0));
        }
    }

    std::size_t end_of_run(std::size_t at) const noexcept {
        const bool state = test(at);
        while (at < count_ && test(at) == state) {
            ++at;
        }
        return at;
    }

    std::span<std::byte> buffer_;
    std::byte* first_;
    std::size_t count_;
    unsigned char* bits_;
};

}  // namespace workshop

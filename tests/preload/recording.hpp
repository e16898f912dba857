// What a recorded process writes down: events in a file that it shares with whoever reads it, so
// that nothing is lost, however the process ends.
//
//   [ Recording | event | event | event | ...         nothing yet          ]

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace preload {

/// What was noted. An allocation is noted when it is done, the end of a block just before: then the
/// events of all threads, in their order, never tell of an address that it was handed out twice. A
/// resize ends one block and begins another, so it is noted twice.
enum class Note : unsigned { allocated, ends, resize_begins, resize_done };

/// Packed, as there are millions of them.
struct Event {
    std::uint64_t address_alignment_note;  // 48 bits, 8 bits (a logarithm), 8 bits
    std::uint64_t size_thread;             // 48 bits, 16 bits

    static Event make(Note note, const void* block, std::size_t size, std::size_t alignment,
                      unsigned thread) noexcept {
        const auto logarithm = static_cast<std::uint64_t>(__builtin_ctzll(alignment));
        return {reinterpret_cast<std::uintptr_t>(block) | logarithm << 48U |
                    static_cast<std::uint64_t>(note) << 56U,
                size | std::uint64_t{thread} << 48U};
    }

    Note note() const noexcept { return static_cast<Note>(address_alignment_note >> 56U); }
    std::uint64_t address() const noexcept { return address_alignment_note & low_48; }
    std::size_t alignment() const noexcept {
        return std::size_t{1} << (address_alignment_note >> 48U & 0xFFU);
    }
    std::size_t size() const noexcept { return size_thread & low_48; }
    unsigned thread() const noexcept { return static_cast<unsigned>(size_thread >> 48U); }

    static constexpr std::uint64_t low_48 = 0xFFFF'FFFF'FFFF;
};

/// The beginning of the file.
struct Recording {
    std::atomic<std::uint64_t> count;  // events that were begun; may be larger than capacity
    std::uint64_t capacity;

    Event* events() noexcept {
        // SAFETY: whoever maps the file maps room for `capacity` events there.
        return reinterpret_cast<Event*>(this + 1);
    }
};

}  // namespace preload

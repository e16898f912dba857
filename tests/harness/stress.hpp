// Many threads at once on one allocator, and the proof that no two of them hold the same byte.
//
// Every byte of the buffer has a stamp: the thread that holds it. A block that is handed out is
// claimed stamp by stamp, with an atomic exchange, so a byte that is handed out twice is noticed at
// once, with both holders. Then the claimant writes its pattern, as an ordinary program would:
// under ThreadSanitizer a block that changes hands without an order is a race of these writes.
// Stamps themselves are relaxed, so that they bring no order of their own.

#pragma once

#include <harness/function_ref.hpp>
#include <harness/place.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace harness {

/// True in the judges' second build, under ThreadSanitizer.
#if defined(__SANITIZE_THREAD__)
#define WORKSHOP_UNDER_TSAN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WORKSHOP_UNDER_TSAN
#endif
#endif
#ifdef WORKSHOP_UNDER_TSAN
inline constexpr bool under_tsan = true;
#else
inline constexpr bool under_tsan = false;
#endif

/// The meson option stress_rounds: how much a stress test does. WORKSHOP_STRESS_ROUNDS overrides.
std::size_t stress_rounds();

/// Calls `work(0)`, `work(1)`, ..., each on a thread of its own. All begin at the same moment;
/// returns when all have ended.
void in_threads(unsigned count, FunctionRef<unsigned> work);

/// Lets other threads have the processor, for so long; 0: once.
void rest(int milliseconds);

/// The threads that this process has now.
std::size_t count_threads();

/// Who holds which byte.
class Stamps {
public:
    explicit Stamps(std::span<std::byte> buffer);
    Stamps(const Stamps&) = delete;
    Stamps& operator=(const Stamps&) = delete;
    ~Stamps();

    /// Ends the case unless the block lies in the buffer, is aligned, and nobody holds a byte of
    /// it.
    void claim(const void* block, std::size_t asked, std::size_t alignment, unsigned who);
    void release(const void* block, std::size_t asked, unsigned who);

private:
    std::span<std::byte> buffer_;
    std::atomic<std::uint32_t>* holders_;
};

/// A block that a thread holds.
struct Held {
    std::byte* block = nullptr;
    std::size_t size = 0;
    std::size_t alignment = 1;
    unsigned char pattern = 0;
};

/// Says that the bytes of a block are no longer what its holder wrote.
[[noreturn]] void damaged(const Held& held, std::size_t offset, unsigned who);

}  // namespace harness

// Waiting without giving up the processor, for as long as a few instructions of somebody else take.

#pragma once

namespace workshop {

/// Tells the processor that this is a loop that waits: it saves power, and leaves the core to its
/// other hardware thread.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// For a loop around an exchange: who was overtaken steps back, each time for twice as long.
/// Meanwhile the other gets on, with the cache line in its own core.
class Backoff {
public:
    /// Pauses once, the next time twice, then four times, and never more than 64 times.
    void wait() noexcept {
        for (unsigned i = 0; i < pauses_; ++i) {
            pause();
        }
        pauses_ = pauses_ < most ? 2 * pauses_ : most;
    }

private:
    static constexpr unsigned most = 64;
    unsigned pauses_ = 1;
};

}  // namespace workshop

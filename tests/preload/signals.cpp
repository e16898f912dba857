#include "signals.hpp"

#include <cerrno>
#include <cstddef>

extern "C" int __sigaction(int signal, const struct sigaction* action,
                           struct sigaction* old) noexcept;
extern "C" void (*ssignal(int signal, void (*handler)(int)) noexcept)(int);

namespace preload {
namespace {

constexpr int watched[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

void (*our_handler)(int, siginfo_t*, void*) = nullptr;

bool is_watched(int signal) {
    for (const int each : watched) {
        if (each == signal) {
            return true;
        }
    }
    return false;
}

bool is_ours(const struct sigaction& action) {
    return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == our_handler;
}

}  // namespace

int real_sigaction(int signal, const struct sigaction* action, struct sigaction* old) noexcept {
    return __sigaction(signal, action, old);
}

void hide_handlers(const struct sigaction& action) noexcept {
    our_handler = action.sa_sigaction;
    for (const int signal : watched) {
        struct sigaction now = {};
        if (real_sigaction(signal, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 &&
            now.sa_handler == SIG_DFL) {
            real_sigaction(signal, &action, nullptr);
        }
    }
}

}  // namespace preload

// ---- What the program calls ---------------------------------------------------------------------

#define PRELOAD_EXPORT extern "C" __attribute__((visibility("default")))

PRELOAD_EXPORT int sigaction(int signal, const struct sigaction* action,
                             struct sigaction* old) noexcept {
    const int result = preload::real_sigaction(signal, action, old);
    if (result == 0 && old != nullptr && preload::is_watched(signal) && preload::is_ours(*old)) {
        *old = {};
    }
    return result;
}

PRELOAD_EXPORT void (*signal(int signal, void (*handler)(int)) noexcept)(int) {
    if (!preload::is_watched(signal)) {
        return ssignal(signal, handler);  // glibc's other name for it
    }
    struct sigaction now = {};
    const bool ours = preload::real_sigaction(signal, nullptr, &now) == 0 && preload::is_ours(now);
    void (*const old)(int) = ssignal(signal, handler);
    return ours && old != SIG_ERR ? SIG_DFL : old;
}

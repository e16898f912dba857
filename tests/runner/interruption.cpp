#include "interruption.hpp"

#include <signal.h>

#include <cstddef>
#include <iterator>

namespace runner {
namespace {

constexpr int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

volatile sig_atomic_t received = 0;
struct sigaction before[std::size(watched)] = {};

void remember(int signal) {
    received = signal;
}

}  // namespace

void watch_for_interruption() {
    for (std::size_t i = 0; i < std::size(watched); ++i) {
        struct sigaction action = {};
        // Without SA_RESTART: poll() returns at once. Writing to a pipe tells us by its result.
        action.sa_handler = watched[i] == SIGPIPE ? SIG_IGN : remember;
        sigemptyset(&action.sa_mask);
        sigaction(watched[i], &action, &before[i]);
        if (before[i].sa_handler == SIG_IGN) {  // as nohup does: we are not to be interrupted
            sigaction(watched[i], &before[i], nullptr);
        }
    }
}

void stop_watching_for_interruption() {
    for (std::size_t i = 0; i < std::size(watched); ++i) {
        sigaction(watched[i], &before[i], nullptr);
    }
}

int interrupted() noexcept {
    return received;
}

void forget_interruption() noexcept {
    received = 0;
}

}  // namespace runner

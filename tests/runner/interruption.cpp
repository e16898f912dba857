#include "interruption.hpp"

#include <signal.h>

#include <cstddef>
#include <iterator>

namespace runner {
namespace {

constexpr int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

volatile sig_atomic_t received = 0;
struct sigaction former_actions[std::size(watched)] = {};

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
        sigaction(watched[i], &action, &former_actions[i]);
        if (former_actions[i].sa_handler ==
            SIG_IGN) {  // as nohup does: we are not to be interrupted
            sigaction(watched[i], &former_actions[i], nullptr);
        }
    }
}

void stop_watching_for_interruption() {
    for (std::size_t i = 0; i < std::size(watched); ++i) {
        sigaction(watched[i], &former_actions[i], nullptr);
    }
}

int interrupted() noexcept {
    return received;
}

void forget_interruption() noexcept {
    received = 0;
}

}  // namespace runner

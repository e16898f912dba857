#include "interruption.hpp"

#include <signal.h>

#include <initializer_list>

namespace runner {
namespace {

volatile sig_atomic_t received = 0;

void remember(int signal) {
    received = signal;
}

}  // namespace

void watch_for_interruption() {
    struct sigaction action = {};
    action.sa_handler = remember;  // without SA_RESTART: poll() returns at once
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        sigaction(signal, &action, nullptr);
    }
    signal(SIGPIPE, SIG_IGN);  // writing tells us by its result
}

int interrupted() noexcept {
    return received;
}

void forget_interruption() noexcept {
    received = 0;
}

}  // namespace runner

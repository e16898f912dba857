#include "failures.hpp"

#include "signals.hpp"

#include <todo.hpp>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace preload {
namespace {

constexpr int exit_code_to_do = 2;
constexpr unsigned seconds_to_search = 5;
constexpr int first_report_descriptor = 200;  // out of the way of the program's own
constexpr const char* report_variable = "WORKSHOP_REPORT";

Evidence the_evidence = {};
int report_descriptor = -1;

void tell_crash(int signal, const siginfo_t* info) {
    Text text{STDERR_FILENO};
    text.print("\nworkshop: " PRELOAD_WHOSE " allocator crashed under this program: signal %d, %s",
               signal, sigdescr_np(signal));
    if (signal == SIGSEGV || signal == SIGBUS) {
        text.print(", at address %p", info->si_addr);
    }
    text.print(".\n");
    tell_scene(text, the_evidence.now());
}

void tell_damage(int signal, const Scene& scene) {
    Text text{STDERR_FILENO};
    text.print(
        "\nworkshop: this program crashed (signal %d, %s), and the heap is not in "
        "order: " PRELOAD_WHOSE
        " allocator takes for free what is in use, or has lost its notes.\n",
        signal, sigdescr_np(signal));
    tell_scene(text, scene);
}

void set_default(int signal) {
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    real_sigaction(signal, &action, nullptr);
}

sigjmp_buf end_of_search;
const void* damaged_place = nullptr;

void end_search(const void* place) {
    damaged_place = place;
    siglongjmp(end_of_search, 1);
}

/// Looks at the whole heap. Whoever walks through a damaged one may crash, or walk for ever.
bool finds_damage() {
    damaged_place = nullptr;
    struct sigaction action = {};
    action.sa_handler = [](int) { end_search(nullptr); };
    action.sa_flags = SA_NODEFER;
    real_sigaction(SIGSEGV, &action, nullptr);
    real_sigaction(SIGALRM, &action, nullptr);
    const bool found = sigsetjmp(end_of_search, 1) != 0;
    if (!found) {
        alarm(seconds_to_search);
        the_evidence.look_for_damage(end_search);
    }
    alarm(0);
    return found;
}

/// Tells the crash if it is ours. Then the program ends as it would have without us.
void on_crash(int signal, siginfo_t* info, void* /*context*/) {
    if (the_evidence.is_inside()) {
        set_default(SIGSEGV);
        tell_crash(signal, info);
    } else if (finds_damage()) {
        set_default(SIGSEGV);
        tell_damage(signal, the_evidence.at(damaged_place));
    }
    set_default(SIGSEGV);
    set_default(signal);
    if (info->si_code <= 0) {  // sent by somebody: it does not happen again by itself
        raise(signal);
    }
}

void on_todo(const char* file, int line) {
    const char* const steps = std::strstr(file, "steps/");
    const char* const shown = steps == nullptr ? file : steps;
    const char step = steps == nullptr ? '?' : steps[std::strlen("steps/")];
    {
        Text text{STDERR_FILENO};
        text.print(
            "workshop: step %c is not finished, and a program needs all of it: the todo() in "
            "%s:%d was reached. `./workshop test %c` tells more.\n",
            step, shown, line, step);
    }
    _exit(exit_code_to_do);
}

}  // namespace

void tell_failure(const Failure& failure, const Scene& scene) noexcept {
    {
        Text text{STDERR_FILENO};
        text.print("\nworkshop: " PRELOAD_WHOSE " allocator made a block that %s: ", failure.what);
        text.print("%zu bytes at a multiple of %zu, at +0x%zx.\n", failure.size, failure.alignment,
                   reinterpret_cast<std::size_t>(failure.block) -
                       reinterpret_cast<std::size_t>(scene.heap));
        tell_scene(text, scene);
    }
    set_default(SIGABRT);
    std::abort();
}

void tell_foreign_pointer(const char* function, const void* block) noexcept {
    {
        Text text{STDERR_FILENO};
        text.print(
            "workshop: %s(%p): no live block begins at this address. The program gave it back "
            "twice, or never had it.\n",
            function, block);
    }
    std::abort();
}

void watch_for_failures(Evidence evidence) noexcept {
    the_evidence = evidence;
    workshop::on_todo = on_todo;
    struct sigaction action = {};
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    hide_handlers(action);
}

void prepare_report() noexcept {
    if (std::getenv(report_variable) == nullptr) {
        report_descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, first_report_descriptor);
    }
}

int open_report() noexcept {
    const char* const file = std::getenv(report_variable);
    return file == nullptr ? report_descriptor
                           : open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

}  // namespace preload

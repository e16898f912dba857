// `workshop watch [STEP]`.

#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "commands.hpp"
#include "interruption.hpp"
#include "terminal.hpp"
#include "testing.hpp"

namespace runner {
namespace {

using Clock = std::chrono::steady_clock;

std::string clock_time() {
    const std::time_t now = std::time(nullptr);
    char text[16] = "";
    std::strftime(text, sizeof text, "%H:%M:%S", std::localtime(&now));
    return text;
}

}  // namespace

int watch(const Project& project, const TestOptions& options) {
    int code = green;
    for (bool first = true; interrupted() == 0; first = false) {
        const Clock::time_point start = Clock::now();
        const TestRun run = test_once(project, options);
        if (interrupted() != 0) {
            break;
        }
        code = run.code;
        const std::chrono::duration<double> time = Clock::now() - start;
        if (!first || is_terminal()) {
            clear_screen();
        }
        print(run.text);
        print(earlier_fault(project, options, run));
        print(fmt::format("\n{}  {:.1f} s  waiting for the next save; Ctrl-C ends\n", clock_time(),
                          time.count()));
        const Part& part = *run.last.part;
        wait_for_save([&] { return take_snapshot(project, part); }, run.last.judged);
    }
    print("\n");
    return code;
}

}  // namespace runner

// `workshop watch [STEP]`.

#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "commands.hpp"
#include "interruption.hpp"
#include "problem.hpp"
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
    const Part* part = nullptr;  // the one to work on
    Snapshot judged;
    for (bool first = true; interrupted() == 0; first = false) {
        const Clock::time_point start = Clock::now();
        std::string text;
        TestRun run;
        try {
            run = test_once(project, options);
            text = run.text;
            part = run.last.part;
            judged = run.last.judged;
        } catch (const Problem& problem) {
            if (part == nullptr) {
                throw;
            }
            // It worked before, and may work again after the next save.
            judged = take_snapshot(project, *part);
            run.code = usage;
            text = problem.what() + std::string{"\n"};
        }
        if (interrupted() != 0) {
            break;
        }
        const std::chrono::duration<double> time = Clock::now() - start;
        if (!first || is_terminal()) {
            clear_screen();
        }
        print(text);
        print(remark_on(project, options, run));
        print(fmt::format("\n{}  {:.1f} s  waiting for the next save; Ctrl-C ends\n", clock_time(),
                          time.count()));
        code = run.code;
        wait_for_save([&] { return take_snapshot(project, *part); }, judged);
    }
    print("\n");
    return code;
}

}  // namespace runner

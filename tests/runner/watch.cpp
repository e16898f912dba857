// `workshop watch [STEP]`: looks at the files some times a second, which also works where no
// notification comes, as on network file systems.

#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <thread>

#include "commands.hpp"
#include "interruption.hpp"
#include "terminal.hpp"
#include "testing.hpp"

namespace runner {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto poll_interval = 60ms;
constexpr auto settle_interval = 15ms;  // an editor may write in several pieces
constexpr auto reappear_limit = 200ms;  // an editor may take the old file away first

/// Until a file differs from what was judged, and writing it seems to be over.
void wait_for_save(const Project& project, const Part& part, const Snapshot& judged) {
    Snapshot now = take_snapshot(project, part);
    while (now == judged && interrupted() == 0) {
        std::this_thread::sleep_for(poll_interval);
        now = take_snapshot(project, part);
    }
    const Clock::time_point seen = Clock::now();
    for (bool settled = false; !settled && interrupted() == 0;) {
        std::this_thread::sleep_for(settle_interval);
        const Snapshot later = take_snapshot(project, part);
        const bool patient = Clock::now() - seen < reappear_limit;
        settled = !patient || (later == now && !lost_a_file(judged, later));
        now = later;
    }
}

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
        wait_for_save(project, *run.last.part, run.last.judged);
    }
    print("\n");
    return code;
}

}  // namespace runner

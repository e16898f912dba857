// `workshop test [STEP]`.

#include <fmt/format.h>

#include <cstdlib>

#include "commands.hpp"
#include "terminal.hpp"
#include "testing.hpp"

namespace runner {
namespace {

/// What is easily forgotten in a shell, and makes wrong code look right.
std::string remark_on_schedule() {
    const char* const schedule = std::getenv("WORKSHOP_SCHEDULE");
    return schedule == nullptr ? std::string{}
                               : fmt::format(
                                     "\nWORKSHOP_SCHEDULE is set: of each test that plays every "
                                     "interleaving, only {} was played.\n",
                                     schedule);
}

}  // namespace

int test(const Project& project, const TestOptions& options) {
    if (options.bug) {
        return practise(project, options);
    }
    const TestRun run = test_once(project, options);
    print(run.text);
    print(remark_on(project, options, run));
    print(remark_on_schedule());
    return run.code;
}

}  // namespace runner

// `workshop test [STEP]`.

#include "commands.hpp"
#include "terminal.hpp"
#include "testing.hpp"

namespace runner {

int test(const Project& project, const TestOptions& options) {
    if (options.bug) {
        return practise(project, options);
    }
    const TestRun run = test_once(project, options);
    print(run.text);
    print(remark_on(project, options, run));
    return run.code;
}

}  // namespace runner

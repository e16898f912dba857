// `workshop selftest`: `meson test`, told in short.

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <vector>

#include "../harness/report.hpp"
#include "commands.hpp"
#include "problem.hpp"
#include "process.hpp"
#include "terminal.hpp"
#include "text.hpp"

namespace runner {
namespace {

/// Follows the lines of `meson test`.
class Progress {
public:
    void add(std::string_view piece) {
        pending_ += piece;
        for (std::size_t end = pending_.find('\n'); end != pending_.npos;
             end = pending_.find('\n')) {
            add_line(harness::without_colour(std::string_view{pending_}.substr(0, end)));
            pending_.erase(0, end + 1);
        }
    }

    long passed() const { return passed_; }
    long failed() const { return failed_; }
    bool finished() const { return finished_; }

private:
    void add_line(std::string_view line) {
        if (is_result(line)) {
            const bool bad =
                line.find(" FAIL ") != line.npos || line.find(" TIMEOUT ") != line.npos ||
                line.find(" ERROR ") != line.npos || line.find(" UNEXPECTEDPASS ") != line.npos;
            if (bad) {
                print(std::string{trimmed(line)} + "\n");
            } else {
                show_progress(trimmed(line));
            }
            return;
        }
        for (const auto& [label, counter] : {std::pair{"Ok:", &passed_},
                                             {"Expected Fail:", &passed_},
                                             {"Fail:", &failed_},
                                             {"Unexpected Pass:", &failed_},
                                             {"Timeout:", &failed_}}) {
            count(line, label, *counter);
        }
    }

    /// " 3/12 workshop:selftest / runner   OK   0.12s"
    static bool is_result(std::string_view line) {
        const std::string_view text = trimmed(line);
        const std::size_t slash = text.find('/');
        return slash != text.npos && slash > 0 && slash < 5 &&
               text.find_first_not_of("0123456789") == slash;
    }

    /// The lines at the end: "Ok:                 12".
    void count(std::string_view line, std::string_view label, long& counter) {
        if (line.substr(0, label.size()) == label) {
            const std::string_view number = trimmed(line.substr(label.size()));
            long value = 0;
            std::from_chars(number.data(), number.data() + number.size(), value);
            counter += value;
            finished_ = true;
        }
    }

    std::string pending_;
    long passed_ = 0;
    long failed_ = 0;
    bool finished_ = false;
};

/// The names of the tests that are run by default. Since 1.7, `meson test` without names builds
/// what every test needs, also those that it leaves out.
std::vector<std::string> default_tests(const Project& project) {
    Command command;
    command.arguments = {"meson", "test", "-C", project.build.string(), "--list"};
    const Outcome outcome = run_program(std::move(command));
    std::vector<std::string> names;
    for (const std::string_view line : lines_of(outcome.output)) {
        // "allocator-workshop:selftest / harness"
        const std::size_t slash = line.find(" / ");
        if (outcome.success() && slash != line.npos && line.find(':') < slash) {
            names.emplace_back(trimmed(line.substr(slash + 3)));
        }
    }
    return names;
}

}  // namespace

int selftest(const Project& project, const SelftestOptions& options) {
    show_progress("building the project's own tests ...");
    Progress progress;
    Command command;
    command.arguments = {"meson", "test", "-C", project.build.string(), "--print-errorlogs"};
    if (options.full) {
        command.arguments.insert(command.arguments.end(), {"--setup", "full"});
    } else {
        const std::vector<std::string> tests = default_tests(project);
        command.arguments.insert(command.arguments.end(), tests.begin(), tests.end());
    }
    command.environment = {{"LC_ALL", "C.UTF-8"}};
    command.on_output = [&progress](std::string_view piece) { progress.add(piece); };
    const Outcome outcome = run_program(std::move(command));
    progress.add("\n");
    if (!outcome.started) {
        throw Problem{"meson could not be started; expected it on the PATH."};
    }
    const bool good = outcome.success() && progress.finished();
    if (!good) {
        print(outcome.output);
    }
    // A build that failed counts as one.
    const long failed = good || progress.failed() > 0 ? progress.failed() : 1;
    print(fmt::format("{} passed, {} failed\n", progress.passed(), failed));
    return good ? green : red;
}

}  // namespace runner

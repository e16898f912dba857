#include <harness/ending_verdict.hpp>

#include <harness/crash_report.hpp>
#include <harness/story.hpp>
#include <harness/test_case.hpp>

#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace harness {
namespace {

/// The key in the nearest `TODO 2.1` at or above a line; empty when there is none.
std::string todo_key_above(const std::string& path, int line) {
    std::ifstream file{path};
    std::string key;
    std::string text;
    for (int i = 1; i <= line && std::getline(file, text); ++i) {
        const std::size_t found = text.find("// TODO ");  // and not "// SAFETY: TODO 2.5"
        if (found != std::string::npos) {
            key = text.substr(found + 8, text.find_first_of(": ", found + 8) - found - 8);
        }
    }
    return key;
}

void tell_todo(Verdict& verdict, const Journal& journal) {
    verdict.kind = Kind::to_do;
    verdict.learner_place =
        fmt::format("{}:{}", project_path(journal.todo_file()), journal.todo_line());
    const std::string key = todo_key_above(journal.todo_file(), journal.todo_line());
    verdict.summary = key.empty() || key == verdict.task()
                          ? "not written yet"
                          : fmt::format("waits for {}, which is not written yet", key);
    verdict.story.clear();
}

std::string signal_name(int signal) {
    switch (signal) {
        case SIGSEGV:
            return "segmentation fault";
        case SIGBUS:
            return "bus error";
        case SIGABRT:
            return "abort() was called";
        case SIGFPE:
            return "an arithmetic fault, such as a division by zero";
        case SIGILL:
            return "an illegal instruction";
        default:
            return fmt::format("signal {} ({})", signal, strsignal(signal));
    }
}

void tell_crash(Verdict& verdict, const Ending& ending, const Journal& journal) {
    const Cause cause = find_cause(ending.output, journal);
    verdict.kind = cause.out_of_memory ? Kind::out_of_memory : Kind::crashed;
    verdict.learner_place = cause.learner_place;
    verdict.summary = cause.summary;
    if (verdict.summary.empty()) {
        verdict.summary =
            WIFSIGNALED(ending.status)
                ? signal_name(WTERMSIG(ending.status))
                : fmt::format(
                      "the code ended the program, with exit code {}, in the middle of "
                      "the test",
                      WEXITSTATUS(ending.status));
    }
}

void tell_stopped(Verdict& verdict, const Ending& ending, const Limits& limits,
                  const Journal& journal) {
    verdict.learner_place = find_cause(ending.output, journal).learner_place;
    switch (ending.stopped) {
        case Ending::Stopped::time:
            verdict.learner_place = place_of_hang(ending.output);
            verdict.kind = Kind::hung;
            verdict.summary = fmt::format(
                "still not through after {:.1f} s: an endless loop, or a "
                "wait for something that never comes?",
                static_cast<double>(limits.time.count()) / 1000);
            break;
        case Ending::Stopped::output:
            verdict.kind = Kind::hung;
            verdict.summary =
                fmt::format("printed more than {} MiB: an endless loop?", limits.output >> 20);
            break;
        case Ending::Stopped::memory:
            verdict.kind = Kind::out_of_memory;
            verdict.summary = fmt::format("used more than {} MiB of memory", limits.memory >> 20);
            break;
        case Ending::Stopped::no:
            break;
    }
}

/// The last lines that the code itself printed.
std::string printed(std::string_view output) {
    constexpr int max_lines = 10;
    std::string text = without_reports(output);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    if (text.empty()) {
        return "";
    }
    std::size_t first = text.size();
    for (int lines = 0; lines < max_lines && first != std::string::npos && first != 0; ++lines) {
        first = text.rfind('\n', first - 1);
    }
    const bool cut = first != std::string::npos && first != 0;
    const std::string_view kept = cut ? std::string_view{text}.substr(first + 1) : text;
    return fmt::format("\n  It printed{}:\n{}", cut ? ", at the end" : "",
                       indented(kept.substr(0, 2000)));
}

/// What the case itself wrote.
void take_over(Verdict& verdict, const Verdict& record) {
    verdict.kind = record.kind;
    verdict.summary = record.summary;
    verdict.story = record.story;
    verdict.learner_place = record.learner_place;
    if (!record.judge_place.empty()) {
        verdict.judge_place = record.judge_place;
    }
}

}  // namespace

Verdict verdict_of(const Ending& ending, const Limits& limits, const Journal& journal,
                   Verdict verdict) {
    verdict.milliseconds = ending.duration.count();
    if (const std::optional<Verdict> record = from_line(ending.record)) {
        take_over(verdict, *record);
    } else {
        const char* const asserted = journal.asserted();
        verdict.story =
            asserted == nullptr ? "" : fmt::format("  in {}\n", without_noise(asserted));
        const std::string story = tell_story(journal);
        verdict.story += (verdict.story.empty() || story.empty() ? "" : "\n") + story;
        if (const std::string place = current_place(); !place.empty()) {
            verdict.judge_place = place;
        }
        if (ending.stopped == Ending::Stopped::no) {
            tell_crash(verdict, ending, journal);
        } else {
            tell_stopped(verdict, ending, limits, journal);
        }
    }
    if (verdict.kind != Kind::done) {
        verdict.story += printed(ending.output);
    }
    if (journal.todo_line() != 0) {
        tell_todo(verdict, journal);
    }
    return verdict;
}

bool is_done(const Ending& ending) {
    const std::optional<Verdict> record = from_line(ending.record);
    return record && record->kind == Kind::done;
}

}  // namespace harness

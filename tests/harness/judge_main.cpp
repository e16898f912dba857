// The main of every judge: runs each test case in a process of its own, and says what became of it.

#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS

#include <harness/child.hpp>
#include <harness/crash_report.hpp>
#include <harness/failure.hpp>
#include <harness/journal.hpp>
#include <harness/place.hpp>
#include <harness/report.hpp>
#include <harness/story.hpp>
#include <harness/verdict.hpp>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <todo.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

// ---- The sanitizers, where the judge was built with them ---------------------------------------

extern "C" {
const char* __asan_default_options();
const char* __ubsan_default_options();
const char* __tsan_default_options();
void __sanitizer_print_stack_trace() __attribute__((weak));

const char* __asan_default_options() {
    return "detect_leaks=0:handle_abort=1:handle_sigfpe=1:allow_addr2line=1:color=never:"
           "max_allocation_size_mb=2048:detect_odr_violation=0";
}
const char* __ubsan_default_options() {
    return "print_stacktrace=1:halt_on_error=1:color=never";
}
const char* __tsan_default_options() {
    return "halt_on_error=1:color=never";
}
}

namespace harness {
namespace {

using std::chrono::milliseconds;

// ---- In the process of the test case -----------------------------------------------------------

int record_descriptor = -1;  // -1: the case runs in this very process, under a debugger

void end_case(const Verdict& verdict) {
    if (record_descriptor == -1) {
        fmt::print(stderr, "\n{}: {}\n\n{}\n", verdict.judge_place, verdict.summary, verdict.story);
        std::abort();  // the debugger stops here
    }
    const std::string line = to_line(verdict);
    std::size_t written = 0;
    while (written < line.size()) {
        const ssize_t size = write(record_descriptor, line.data() + written, line.size() - written);
        if (size <= 0) {
            break;
        }
        written += static_cast<std::size_t>(size);
    }
    _exit(0);
}

/// Where the case is: the call or the assertion that was reached last.
thread_local Place current_place{"", 0};

std::string to_string(Place place) {
    return fmt::format("{}:{}", project_path(place.file), place.line);
}

std::string indented(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        result += fmt::format("  {}\n", text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

/// What doctest tells of an assertion that did not hold, in our own words.
class Listener final : public doctest::IReporter {
public:
    explicit Listener(const doctest::ContextOptions&) {}

    void report_query(const doctest::QueryData& query) override;
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_start(const doctest::TestCaseData& test) override {
        current_place = {test.m_file.c_str(), static_cast<int>(test.m_line)};
    }
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException& exception) override {
        fail({fmt::format("an exception left the code under test: {}",
                          exception.error_string.c_str()),
              contexts() + tell_story(Journal::current())});
    }
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData& assertion) override {
        if (assertion.m_failed) {
            current_place = {assertion.m_file, assertion.m_line};
            fail({summary_of(assertion), contexts() + tell_story(Journal::current())});
        }
    }
    void log_message(const doctest::MessageData& message) override {
        if (message.m_severity != doctest::assertType::is_warn) {
            current_place = {message.m_file, message.m_line};
            fail({message.m_string.c_str(), contexts() + tell_story(Journal::current())});
        }
    }
    void test_case_skipped(const doctest::TestCaseData&) override {}

private:
    static std::string summary_of(const doctest::AssertData& assertion) {
        if (assertion.m_threw) {
            return fmt::format("{} threw an exception: {}", assertion.m_expr,
                               assertion.m_exception.c_str());
        }
        if (assertion.m_at & (doctest::assertType::is_throws | doctest::assertType::is_throws_as)) {
            return fmt::format("{} should have thrown {}, and did not", assertion.m_expr,
                               assertion.m_at & doctest::assertType::is_throws_as
                                   ? assertion.m_exception_type
                                   : "an exception");
        }
        const bool negated = (assertion.m_at & doctest::assertType::is_false) != 0;
        const std::string expected = fmt::format("expected: {}{}{}", negated ? "not (" : "",
                                                 assertion.m_expr, negated ? ")" : "");
        const std::string_view values{assertion.m_decomp.c_str()};
        return values == assertion.m_expr || values.find("{?}") != std::string_view::npos ||
                       values == "true" || values == "false"
                   ? expected
                   : fmt::format("{}, but here it is {}", expected, values);
    }

    static std::string contexts() {
        std::string text;
        for (int i = 0; i < get_num_active_contexts(); ++i) {
            std::ostringstream stream;
            get_active_contexts()[i]->stringify(&stream);
            text += indented(stream.str());
        }
        return text;
    }
};

/// Says where a case hangs, as far as that can be found out from here.
void on_terminate_signal(int) {
    if (__sanitizer_print_stack_trace != nullptr) {
        __sanitizer_print_stack_trace();
    }
    _exit(1);
}

void run_case(std::size_t number) {
    doctest::Context context;
    context.setOption("reporters", "workshop");
    context.setOption("first", static_cast<int>(number));
    context.setOption("last", static_cast<int>(number));
    context.run();
    end_case({.kind = Kind::done});
}

// ---- In the process that watches ---------------------------------------------------------------

struct TestCase {
    Verdict blank;  // kind not_run
    double time_limit;
};

std::vector<TestCase> all_cases;

void Listener::report_query(const doctest::QueryData& query) {
    for (unsigned i = 0; i < query.num_data; ++i) {
        const doctest::TestCaseData& test = *query.data[i];
        const char* const hint = test.m_description == nullptr ? "" : test.m_description;
        all_cases.push_back(
            {{.suite = test.m_test_suite,
              .hint = hint,
              .name = test.m_name,
              .judge_place = to_string({test.m_file.c_str(), static_cast<int>(test.m_line)})},
             test.m_timeout});
    }
}

void list_cases() {
    const char* const arguments[] = {"judge", "--reporters=workshop", "--list-test-cases"};
    doctest::Context context{3, arguments};
    context.run();
}

/// The key in the nearest `TODO 2.1` at or above a line; empty when there is none.
std::string todo_key_above(const std::string& path, int line) {
    std::ifstream file{path};
    std::string key;
    std::string text;
    for (int i = 1; i <= line && std::getline(file, text); ++i) {
        const std::size_t found = text.find("TODO ");
        if (found != std::string::npos) {
            key = text.substr(found + 5, text.find_first_of(": ", found + 5) - found - 5);
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

Verdict judge(const TestCase& test, std::size_t number, const Limits& limits) {
    Journal& journal = Journal::current();
    journal.clear();
    const Ending ending = run_in_child(
        [&](int record) {
            record_descriptor = record;
            signal(SIGTERM, on_terminate_signal);
            workshop::on_todo = [](const char* file, int line) {
                Journal::current().note_todo(file, line);
            };
            run_case(number);
        },
        limits);

    Verdict verdict = test.blank;
    verdict.milliseconds = ending.duration.count();
    const std::optional<Verdict> record = from_line(ending.record);
    if (record && record->kind == Kind::done) {
        verdict.kind = Kind::done;
    } else if (record) {
        verdict.kind = record->kind;
        verdict.summary = record->summary;
        verdict.story = record->story;
        verdict.learner_place = record->learner_place;
        if (!record->judge_place.empty()) {
            verdict.judge_place = record->judge_place;
        }
    } else {
        verdict.story = tell_story(journal);
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

struct Options {
    int verdicts = -1;
    std::string task;
    bool list = false;
};

/// The time that a case may take; less after one has hung, so that a step ends within bounds.
class TimeBudget {
public:
    Limits limits_for(const TestCase& test) const {
        Limits limits;
        if (const char* const text = std::getenv("WORKSHOP_TIME_LIMIT"); text != nullptr) {
            limits.time = milliseconds{std::max(1, std::atoi(text))};
        }
        if (test.time_limit > 0) {
            limits.time = milliseconds{static_cast<long>(test.time_limit * 1000)};
        }
        if (lost_ > milliseconds{0}) {
            limits.time = std::min(limits.time, milliseconds{2000});
        }
        return limits;
    }

    void spent(const Verdict& verdict) {
        if (verdict.kind == Kind::hung) {
            lost_ += milliseconds{verdict.milliseconds};
        }
    }

    bool used_up() const { return lost_ > milliseconds{20000}; }

private:
    milliseconds lost_{0};  // in cases that hung
};

std::vector<Verdict> judge_all(const Options& options) {
    std::vector<Verdict> verdicts;
    TimeBudget budget;
    for (std::size_t i = 0; i < all_cases.size(); ++i) {
        Verdict verdict = all_cases[i].blank;
        if (!options.task.empty() && verdict.task() != options.task) {
            continue;
        }
        if (budget.used_up()) {
            verdict.summary = "too many cases hung before this one";
        } else if (!options.list) {
            verdict = judge(all_cases[i], i + 1, budget.limits_for(all_cases[i]));
            budget.spent(verdict);
        }
        if (options.verdicts != -1) {
            const std::string line = to_line(verdict) + '\n';
            if (write(options.verdicts, line.data(), line.size()) < 0) {
                _exit(1);  // nobody listens any more
            }
        }
        verdicts.push_back(std::move(verdict));
    }
    return verdicts;
}

int usage(std::string_view wrong) {
    fmt::print(stderr,
               "judge: {}\n"
               "  [--task 2.1] [--list]            each test case in a process of its own\n"
               "  --verdicts FD                    the same, as lines for a program to read\n"
               "  --here [OPTIONS OF DOCTEST]      all in this process, for a debugger\n",
               wrong);
    return 2;
}

int main_of_judge(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const bool has_value = i + 1 < argc;
        if (argument == "--here") {
            return doctest::Context(argc, argv).run();
        } else if (argument == "--list") {
            options.list = true;
        } else if (argument == "--task" && has_value) {
            options.task = argv[++i];
        } else if (argument == "--verdicts" && has_value) {
            options.verdicts = std::atoi(argv[++i]);
        } else {
            return usage(fmt::format("I do not understand '{}'", argument));
        }
    }

    list_cases();
    const std::vector<Verdict> verdicts = judge_all(options);
    if (options.verdicts != -1) {
        const std::string line = std::string{end_of_verdicts} + '\n';
        return write(options.verdicts, line.data(), line.size()) < 0;
    }
    const bool colour = wants_colour(STDOUT_FILENO);
    fmt::print("{}", report(verdicts, {}, colour));
    return all_done(verdicts) ? 0 : 1;
}

}  // namespace

void fail(const Failure& failure) {
    end_case({.kind = Kind::wrong,
              .summary = failure.summary,
              .story = failure.details,
              .judge_place = to_string(current_place)});
    _exit(0);  // not reached
}

void to_do(const char* file, int line) {
    Journal::current().note_todo(file, line);
    end_case({.kind = Kind::to_do});
    _exit(0);  // not reached
}

void now_at(Place at) {
    current_place = at;
}

void wrong(const char* summary, Place at) {
    now_at(at);
    fail({summary, tell_story(Journal::current())});
}

}  // namespace harness

REGISTER_REPORTER("workshop", 1, harness::Listener);

int main(int argc, char** argv) {
    return harness::main_of_judge(argc, argv);
}

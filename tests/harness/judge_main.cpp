// The main of every judge: runs each test case in a process of its own, and says what became of it.

#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS

#include <harness/cases.hpp>
#include <harness/child.hpp>
#include <harness/crash_report.hpp>
#include <harness/ending_verdict.hpp>
#include <harness/failure.hpp>
#include <harness/journal.hpp>
#include <harness/place.hpp>
#include <harness/report.hpp>
#include <harness/shared.hpp>
#include <harness/story.hpp>
#include <harness/test_case.hpp>
#include <harness/verdict.hpp>
#include <harness/workers.hpp>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>
#include <todo.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <sstream>
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

Place place_of(const doctest::TestCaseData& test) {
    return {test.m_file.c_str(), static_cast<int>(test.m_line)};
}

[[noreturn]] void fail_by_exception(const char* what, const std::string& values = {}) {
    fail({fmt::format("an exception left the code under test: {}", what),
          values + tell_story(Journal::current())});
}

/// What doctest tells of an assertion that did not hold, in our own words.
class Listener final : public doctest::IReporter {
public:
    explicit Listener(const doctest::ContextOptions&) {}

    void report_query(const doctest::QueryData& query) override;
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_start(const doctest::TestCaseData& test) override { now_at(place_of(test)); }
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException& exception) override {
        fail_by_exception(exception.error_string.c_str(), contexts());
    }
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData& assertion) override {
        if (assertion.m_failed) {
            now_at({assertion.m_file, assertion.m_line});
            fail({summary_of(assertion), contexts() + tell_story(Journal::current())});
        }
    }
    void log_message(const doctest::MessageData& message) override {
        if (message.m_severity != doctest::assertType::is_warn) {
            now_at({message.m_file, message.m_line});
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

/// Runs a judge's case without doctest, which looks through all cases first.
void run(const TestCase& test) {
    now_at({test.file.c_str(), test.line});
    try {
        test.function();
    } catch (const std::exception& exception) {
        fail_by_exception(exception.what());
    } catch (const char* text) {
        fail_by_exception(text);
    } catch (...) {
        fail_by_exception("unknown exception");
    }
}

/// Says where a case hangs, as far as that can be found out from here.
void on_terminate_signal(int) {
    if (__sanitizer_print_stack_trace != nullptr) {
        __sanitizer_print_stack_trace();
    }
    _exit(1);
}

// ---- In the process that watches ---------------------------------------------------------------

std::vector<TestCase> all_cases;
Preparation preparation{nullptr, nullptr};

void Listener::report_query(const doctest::QueryData& query) {
    for (unsigned i = 0; i < query.num_data; ++i) {
        const doctest::TestCaseData& test = *query.data[i];
        const char* const hint = test.m_description == nullptr ? "" : test.m_description;
        all_cases.push_back(
            {{.suite = test.m_test_suite,
              .hint = hint,
              .name = test.m_name,
              .judge_place = fmt::format("{}:{}", project_path(test.m_file.c_str()), test.m_line)},
             test.m_timeout,
             i + 1,
             test.m_file.c_str(),
             static_cast<int>(test.m_line),
             case_at(test.m_file.c_str(), test.m_line)});
    }
}

void list_cases() {
    const char* const arguments[] = {"judge", "--reporters=workshop", "--list-test-cases"};
    doctest::Context context{3, arguments};
    context.run();
}

Verdict judge(const TestCase& test, const Limits& limits) {
    Journal& journal = Journal::current();
    journal.clear();
    const Ending ending = run_in_child(
        [&](int record) {
            send_record_to(record);
            signal(SIGTERM, on_terminate_signal);
            workshop::on_todo = [](const char* file, int line) {
                Journal::current().note_todo(file, line);
            };
            run_case(test);
            end_case({.kind = Kind::done});
        },
        limits);

    return verdict_of(ending, limits, journal, test.blank);
}

struct Options {
    std::string task;
    bool list = false;
};

/// The time that a case may take; less after one has hung, so that a step ends within bounds.
/// Processes that judge at the same time share it.
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
        if (lost_ > 0) {
            limits.time = std::min(limits.time, milliseconds{2000});
        }
        return limits;
    }

    void spent(const Verdict& verdict) {
        if (verdict.kind == Kind::hung) {
            lost_ += verdict.milliseconds;
        }
    }

    bool used_up() const { return lost_ > 20000; }

private:
    std::atomic<long>& lost_ = new_shared<std::atomic<long>>();  // ms, in cases that hung
};

int descriptor = -1;  // for lines; -1: none

void tell(std::string line) {
    line += '\n';
    if (descriptor != -1 && write(descriptor, line.data(), line.size()) < 0) {
        _exit(1);  // nobody listens any more
    }
}

/// Takes out the test cases that are not the judge's own.
std::vector<TestCase> take_others() {
    const auto own_end =
        std::stable_partition(all_cases.begin(), all_cases.end(), [](const TestCase& test) {
            return preparation.file == nullptr || test.file == preparation.file;
        });
    std::vector<TestCase> others(own_end, all_cases.end());
    all_cases.erase(own_end, all_cases.end());
    return others;
}

void prepare(const Options& options) {
    const std::vector<TestCase> others = take_others();
    if (preparation.prepare == nullptr || options.list) {
        return;
    }
    for (const Remark& remark : preparation.prepare(others, options.task, [] { tell(""); })) {
        tell(to_line(remark));
        if (descriptor == -1 && remark.task.empty()) {
            fmt::print("{}\n", remark.text);
        }
    }
}

Verdict judge_within(TimeBudget& budget, const TestCase& test) {
    if (budget.used_up()) {
        Verdict verdict = test.blank;
        verdict.summary = "too many cases hung before this one";
        return verdict;
    }
    Verdict verdict = judge(test, budget.limits_for(test));
    budget.spent(verdict);
    return verdict;
}

/// The verdicts that could be had; all, unless something ended one of our processes.
std::vector<Verdict> judge_all(const std::vector<TestCase>& cases) {
    std::vector<Verdict> verdicts;
    TimeBudget budget;
    // Who judges tests has judged them before, with all processors: what is left is quick.
    const unsigned workers = preparation.prepare == nullptr ? usual_workers() : 1;
    share_out(
        cases.size(), workers,
        [&](std::size_t i) { return to_line(judge_within(budget, cases[i])); },
        [&](std::string_view line) {
            tell(std::string{line});
            verdicts.push_back(from_line(line).value());
        });
    return verdicts;
}

std::vector<Verdict> list_all(const std::vector<TestCase>& cases) {
    std::vector<Verdict> verdicts;
    for (const TestCase& test : cases) {
        tell(to_line(test.blank));
        verdicts.push_back(test.blank);
    }
    return verdicts;
}

std::vector<TestCase> cases_of(const std::string& task) {
    std::vector<TestCase> cases = all_cases;
    if (!task.empty()) {
        std::erase_if(cases, [&](const TestCase& test) { return test.blank.task() != task; });
    }
    return cases;
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
    register_cases();
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const bool has_value = i + 1 < argc;
        if (argument == "--here") {
            return doctest::Context(argc, argv).run();
        }
        if (argument == "--list") {
            options.list = true;
        } else if (argument == "--task" && has_value) {
            options.task = argv[++i];
        } else if (argument == "--verdicts" && has_value) {
            descriptor = std::atoi(argv[++i]);
        } else {
            return usage(fmt::format("I do not understand '{}'", argument));
        }
    }

    list_cases();
    prepare(options);
    const std::vector<TestCase> cases = cases_of(options.task);
    const std::vector<Verdict> verdicts = options.list ? list_all(cases) : judge_all(cases);
    if (verdicts.size() != cases.size()) {
        return 1;  // without the line that ends a report
    }
    if (descriptor != -1) {
        tell(std::string{end_of_verdicts});
        return 0;
    }
    const bool colour = wants_colour(STDOUT_FILENO);
    fmt::print("{}", report(verdicts, {}, colour));
    return all_done(verdicts) ? 0 : 1;
}

}  // namespace

void run_case(const TestCase& test) {
    if (test.function != nullptr) {
        run(test);
        return;
    }
    doctest::Context context;
    context.setOption("reporters", "workshop");
    context.setOption("first", static_cast<int>(test.number));
    context.setOption("last", static_cast<int>(test.number));
    context.run();
}

void set_preparation(const Preparation& new_preparation) {
    preparation = new_preparation;
}

}  // namespace harness

REGISTER_REPORTER("workshop", 1, harness::Listener);

int main(int argc, char** argv) {
    return harness::main_of_judge(argc, argv);
}

// Each way in which the process of a test case can end.

#include "in_a_case.hpp"

#include <harness/failure.hpp>
#include <harness/place.hpp>

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

using harness::Kind;
using harness::Limits;
using harness_tests::contains;
using harness_tests::in_a_case;
using std::chrono::milliseconds;

namespace {

void fail_loudly() {
    throw std::runtime_error{"the cause"};
}

}  // namespace

TEST_CASE("a case that comes to its end is done") {
    CHECK(in_a_case([] {}).kind == Kind::done);
}

TEST_CASE("the first failure ends the case as wrong, with summary, details and place") {
    const harness::Verdict verdict = in_a_case([] {
        harness::now_at({"../tests/9_example.cpp", 7});
        harness::fail({"one", "  detail\n"});
    });

    CHECK(verdict.kind == Kind::wrong);
    CHECK(verdict.summary == "one");
    CHECK(verdict.story == "  detail\n");
    CHECK(verdict.judge_place == "tests/9_example.cpp:7");
}

TEST_CASE("a failure on another thread ends the case as well") {
    const harness::Verdict verdict = in_a_case([] {
        std::thread{[] { harness::fail({"elsewhere", ""}); }}.join();
    });

    CHECK(verdict.kind == Kind::wrong);
    CHECK(verdict.summary == "elsewhere");
}

TEST_CASE("exit and _exit, even with success, are told and are no success") {
    for (const bool at_once : {false, true}) {
        const harness::Verdict verdict = in_a_case([&] { at_once ? _exit(0) : std::exit(0); });
        CHECK(verdict.kind == Kind::crashed);
        CHECK(contains(verdict.summary, "exit code 0"));
    }
}

TEST_CASE("a signal is told by its meaning") {
    CHECK(contains(in_a_case([] { raise(SIGSEGV); }).summary, "segmentation fault"));
    CHECK(contains(in_a_case([] { std::abort(); }).summary, "abort()"));
    CHECK(in_a_case([] { raise(SIGKILL); }).kind == Kind::crashed);
}

TEST_CASE("a crash in an assertion is told with what was asserted") {
    const auto crash = [](bool passed) {
        return in_a_case([passed] {
            harness::now_at({"../tests/9_example.cpp", 7});
            harness::Journal::current().set_asserted("workshop::f(0) == 0");
            if (passed) {
                harness::now_at({"../tests/9_example.cpp", 8});
            }
            std::abort();
        });
    };

    CHECK(crash(false).story == "  in f(0) == 0\n");
    CHECK(crash(true).story == "");
}

TEST_CASE("an exception that meets noexcept is told with its type") {
    const harness::Verdict verdict = in_a_case([]() noexcept { fail_loudly(); });

    CHECK(verdict.kind == Kind::crashed);
    CHECK(contains(verdict.summary, "runtime_error"));
    CHECK(contains(verdict.summary, "the cause"));
}

TEST_CASE("a case that never ends is hung, also when it ignores SIGTERM") {
    const Limits short_limits{.time = milliseconds{100}};
    const harness::Verdict polite = in_a_case(
        [] {
            for (;;)
                usleep(1000);
        },
        short_limits);
    const harness::Verdict deaf = in_a_case(
        [] {
            signal(SIGTERM, SIG_IGN);
            for (volatile bool forever = true; forever;) {
            }
        },
        short_limits);

    CHECK(polite.kind == Kind::hung);
    CHECK(deaf.kind == Kind::hung);
    CHECK(contains(deaf.summary, "0.1 s"));
}

TEST_CASE("memory without end is out of memory") {
    const Limits small{.memory = std::size_t{64} << 20};
    const harness::Verdict verdict = in_a_case(
        [] {
            std::vector<std::vector<char>> all;
            for (;;) {
                all.emplace_back(1 << 20, 'x');
                usleep(1000);
            }
        },
        small);

    CHECK(verdict.kind == Kind::out_of_memory);
    CHECK(contains(verdict.summary, "64 MiB"));
}

TEST_CASE("output without end is cut, and what was printed last is kept") {
    const Limits small{.output = 1 << 20};
    const harness::Verdict endless = in_a_case(
        [] {
            for (;;)
                std::puts("again");
        },
        small);
    const harness::Verdict last = in_a_case([] {
        std::puts("first");
        for (int i = 0; i < 100000; ++i) {
            std::puts("middle");
        }
        std::puts("the last words");
        std::abort();
    });

    CHECK(endless.kind == Kind::hung);
    CHECK(contains(endless.summary, "printed more than 1 MiB"));
    CHECK(contains(last.story, "the last words"));
    CHECK_FALSE(contains(last.story, "first"));
}

TEST_CASE("a thread that is still running does not keep the case from its end") {
    const harness::Verdict verdict = in_a_case([] {
        std::thread{[] {
            for (;;)
                usleep(1000);
        }}.detach();
    });

    CHECK(verdict.kind == Kind::done);
}

TEST_CASE("a todo() that was reached makes it to do, whatever else happened") {
    const auto reach = [] {
        harness::Journal::current().note_todo("../steps/2_bump/bump.hpp", 31);
    };

    for (const harness::Verdict& verdict : {in_a_case(reach), in_a_case([&] {
                                                reach();
                                                harness::fail({"an echo", ""});
                                            }),
                                            in_a_case([&] {
                                                reach();
                                                std::abort();
                                            })}) {
        CHECK(verdict.kind == Kind::to_do);
        CHECK(verdict.learner_place == "steps/2_bump/bump.hpp:31");
    }
}

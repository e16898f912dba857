// What the explorer finds, and that it plays every schedule once.

#include "in_a_case.hpp"

#include <harness/explorer.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

using harness::Blocks;
using harness::Cell;
using harness::Explored;
using harness::ExploredMutex;
using harness::Kind;
using harness::Play;
using harness_tests::contains;
using harness_tests::in_a_case;

namespace {

/// What becomes of a search.
template <class Body>
harness::Verdict explored(unsigned preemptions, Body body) {
    return in_a_case([&] { harness::explore({.preemptions = preemptions}, body); });
}

/// The schedules of two threads with so many steps each.
std::size_t schedules(int steps_of_a, int steps_of_b, unsigned preemptions) {
    return harness::explore({.preemptions = preemptions}, [&](Play& play) {
        Explored<int> number = 0;
        const auto work = [&](int steps) {
            for (int i = 0; i < steps; ++i) {
                number.fetch_add(1);
            }
        };
        play.threads([&] { work(steps_of_a); }, [&] { work(steps_of_b); });
    });
}

/// A flag that hands a variable over, with these two orders.
harness::Verdict handed_over(std::memory_order store, std::memory_order load) {
    return explored(2, [=](Play& play) {
        Explored<bool> ready = false;
        Cell payload{"the payload"};
        play.threads(
            [&] {
                payload.write();
                ready.store(true, store);
            },
            [&] {
                if (ready.load(load)) {
                    payload.read();
                }
            });
    });
}

}  // namespace

TEST_CASE("the explorer plays every schedule, and each once") {
    CHECK(schedules(1, 1, 3) == 2);
    CHECK(schedules(2, 2, 3) == 6);      // 4 over 2
    CHECK(schedules(3, 3, 5) == 20);     // 6 over 3
    CHECK(schedules(4, 4, 7) == 70);     // 8 over 4
    CHECK(schedules(2, 5, 7) == 21);     // 7 over 2
    CHECK(schedules(3, 3, 0) == 2);      // one after the other
    CHECK(schedules(3, 3, 1) == 2 + 4);  // either may be stopped in two places
}

TEST_CASE("the explorer finds an update that is lost") {
    const harness::Verdict verdict = explored(2, [](Play& play) {
        Explored<int> number = 0;
        const auto work = [&] { number.store(number.load() + 1); };
        play.threads(work, work);
        play.expect(number.load() == 2, "both additions count");
    });

    CHECK(verdict.kind == Kind::wrong);
    CHECK(contains(verdict.summary, "both additions count"));
    CHECK(contains(verdict.story, "number is 0, seq_cst"));
    CHECK(contains(verdict.story, "number = 1, seq_cst"));
}

TEST_CASE("release and acquire make an order, and nothing less does") {
    using std::memory_order_acquire;
    using std::memory_order_relaxed;
    using std::memory_order_release;

    CHECK(handed_over(memory_order_release, memory_order_acquire).kind == Kind::done);
    CHECK(handed_over(memory_order_relaxed, memory_order_acquire).kind == Kind::wrong);
    CHECK(handed_over(memory_order_release, memory_order_relaxed).kind == Kind::wrong);
    CHECK(contains(handed_over(memory_order_relaxed, memory_order_acquire).summary,
                   "a data race: b reads the payload, and nothing makes that happen after a wrote "
                   "it"));
}

TEST_CASE("a read-modify-write passes on what was released, a store does not") {
    const auto by_way_of = [](auto pass_on) {
        return explored(2, [=](Play& play) {
            Explored<int> number = 0;
            Cell payload{"the payload"};
            play.threads(
                [&] {
                    payload.write();
                    number.store(1, std::memory_order_release);
                },
                [&] {
                    if (number.load(std::memory_order_relaxed) == 1) {
                        pass_on(number);
                    }
                },
                [&] {
                    if (number.load(std::memory_order_acquire) == 2) {
                        payload.read();
                    }
                });
        });
    };

    CHECK(by_way_of([](Explored<int>& n) { n.fetch_add(1, std::memory_order_relaxed); }).kind ==
          Kind::done);
    CHECK(by_way_of([](Explored<int>& n) { n.store(2, std::memory_order_relaxed); }).kind ==
          Kind::wrong);
}

TEST_CASE("two locks in two orders are a deadlock") {
    const harness::Verdict verdict = explored(1, [](Play& play) {
        ExploredMutex first;
        ExploredMutex second;
        play.threads(
            [&] {
                first.lock();
                second.lock();
                second.unlock();
                first.unlock();
            },
            [&] {
                second.lock();
                first.lock();
                first.unlock();
                second.unlock();
            });
    });

    CHECK(verdict.kind == Kind::wrong);
    CHECK(contains(verdict.summary, "nobody can go on: a waits for the mutex"));
}

TEST_CASE("spinning for what never comes is noticed, and so is a sleeper that nobody wakes") {
    const harness::Verdict spins = explored(1, [](Play& play) {
        Explored<bool> flag = false;
        play.threads([&] {
            while (!flag.load()) {
            }
        });
    });
    const harness::Verdict sleeps = explored(1, [](Play& play) {
        Explored<bool> flag = false;
        play.threads([&] { flag.wait(false); }, [&] { flag.store(true); });
    });

    CHECK(contains(spins.summary, "nobody gets any further: a waits for flag"));
    CHECK(contains(sleeps.summary, "nobody can go on: a waits for flag"));
}

TEST_CASE("threads that change something for ever are a livelock") {
    const harness::Verdict verdict = explored(0, [](Play& play) {
        Explored<int> number = 0;
        play.threads([&] {
            while (true) {
                number.fetch_add(1);
            }
        });
    });

    CHECK(contains(verdict.summary, "after 4000 steps the threads are still not through"));
}

TEST_CASE("a weak exchange may fail for no reason") {
    const harness::Verdict verdict = explored(1, [](Play& play) {
        Explored<int> number = 0;
        play.threads([&] {
            int old = 0;
            play.expect(number.compare_exchange_weak(old, 1), "nobody else is there");
        });
    });

    CHECK(verdict.kind == Kind::wrong);
    CHECK(contains(verdict.story, "but the weak exchange fails"));
}

TEST_CASE("a block that is handed out twice is told with both holders") {
    const harness::Verdict verdict = explored(1, [](Play& play) {
        char bytes[16];
        Blocks blocks;
        const auto take = [&] { blocks.got(bytes, 16); };
        play.threads(take, take);
    });

    CHECK(contains(verdict.summary, "block A is handed to b while a still holds it"));
}

TEST_CASE("a schedule is played again by its name") {
    const auto body = [](Play& play) {
        Explored<int> number = 0;
        const auto work = [&] { number.store(number.load() + 1); };
        play.threads(work, work);
        play.expect(number.load() == 2, "both additions count");
    };
    const std::string first = explored(3, body).story;
    const std::size_t at = first.find("WORKSHOP_SCHEDULE=");
    REQUIRE(at != std::string::npos);
    const std::string name = first.substr(at + 18, first.find('\n', at) - at - 18);

    setenv("WORKSHOP_SCHEDULE", name.c_str(), 1);
    const std::string again = explored(3, body).story;
    setenv("WORKSHOP_SCHEDULE", "0", 1);
    const harness::Verdict simplest = explored(3, body);
    unsetenv("WORKSHOP_SCHEDULE");

    CHECK(again.substr(0, again.find("Schedule")) == first.substr(0, first.find("Schedule")));
    CHECK(simplest.kind == Kind::done);
}

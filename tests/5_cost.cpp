// The judge of step 5, task 5.5: the measuring, not what was measured. Times depend on the machine
// and on who else uses it, so what is asked of them here is true on every machine.

#include <cost.hpp>

#include <harness/judge.hpp>
#include <harness/stress.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using std::size_t;
using workshop::Cost;

namespace {

constexpr unsigned most_threads = 8;

/// Work of any kind, so that measure() is compiled once.
HARNESS_OWN Cost measure(unsigned threads, size_t operations, harness::FunctionRef<unsigned> work) {
    return workshop::measure(threads, operations, work);
}

HARNESS_OWN double seconds_of(std::chrono::steady_clock::duration time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

TEST_SUITE("5.5 what a lock costs" * doctest::description("CONCEPTS.md, 'Contention'")) {
    TEST_CASE("each thread does every operation, and no more") {
        for (const unsigned threads : {1U, 2U, 3U, 8U}) {
            for (const size_t operations : {1, 2, 100}) {
                std::atomic<size_t> calls[most_threads] = {};

                (void)measure(threads, operations, [&](unsigned thread) { ++calls[thread]; });

                for (unsigned thread = 0; thread < most_threads; ++thread) {
                    CAPTURE(threads);
                    CAPTURE(thread);
                    CHECK(calls[thread] == (thread < threads ? operations : 0));
                }
            }
        }
    }

    TEST_CASE("each number is a thread of its own, for all its operations") {
        std::thread::id ids[4] = {};
        std::atomic<bool> moved = false;

        const Cost cost = measure(4, 10, [&](unsigned thread) HARNESS_OWN {
            if (ids[thread] == std::thread::id{}) {
                ids[thread] = std::this_thread::get_id();
            } else if (ids[thread] != std::this_thread::get_id()) {
                moved = true;
            }
        });

        REQUIRE(cost.operations_per_second > 0);
        CHECK_FALSE(moved);
        for (int i = 0; i < 4; ++i) {
            for (int j = 0; j < i; ++j) {
                CHECK(ids[i] != ids[j]);
            }
        }
    }

    TEST_CASE("the threads work at the same time", {.timeout = 3}) {
        std::atomic<unsigned> inside = 0;

        // Each waits in its operation until all others are in theirs.
        const Cost cost = measure(4, 1, [&](unsigned) HARNESS_OWN {
            ++inside;
            while (inside != 4) {
                harness::rest(0);
            }
        });

        CHECK(cost.operations_per_second > 0);
    }

    TEST_CASE("nobody begins before all are there") {
        for (int i = 0; i < 20; ++i) {
            std::atomic<bool> begun = false;
            std::atomic<size_t> there = 0;

            const Cost cost = measure(most_threads, 1, [&](unsigned) HARNESS_OWN {
                if (!begun.exchange(true)) {
                    there = harness::count_threads();
                }
                while (there == 0) {  // nobody ends before they are counted
                    harness::rest(0);
                }
            });

            REQUIRE(cost.operations_per_second > 0);
            CHECK(there > most_threads);  // and the one that measures
        }
    }

    TEST_CASE("the rate counts the operations of all threads, over the time that all took") {
        constexpr int operations = 5;
        constexpr unsigned threads = 3;
        const auto before = std::chrono::steady_clock::now();

        const Cost cost = measure(threads, operations, [](unsigned) { harness::rest(2); });

        const double whole = seconds_of(std::chrono::steady_clock::now() - before);
        const bool not_too_slow = cost.operations_per_second >= operations * threads / whole;
        const bool not_too_fast = cost.operations_per_second <= operations * threads / 0.01;
        CHECK(not_too_slow);
        CHECK(not_too_fast);
    }

    TEST_CASE("the time goes on until the slowest is through") {
        const Cost cost =
            measure(3, 1, [](unsigned thread) { harness::rest(thread == 1 ? 20 : 0); });

        REQUIRE(cost.operations_per_second > 0);
        const bool waits_for_the_slowest = cost.operations_per_second <= 3 / 0.02;
        CHECK(waits_for_the_slowest);
    }

    TEST_CASE("unfairness is the slowest thread's time over the fastest's") {
        bool noticed = false;
        for (int i = 0; i < 5 && !noticed; ++i) {  // a busy machine may delay everybody, once
            const Cost cost =
                measure(3, 1, [](unsigned thread) { harness::rest(thread == 0 ? 30 : 1); });
            REQUIRE(cost.operations_per_second > 0);
            const bool at_least_one = cost.unfairness >= 1;
            CHECK(at_least_one);
            noticed = cost.unfairness >= 2;
        }
        CHECK(noticed);
    }

    TEST_CASE("a single thread is fair to itself") {
        const Cost cost = measure(1, 3, [](unsigned) { harness::rest(1); });

        const bool fair = cost.unfairness == 1;
        CHECK(fair);
    }
}

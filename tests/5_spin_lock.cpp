// The judge of step 5, task 5.1.

#include <spin_lock.hpp>

#include <harness/explorer.hpp>
#include <harness/judge.hpp>
#include <harness/stress.hpp>
#include <harness/threads.hpp>

#include <type_traits>

using harness::Cell;
using harness::Explored;
using harness::Play;
using std::size_t;
using workshop::SpinLock;

namespace {

std::atomic<size_t> looks = 0;
std::atomic<size_t> writes = 0;
std::atomic<size_t> yields = 0;

/// A std::atomic that counts how it is used.
template <class T>
struct Counted {
    static constexpr bool is_always_lock_free = true;

    Counted(T initial = T{}) : value{initial} {}

    HARNESS_OWN T load(std::memory_order order = std::memory_order_seq_cst) const {
        ++looks;
        return value.load(order);
    }
    operator T() const { return load(); }
    HARNESS_OWN void store(T desired, std::memory_order order = std::memory_order_seq_cst) {
        ++writes;
        value.store(desired, order);
    }
    T operator=(T desired) {
        store(desired);
        return desired;
    }
    HARNESS_OWN T exchange(T desired, std::memory_order order = std::memory_order_seq_cst) {
        ++writes;
        return value.exchange(desired, order);
    }
    template <class... Order>
    HARNESS_OWN bool compare_exchange_weak(T& expected, T desired, Order... order) {
        ++writes;
        return value.compare_exchange_weak(expected, desired, order...);
    }
    template <class... Order>
    HARNESS_OWN bool compare_exchange_strong(T& expected, T desired, Order... order) {
        ++writes;
        return value.compare_exchange_strong(expected, desired, order...);
    }
    HARNESS_OWN void wait(T old, std::memory_order order = std::memory_order_seq_cst) const {
        value.wait(old, order);
    }
    void notify_one() { value.notify_one(); }
    void notify_all() { value.notify_all(); }

    std::atomic<T> value;
};

struct Waiting {
    size_t looks, writes, yields;
};

/// What somebody does who waits for a lock on another thread, up to `enough` looks at it or until
/// the processor is given up; but for no longer than two seconds.
HARNESS_OWN Waiting watch_somebody_wait(size_t enough) {
    SpinLock<Counted> lock;
    const auto wait = [&]() HARNESS_OWN {
        lock.lock();
        lock.unlock();
    };
    lock.lock();
    writes = 0;
    looks = 0;
    yields = 0;
    harness::in_another_thread(wait, 10);
    for (int i = 0; i < 200 && looks + writes < enough && yields == 0; ++i) {
        harness::rest(10);
    }
    const Waiting result{looks, writes, yields};
    lock.unlock();
    harness::join_other_threads();
    return result;
}

}  // namespace

// Takes the place of the C library's, which std::this_thread::yield() calls as well.
extern "C" int sched_yield() noexcept {
    ++yields;
    harness::rest(0);
    return 0;
}

TEST_SUITE("5.1 SpinLock" * doctest::description("CONCEPTS.md, 'Locks'")) {
    TEST_CASE("try_lock takes a lock that is free, and only that") {
        SpinLock<> lock;

        CHECK(lock.try_lock());
        CHECK_FALSE(lock.try_lock());
        CHECK_FALSE(lock.try_lock());
        lock.unlock();
        CHECK(lock.try_lock());
    }

    TEST_CASE("what lock has taken, try_lock does not get, until unlock") {
        SpinLock<> lock;

        lock.lock();
        CHECK_FALSE(lock.try_lock());
        lock.unlock();
        REQUIRE(lock.try_lock());
        lock.unlock();
        lock.lock();
        CHECK_FALSE(lock.try_lock());
        lock.unlock();
    }

    TEST_CASE("locks do not know of each other, and are neither copied nor moved") {
        SpinLock<> first;
        SpinLock<> second;

        REQUIRE(first.try_lock());
        CHECK(second.try_lock());
        CHECK_FALSE(std::is_copy_constructible_v<SpinLock<>>);
        CHECK_FALSE(std::is_copy_assignable_v<SpinLock<>>);
        CHECK_FALSE(std::is_move_constructible_v<SpinLock<>>);
    }

    TEST_CASE("every interleaving of two threads: one at a time, and each sees what the last wrote",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) HARNESS_OWN {
            SpinLock<Explored> lock;
            Cell counter{"the counter"};
            const auto work = [&]() HARNESS_OWN {
                for (int i = 0; i < 2; ++i) {
                    lock.lock();
                    counter.read();
                    counter.write();
                    lock.unlock();
                }
            };
            play.threads(work, work);
        });
    }

    TEST_CASE("every interleaving with try_lock", {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) HARNESS_OWN {
            SpinLock<Explored> lock;
            Cell counter{"the counter"};
            int got = 0;
            const auto work = [&]() HARNESS_OWN {
                if (lock.try_lock()) {
                    got += 1;
                    counter.write();
                    lock.unlock();
                }
            };
            play.threads(work, work);
            play.expect(got != 0, "one of two threads gets a lock that is free");
            play.expect(lock.try_lock(), "the lock is free in the end");
        });
    }

    TEST_CASE("every interleaving of three threads", {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 2}, [](Play& play) HARNESS_OWN {
            SpinLock<Explored> lock;
            Cell counter{"the counter"};
            const auto work = [&]() HARNESS_OWN {
                lock.lock();
                counter.write();
                lock.unlock();
            };
            play.threads(work, work, work);
        });
    }

    TEST_CASE("who waits only looks, and does not write") {
        SpinLock<> starter;
        REQUIRE(starter.try_lock());  // so that a starter is red here

        const size_t writes_of_one = watch_somebody_wait(1000).writes;

        CHECK(writes_of_one <= 10);  // a few attempts are as good as one
    }

    TEST_CASE("who waits for long gives up the processor") {
        SpinLock<> starter;
        REQUIRE(starter.try_lock());  // so that a starter is red here

        constexpr size_t many = 1'000'000;
        const Waiting waiting = watch_somebody_wait(many);

        // Who sleeps takes few looks.
        const bool gave_up = waiting.yields != 0 || waiting.looks + waiting.writes < many;
        CHECK(gave_up);
    }

    TEST_CASE("more threads than processors: no increment is lost") {
        const size_t rounds = harness::stress_rounds();
        SpinLock<> lock;
        size_t counter = 0;
        REQUIRE(lock.try_lock());
        lock.unlock();

        harness::in_threads(8, [&](unsigned who) HARNESS_OWN {
            for (size_t i = 0; i < rounds; ++i) {
                if (who % 2 == 0) {
                    lock.lock();
                } else {
                    while (!lock.try_lock()) {
                        harness::rest(0);
                    }
                }
                counter += 1;
                lock.unlock();
            }
        });

        CHECK(counter == 8 * rounds);
    }
}

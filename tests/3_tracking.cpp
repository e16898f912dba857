// The judge of step 3, tasks 3.1 and 3.2: counters, and the peak.

#include "3_trackers.hpp"

#include <harness/guarded_buffer.hpp>
#include <harness/threads.hpp>
#include <harness/watched_subject.hpp>

#include <atomic>

using harness::GuardedBuffer;

namespace {

constexpr size_t largest = PTRDIFF_MAX;

using Counting = Made<bridge::Tracker, bridge::counting>;

/// The same, to be played through every order in which two threads can come.
using Explored = Made<bridge::Counters, bridge::counting_explored>;

/// What another thread sees while a call is in upstream. Where it has to wait for the call to end,
/// it sees nothing, and that is fine, too.
class Look {
public:
    explicit Look(const bridge::Tracker& tracked) : read_{tracked} {}

    /// To be called in the middle of a call.
    void operator()() const {
        harness::in_another_thread(read_, 50);
        read_.over = true;
    }

    void expect(size_t blocks, size_t bytes) {
        read_.over = false;
        read_.blocks = blocks;
        read_.bytes = bytes;
    }
    size_t blocks() const { return read_.blocks; }
    size_t bytes() const { return read_.bytes; }

private:
    struct Read {
        void operator()() const {
            const size_t blocks_now = tracked.live_blocks();
            const size_t bytes_now = tracked.live_bytes();
            if (!over) {
                blocks = blocks_now;
                bytes = bytes_now;
            }
        }
        const bridge::Tracker& tracked;
        mutable std::atomic<bool> over = false;
        mutable std::atomic<size_t> blocks = 0;
        mutable std::atomic<size_t> bytes = 0;
    };
    Read read_;
};

struct Pair {
    size_t size;
    size_t alignment;
};

}  // namespace

TEST_SUITE("3.1 counters" * doctest::description("CONCEPTS.md, 'Tracking'")) {
    TEST_CASE("a request reaches upstream once, its layout untouched, and so does the block") {
        Upstream upstream;
        Counting tracked{upstream};

        for (const auto& [size, alignment] : {Pair{24, 8}, {1, 1}, {0, 1}, {1, 4096}, {5, 2}}) {
            void* const block = tracked->allocate(layout(size, alignment));

            CHECK(block != nullptr);
            CHECK(block == upstream.last_block);
            CHECK(upstream.last_size == size);
            CHECK(upstream.last_alignment == alignment);
        }
        CHECK(upstream.allocations() == 5);
        CHECK(upstream.deallocations() == 0);
    }

    TEST_CASE("a block that is given back reaches upstream once, with its layout") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const first = tracked->allocate(layout(20, 8));
        void* const second = tracked->allocate(layout(0, 64));
        REQUIRE(second != nullptr);

        tracked->deallocate(first, layout(20, 8));
        CHECK(upstream.deallocations() == 1);
        CHECK(upstream.last_block == first);
        CHECK(upstream.last_size == 20);
        CHECK(upstream.last_alignment == 8);

        tracked->deallocate(second, layout(0, 64));
        CHECK(upstream.deallocations() == 2);
        CHECK(upstream.last_block == second);
        CHECK(upstream.last_size == 0);
        CHECK(upstream.last_alignment == 64);
        CHECK(upstream.allocations() == 2);
    }

    TEST_CASE("a new tracker has counted nothing") {
        Upstream upstream;
        Counting tracked{upstream};

        CHECK(tracked->live_blocks() == 0);
        CHECK(tracked->live_bytes() == 0);
        CHECK(tracked->total_blocks() == 0);
        CHECK(tracked->total_bytes() == 0);
        CHECK(tracked->failures() == 0);
        CHECK(tracked->allocate(layout(1, 1)) != nullptr);  // so that a starter is red here
    }

    TEST_CASE("exactly the bytes asked for are counted: no padding, no rounding") {
        Upstream upstream;
        Counting tracked{upstream};

        REQUIRE(tracked->allocate(layout(1, 64)) != nullptr);
        CHECK(tracked->live_bytes() == 1);
        REQUIRE(tracked->allocate(layout(13, 8)) != nullptr);
        CHECK(tracked->live_bytes() == 14);
        REQUIRE(tracked->allocate(layout(100, 1)) != nullptr);
        CHECK(tracked->live_bytes() == 114);

        CHECK(tracked->live_blocks() == 3);
        CHECK(tracked->total_blocks() == 3);
        CHECK(tracked->total_bytes() == 114);
        CHECK(tracked->failures() == 0);
    }

    TEST_CASE("a block of size 0 counts as a block of no bytes") {
        Upstream upstream;
        Counting tracked{upstream};

        void* const block = tracked->allocate(layout(0, 8));
        REQUIRE(block != nullptr);
        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->live_bytes() == 0);
        CHECK(tracked->total_bytes() == 0);

        tracked->deallocate(block, layout(0, 8));
        CHECK(tracked->live_blocks() == 0);
        CHECK(tracked->live_bytes() == 0);
    }

    TEST_CASE("what is given back is no longer live, and still counts in all") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const first = tracked->allocate(layout(10, 1));
        void* const second = tracked->allocate(layout(200, 8));
        REQUIRE(second != nullptr);

        tracked->deallocate(first, layout(10, 1));
        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->live_bytes() == 200);

        tracked->deallocate(second, layout(200, 8));
        CHECK(tracked->live_blocks() == 0);
        CHECK(tracked->live_bytes() == 0);
        CHECK(tracked->total_blocks() == 2);
        CHECK(tracked->total_bytes() == 210);
        CHECK(tracked->failures() == 0);
    }

    TEST_CASE("a block that is handed out again counts again") {
        Upstream upstream;
        Counting tracked{upstream};

        for (size_t i = 1; i <= 100; ++i) {
            void* const block = tracked->allocate(layout(24, 8));
            REQUIRE(block != nullptr);
            CHECK(tracked->live_bytes() == 24);
            CHECK(tracked->total_blocks() == i);
            tracked->deallocate(block, layout(24, 8));
            CHECK(tracked->live_bytes() == 0);
        }
        CHECK(tracked->total_bytes() == 2400);
    }

    TEST_CASE("a request that upstream refuses counts as failed, and as nothing else") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const block = tracked->allocate(layout(10, 1));
        REQUIRE(block != nullptr);
        upstream.refuse = true;

        CHECK(tracked->allocate(layout(20, 4)) == nullptr);
        CHECK(tracked->allocate(layout(0, 1)) == nullptr);
        CHECK(tracked->allocate(layout(largest, 1)) == nullptr);

        CHECK(tracked->failures() == 3);
        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->live_bytes() == 10);
        CHECK(tracked->total_blocks() == 1);
        CHECK(tracked->total_bytes() == 10);
        CHECK(upstream.allocations() == 4);
        CHECK(upstream.deallocations() == 0);
    }

    TEST_CASE("nullptr given back counts as nothing") {
        Upstream upstream;
        Counting tracked{upstream};
        tracked->deallocate(nullptr, layout(8, 8));
        CHECK(tracked->live_blocks() == 0);
        CHECK(tracked->live_bytes() == 0);
        REQUIRE(tracked->allocate(layout(8, 8)) != nullptr);

        tracked->deallocate(nullptr, layout(8, 8));
        tracked->deallocate(nullptr, layout(0, 1));

        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->live_bytes() == 8);
        CHECK(tracked->total_blocks() == 1);
        CHECK(tracked->failures() == 0);
    }

    TEST_CASE("the largest blocks there are can be counted") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const first = tracked->allocate(layout(largest, 1));
        void* const second = tracked->allocate(layout(largest, 1));
        REQUIRE(second != nullptr);

        CHECK(tracked->live_bytes() == 2 * largest);
        CHECK(tracked->total_bytes() == 2 * largest);
        tracked->deallocate(first, layout(largest, 1));
        CHECK(tracked->live_bytes() == largest);
    }

    TEST_CASE("a block counts from when upstream has handed it out until upstream gets it back") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const block = tracked->allocate(layout(10, 1));
        REQUIRE(block != nullptr);
        Look look{*tracked};

        look.expect(1, 10);
        upstream.on_allocate = look;
        REQUIRE(tracked->allocate(layout(100, 1)) != nullptr);
        harness::join_other_threads();
        CHECK(look.blocks() == 1);
        CHECK(look.bytes() == 10);

        look.expect(1, 100);
        upstream.on_deallocate = look;
        tracked->deallocate(block, layout(10, 1));
        harness::join_other_threads();
        CHECK(look.blocks() == 1);
        CHECK(look.bytes() == 100);
    }

    TEST_CASE("after reset nothing is live, and the totals stay") {
        Upstream upstream;
        Counting tracked{upstream};
        REQUIRE(tracked->allocate(layout(10, 1)) != nullptr);
        REQUIRE(tracked->allocate(layout(20, 1)) != nullptr);
        upstream.refuse = true;
        REQUIRE(tracked->allocate(layout(30, 1)) == nullptr);
        upstream.refuse = false;

        tracked->reset();

        CHECK(upstream.resets() == 1);
        CHECK(tracked->live_blocks() == 0);
        CHECK(tracked->live_bytes() == 0);
        CHECK(tracked->total_blocks() == 2);
        CHECK(tracked->total_bytes() == 30);
        CHECK(tracked->failures() == 1);

        REQUIRE(tracked->allocate(layout(5, 1)) != nullptr);
        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->live_bytes() == 5);
        CHECK(tracked->total_blocks() == 3);
    }

    TEST_CASE("a block that changes its size where it stands counts with its new size") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const block = tracked->allocate(layout(10, 4));
        REQUIRE(block != nullptr);

        CHECK(tracked->try_resize(block, layout(10, 4), layout(30, 4)));
        CHECK(tracked->live_bytes() == 30);
        CHECK(tracked->total_bytes() == 30);
        CHECK(tracked->try_resize(block, layout(30, 4), layout(7, 4)));
        CHECK(tracked->live_bytes() == 7);
        CHECK(tracked->total_bytes() == 30);
        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->total_blocks() == 1);

        upstream.refuse = true;
        CHECK_FALSE(tracked->try_resize(block, layout(7, 4), layout(50, 4)));
        CHECK(tracked->live_bytes() == 7);
        CHECK(tracked->total_bytes() == 30);
        CHECK(tracked->failures() == 0);
    }

    TEST_CASE("what else upstream offers is offered and passed on, and nothing more") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const block = tracked->allocate(layout(10, 4));
        REQUIRE(block != nullptr);

        CHECK(tracked->owns(block));
        CHECK_FALSE(tracked->owns(&tracked));
        CHECK(tracked->check());
        upstream.sound = false;
        CHECK_FALSE(tracked->check());
        size_t visited = 0;
        const auto visit = [&](size_t offset, size_t size, int) { visited += offset + size; };
        tracked->for_each_block(visit);
        CHECK(visited == 1 + 20 + 300 + 4000);

        const bridge::Offers offered = bridge::offers_on_all();
        CHECK(offered.reset);
        CHECK(offered.try_resize);
        const bridge::Offers offered_though_upstream_has_none = bridge::offers_on_none();
        CHECK_FALSE(offered_though_upstream_has_none.owns);
        CHECK_FALSE(offered_though_upstream_has_none.reset);
        CHECK_FALSE(offered_though_upstream_has_none.check);
        CHECK_FALSE(offered_though_upstream_has_none.try_resize);
    }

    TEST_CASE("it keeps the contract: an Allocator that neither copies nor moves") {
        Upstream upstream;
        Counting tracked{upstream};
        REQUIRE(tracked->allocate(layout(1, 1)) != nullptr);

        const bridge::Promises promises = tracked->promises();
        CHECK(promises.is_an_allocator);
        CHECK_FALSE(promises.can_be_copied);
        CHECK_FALSE(promises.can_be_assigned);
        CHECK_FALSE(promises.can_be_moved);
        CHECK_FALSE(promises.can_be_move_assigned);
    }

    TEST_CASE("trackers stack, and each counts for itself") {
        GuardedBuffer buffer{300};
        const bridge::Owner<bridge::TrackedBump> stack = bridge::tracked_bump(buffer.span());
        void* const first = stack->allocate_from_inner(layout(1, 1));
        void* const second = stack->allocate(10, 1);
        REQUIRE(second != nullptr);

        CHECK(stack->inner().live_bytes == 11);
        CHECK(stack->outer().live_bytes == 10);
        stack->deallocate(second, 10, 1);
        stack->deallocate_to_inner(first, layout(1, 1));
        CHECK(stack->inner().live_bytes == 0);
        CHECK(stack->outer().live_bytes == 0);
    }

    TEST_CASE("a bump allocator behind it serves as well as without it") {
        GuardedBuffer buffer{300, 5};
        const bridge::Owner<bridge::TrackedBump> stack = bridge::tracked_bump(buffer.span());
        harness::WatchedSubject bump{buffer, *stack};
        REQUIRE(bump.allocate(7, 1) != nullptr);

        for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
            CHECK(bump.allocate(3, alignment) != nullptr);
            CHECK(stack->outer().live_bytes == bump.shadow().live_bytes());
        }
        const size_t used = stack->used();
        std::byte* const newest = bump.allocate(9, 1);
        CHECK(newest != nullptr);
        bump.deallocate(newest, 9, 1);
        CHECK(stack->used() == used);
        CHECK(stack->outer().live_bytes == bump.shadow().live_bytes());
        bump.reset();
        CHECK(bump.allocate(300, 1) != nullptr);
        CHECK(bump.allocate(1, 1) == nullptr);
        CHECK(stack->outer().live_blocks == 1);
    }

    TEST_CASE("two threads at once: no count is lost") {
        harness::explore({.preemptions = 2}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            play.threads(
                [&] {
                    void* const block = tracked->allocate(layout(3, 1));
                    tracked->deallocate(block, layout(3, 1));
                },
                [&] { (void)tracked->allocate(layout(50, 1)); });

            play.expect(tracked->live_blocks() == 1, "one block is live in the end");
            play.expect(tracked->live_bytes() == 50, "its 50 bytes are live in the end");
            play.expect(tracked->total_blocks() == 2, "two blocks were handed out");
            play.expect(tracked->total_bytes() == 53, "53 bytes were handed out");
        });
    }

    TEST_CASE("two threads at once: no block stays live that was given back") {
        harness::explore({.preemptions = 2}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            void* const block = tracked->allocate(layout(3, 1));
            const auto give_back = [&] { tracked->deallocate(block, layout(3, 1)); };
            (void)tracked->allocate(layout(3, 1));
            play.threads(give_back, give_back);

            play.expect(tracked->live_blocks() == 0, "no block is live in the end");
            play.expect(tracked->live_bytes() == 0, "no byte is live in the end");
        });
    }

    TEST_CASE("two threads at once: no failure is lost") {
        harness::explore({.preemptions = 2}, [](Play& play) {
            Upstream upstream{Upstream::Serves::nothing};
            Explored tracked{upstream};
            const auto fail = [&] { (void)tracked->allocate(layout(3, 1)); };
            play.threads(fail, fail);

            play.expect(tracked->failures() == 2, "two requests failed");
        });
    }
}

TEST_SUITE("3.2 the peak" * doctest::description("CONCEPTS.md, 'Tracking'")) {
    TEST_CASE("the peak is the most that was ever live") {
        Upstream upstream;
        Counting tracked{upstream};
        CHECK(tracked->stats().peak_bytes == 0);

        void* const first = tracked->allocate(layout(100, 8));
        REQUIRE(first != nullptr);
        CHECK(tracked->peak_bytes() == 100);
        void* const second = tracked->allocate(layout(50, 8));
        CHECK(tracked->peak_bytes() == 150);

        tracked->deallocate(first, layout(100, 8));
        CHECK(tracked->peak_bytes() == 150);
        void* const third = tracked->allocate(layout(99, 8));
        CHECK(tracked->peak_bytes() == 150);
        REQUIRE(tracked->allocate(layout(2, 1)) != nullptr);
        CHECK(tracked->peak_bytes() == 151);

        tracked->deallocate(second, layout(50, 8));
        tracked->deallocate(third, layout(99, 8));
        CHECK(tracked->peak_bytes() == 151);
        CHECK(tracked->stats().peak_bytes == 151);
    }

    TEST_CASE("a refused request does not raise it") {
        Upstream upstream;
        Counting tracked{upstream};
        CHECK(tracked->stats().peak_bytes == 0);
        REQUIRE(tracked->allocate(layout(100, 8)) != nullptr);
        upstream.refuse = true;

        CHECK(tracked->allocate(layout(1000, 8)) == nullptr);

        CHECK(tracked->peak_bytes() == 100);
        CHECK(tracked->stats().peak_bytes == 100);
    }

    TEST_CASE("a block that grows where it stands raises it, one that shrinks does not lower it") {
        Upstream upstream;
        Counting tracked{upstream};
        CHECK(tracked->stats().peak_bytes == 0);
        void* const block = tracked->allocate(layout(10, 1));
        REQUIRE(block != nullptr);

        REQUIRE(tracked->try_resize(block, layout(10, 1), layout(60, 1)));
        CHECK(tracked->peak_bytes() == 60);
        REQUIRE(tracked->try_resize(block, layout(60, 1), layout(20, 1)));
        CHECK(tracked->peak_bytes() == 60);
        CHECK(tracked->stats().live_bytes == 20);
    }

    TEST_CASE("reset leaves the peak") {
        Upstream upstream;
        Counting tracked{upstream};
        CHECK(tracked->stats().peak_bytes == 0);
        REQUIRE(tracked->allocate(layout(100, 1)) != nullptr);

        tracked->reset();
        CHECK(tracked->peak_bytes() == 100);
        REQUIRE(tracked->allocate(layout(30, 1)) != nullptr);
        CHECK(tracked->peak_bytes() == 100);
        REQUIRE(tracked->allocate(layout(71, 1)) != nullptr);
        CHECK(tracked->stats().peak_bytes == 101);
    }

    TEST_CASE("a quiet snapshot is exact") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const block = tracked->allocate(layout(40, 1));
        REQUIRE(tracked->allocate(layout(2, 1)) != nullptr);
        tracked->deallocate(block, layout(40, 1));
        upstream.refuse = true;
        REQUIRE(tracked->allocate(layout(1, 1)) == nullptr);

        const Stats now = tracked->stats();

        CHECK(now.live_blocks == 1);
        CHECK(now.live_bytes == 2);
        CHECK(now.peak_bytes == 42);
        CHECK(now.total_blocks == 2);
        CHECK(now.total_bytes == 42);
        CHECK(now.failures == 1);
        CHECK(tracked->stats() == now);
    }

    TEST_CASE("two threads at once: the peak misses no block") {
        harness::explore({.preemptions = 3}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            (void)tracked->stats();  // says "to do" where that is so
            play.threads([&] { (void)tracked->allocate(layout(10, 1)); },
                         [&] { (void)tracked->allocate(layout(200, 1)); });

            play.expect(tracked->peak_bytes() == 210, "both blocks are live, so the peak is 210");
            play.expect(tracked->stats().peak_bytes == 210, "the snapshot has that peak");
        });
    }

    TEST_CASE("two threads at once: the peak is no more than what was live") {
        harness::explore({.preemptions = 3}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            (void)tracked->stats();  // says "to do" where that is so
            void* const block = tracked->allocate(layout(100, 1));
            play.threads(
                [&] {
                    tracked->deallocate(block, layout(100, 1));
                    (void)tracked->allocate(layout(30, 1));
                },
                [&] { (void)tracked->allocate(layout(5, 1)); });

            const size_t peak = tracked->stats().peak_bytes;
            play.expect(peak == 100 || peak == 105, "the peak is 100 or 105");
        });
    }

    TEST_CASE("two threads at once: what anybody saw live is not above the peak") {
        harness::explore({.preemptions = 3}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            (void)tracked->stats();  // says "to do" where that is so
            void* const block = tracked->allocate(layout(100, 1));
            size_t seen = 0;
            play.threads([&] { (void)tracked->allocate(layout(30, 1)); },
                         [&] {
                             seen = tracked->live_bytes();
                             tracked->deallocate(block, layout(100, 1));
                         });

            play.expect(tracked->peak_bytes() >= seen,
                        "b saw so many live bytes, so the peak is at least that");
        });
    }

    TEST_CASE("the peak never falls, not even for a moment") {
        harness::explore({.preemptions = 3}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            (void)tracked->stats();  // says "to do" where that is so
            tracked->deallocate(tracked->allocate(layout(100, 1)), layout(100, 1));
            play.threads([&] { (void)tracked->allocate(layout(30, 1)); },
                         [&] {
                             const size_t first = tracked->peak_bytes();
                             play.expect(tracked->peak_bytes() >= first,
                                         "the peak is what it was, or higher");
                         });
        });
    }

    TEST_CASE("the peak of a snapshot is never below what is live, whatever other threads do") {
        harness::explore({.preemptions = 3}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            (void)tracked->stats();  // says "to do" where that is so
            play.threads([&] { (void)tracked->allocate(layout(10, 1)); },
                         [&] {
                             const Stats now = tracked->stats();
                             play.expect(now.peak_bytes >= now.live_bytes,
                                         "a snapshot's peak is at least what is live");
                         });
        });
    }

    TEST_CASE("what a snapshot says is live was live at some moment",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            tracked->deallocate(tracked->allocate(layout(120, 1)), layout(120, 1));
            (void)tracked->allocate(layout(100, 1));
            CHECK(tracked->stats().peak_bytes == 120);
            play.threads([&] { (void)tracked->allocate(layout(30, 1)); },
                         [&] {
                             const size_t live = tracked->stats().live_bytes;
                             play.expect(live == 100 || live == 130,
                                         "100 bytes are live, or 130, and no other number");
                         });
        });
    }
}

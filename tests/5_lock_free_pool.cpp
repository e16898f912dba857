// The judge of step 5, task 5.4.

#include <lock_free_pool.hpp>

#include <harness/churn.hpp>
#include <harness/explorer.hpp>
#include <harness/judge.hpp>

#include <type_traits>

using harness::Blocks;
using harness::Explored;
using harness::GuardedBuffer;
using harness::layout;
using harness::Play;
using harness::Stamps;
using harness::Watched;
using std::size_t;
using workshop::Layout;
using workshop::LockFreePool;

namespace {

constexpr size_t largest = PTRDIFF_MAX;
constexpr harness::ExploreRules once{.preemptions = 1, .weak_failures = false};
constexpr size_t rounds = harness::under_tsan ? 1 : 4;  // times stress_rounds

/// A pool with `capacity` blocks of 16 bytes under the explorer, whose atomics are large.
class ExploredPool {
public:
    HARNESS_OWN explicit ExploredPool(size_t capacity)
        : pool_{cut(capacity), layout(16, 16)}, all_{capacity} {}

    /// What a thread does: it gets a block, and writes into it.
    HARNESS_OWN void* get() {
        void* const block = pool_.allocate(layout(16, 16));
        blocks_.got(block, 16);
        return block;
    }

    /// It writes once more, and gives the block back.
    HARNESS_OWN void put(void* block) {
        blocks_.gives(block);
        pool_.deallocate(block, layout(16, 16));
    }

    HARNESS_OWN void put_all(std::initializer_list<void*> blocks) {
        for (void* const block : blocks) {
            put(block);
        }
    }

    /// Gets a block and gives it back, so many times.
    HARNESS_OWN void turn_over(int times) {
        for (int i = 0; i < times; ++i) {
            put(get());
        }
    }

    /// After the threads: every block can be had again, and no other.
    HARNESS_OWN void expect_all_back(Play& play) {
        for (size_t i = 0; i < all_; ++i) {
            void* const block = get();
            play.expect(block != nullptr, "in the end every block can be had; here one is lost");
        }
        play.expect(get() == nullptr, "in the end there are no more blocks than in the beginning");
    }

private:
    HARNESS_OWN static std::span<std::byte> cut(size_t capacity) {
        alignas(64) static std::byte buffer[1U << 12];
        size_t size = 0;
        while (size < sizeof buffer &&
               LockFreePool<Explored>{std::span{buffer}.first(size), layout(16, 16)}.capacity() <
                   capacity) {
            size += 4;
        }
        return std::span{buffer}.first(size);
    }

    LockFreePool<Explored> pool_;
    Blocks blocks_;
    size_t all_;
};

/// Blocks, until there are no more; returns how many that were.
HARNESS_OWN size_t take_all(Watched<LockFreePool<>>& pool, size_t size, size_t alignment) {
    size_t count = 0;
    while (pool.allocate(size, alignment) != nullptr) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_SUITE("5.4 LockFreePool" * doctest::description("CONCEPTS.md, 'ABA'")) {
    TEST_CASE("the first block lies in the buffer, aligned") {
        GuardedBuffer buffer{1000};
        Watched<LockFreePool<>> pool{buffer, layout(24, 8)};

        CHECK(pool.allocate(24, 8) != nullptr);
    }

    TEST_CASE("every block that it counts can be handed out, and not one more") {
        for (const size_t size : {1, 4, 7, 16, 24, 100}) {
            for (const size_t alignment : {1, 2, 4, 16, 64}) {
                GuardedBuffer buffer{2000};
                Watched<LockFreePool<>> pool{buffer, layout(size, alignment)};
                CAPTURE(size);
                CAPTURE(alignment);

                const size_t count = take_all(pool, size, alignment);

                CHECK(count != 0);
                CHECK(count == pool->capacity());
            }
        }
    }

    TEST_CASE("a block costs no more than its size, its padding and eight bytes for the link") {
        GuardedBuffer buffer{4096};
        Watched<LockFreePool<>> pool{buffer, layout(20, 8)};
        REQUIRE(pool.allocate(20, 8) != nullptr);

        CHECK(pool->capacity() >= (4096 - 64) / (24 + 8));
    }

    TEST_CASE("wherever the buffer begins, blocks are aligned and inside") {
        for (const size_t misalignment : {1, 2, 3, 7, 8, 15, 17, 33, 63}) {
            GuardedBuffer buffer{1000, misalignment};
            Watched<LockFreePool<>> pool{buffer, layout(10, 32)};

            CHECK(take_all(pool, 10, 32) >= 20);
        }
    }

    TEST_CASE("blocks and links lie inside, wherever the buffer begins and ends") {
        {
            GuardedBuffer large{200};
            Watched<LockFreePool<>> some{large, layout(1, 1)};
            REQUIRE(some.allocate(1, 1) != nullptr);  // so that a starter is red here
        }
        for (size_t size = 0; size < 40; ++size) {
            for (const size_t misalignment : {0, 1, 2, 3}) {
                GuardedBuffer buffer{size, misalignment};
                Watched<LockFreePool<>> pool{buffer, layout(1, 1)};
                CAPTURE(size);
                CAPTURE(misalignment);

                CHECK(take_all(pool, 1, 1) == pool->capacity());
            }
        }
    }

    TEST_CASE("blocks given back can be had again, in any order") {
        struct Kind {
            size_t size, alignment;
        };
        for (const auto& [size, alignment] : {Kind{16, 8}, {10, 16}, {1, 1}, {24, 32}}) {
            CAPTURE(size);
            CAPTURE(alignment);
            GuardedBuffer buffer{500};
            Watched<LockFreePool<>> pool{buffer, layout(size, alignment)};
            std::byte* blocks[8];
            for (std::byte*& block : blocks) {
                block = pool.allocate(size, alignment);
                REQUIRE(block != nullptr);
            }

            for (int i = 0; i < 200; ++i) {
                std::byte*& block = blocks[i * 5 % 8];
                pool.deallocate(block, size, alignment);
                block = pool.allocate(size, alignment);
                REQUIRE(block != nullptr);
            }
            for (const int i : {3, 0, 7, 1, 2, 6, 5, 4}) {
                pool.deallocate(blocks[i], size, alignment);
            }
            CHECK(take_all(pool, size, alignment) == pool->capacity());
        }
    }

    TEST_CASE("smaller requests are served, larger and stricter ones refused") {
        GuardedBuffer buffer{1000};
        Watched<LockFreePool<>> pool{buffer, layout(24, 8)};

        CHECK(pool.allocate(1, 1) != nullptr);
        CHECK(pool.allocate(0, 8) != nullptr);
        CHECK(pool.allocate(24, 4) != nullptr);
        CHECK(pool.allocate(25, 8) == nullptr);
        CHECK(pool.allocate(24, 16) == nullptr);
        CHECK(pool.allocate(1, 4096) == nullptr);
        CHECK(pool.allocate(largest, 1) == nullptr);
        CHECK(take_all(pool, 24, 8) == pool->capacity() - 3);
    }

    TEST_CASE("blocks of size 0 have addresses of their own") {
        GuardedBuffer buffer{200};
        Watched<LockFreePool<>> pool{buffer, layout(0, 1)};

        CHECK(pool.allocate(0, 1) != nullptr);
        CHECK(pool.allocate(0, 1) != nullptr);
    }

    TEST_CASE("nullptr is ignored, when all is free and when nothing is") {
        GuardedBuffer buffer{200};
        Watched<LockFreePool<>> pool{buffer, layout(16, 8)};
        pool.deallocate(nullptr, 16, 8);

        CHECK(take_all(pool, 16, 8) == pool->capacity());
        pool.deallocate(nullptr, 16, 8);
        CHECK(pool.allocate(16, 8) == nullptr);
    }

    TEST_CASE("a buffer too small for a block refuses everything") {
        GuardedBuffer large{100};
        Watched<LockFreePool<>> some{large, layout(16, 1)};
        REQUIRE(some.allocate(16, 1) != nullptr);  // so that a starter is red here

        for (const size_t size : {0, 1, 3, 15}) {
            GuardedBuffer buffer{size};
            Watched<LockFreePool<>> pool{buffer, layout(16, 1)};
            CHECK(pool->capacity() == 0);
            CHECK(pool.allocate(16, 1) == nullptr);
            CHECK(pool.allocate(0, 1) == nullptr);
        }
        LockFreePool<> nothing{{}, layout(1, 64)};
        CHECK(nothing.allocate(layout(1, 1)) == nullptr);
        GuardedBuffer buffer{1000};
        Watched<LockFreePool<>> pool{buffer, layout(1, 1U << 20)};
        (void)pool.allocate(1, 1);
        Watched<LockFreePool<>> huge{buffer, layout(largest, 1)};
        CHECK(huge.allocate(largest, 1) == nullptr);
    }

    TEST_CASE("owns is true for each byte of its blocks, and for nothing else") {
        GuardedBuffer buffer{1000, 64};
        Watched<LockFreePool<>> pool{buffer, layout(24, 8)};
        const int local = 0;
        std::byte* const block = pool.allocate(24, 8);
        REQUIRE(block != nullptr);

        CHECK(pool->owns(block));
        CHECK(pool->owns(block + 23));
        CHECK_FALSE(pool->owns(buffer.data() - 1));
        CHECK_FALSE(pool->owns(buffer.data() + 1000));
        CHECK_FALSE(pool->owns(&local));
        CHECK_FALSE(pool->owns(nullptr));
        size_t owned = 0;
        for (size_t i = 0; i < buffer.size(); ++i) {
            owned += pool->owns(buffer.data() + i) ? 1 : 0;
        }
        CHECK(owned == pool->capacity() * 24);
    }

    TEST_CASE(
        "it keeps the contract: an Allocator that neither copies nor moves, on its own lines") {
        GuardedBuffer buffer{200};
        Watched<LockFreePool<>> pool{buffer, layout(16, 8)};
        REQUIRE(pool.allocate(16, 8) != nullptr);

        CHECK(workshop::Allocator<LockFreePool<>>);
        CHECK_FALSE(std::is_copy_constructible_v<LockFreePool<>>);
        CHECK_FALSE(std::is_copy_assignable_v<LockFreePool<>>);
        CHECK_FALSE(std::is_move_constructible_v<LockFreePool<>>);
        CHECK_FALSE(std::is_move_assignable_v<LockFreePool<>>);
        CHECK(alignof(LockFreePool<>) % 64 == 0);
    }

    TEST_CASE("every interleaving of two threads that take a block each and give it back",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) HARNESS_OWN {
            ExploredPool pool{3};
            const auto work = [&]() HARNESS_OWN {
                void* const block = pool.get();
                play.expect(block != nullptr, "a block, as there are three for two threads");
                pool.put(block);
            };
            play.threads(work, work);
            pool.expect_all_back(play);
        });
    }

    TEST_CASE("every interleaving of a thread that takes one and another that takes all",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) HARNESS_OWN {
            ExploredPool pool{3};
            play.threads([&] { pool.put(pool.get()); },
                         [&]() HARNESS_OWN {
                             void* const first = pool.get();
                             void* const second = pool.get();
                             pool.put(first);
                             pool.put(pool.get());
                             pool.put(second);
                         });
            pool.expect_all_back(play);
        });
    }

    TEST_CASE("a head that comes back is not taken for the one that was read: ABA",
              {.skip = !harness::has_explorer}) {
        // While a is stopped in its first get, b brings the block that a has read back to the
        // front, and another one is behind it. A tag that comes round again is as good as none.
        for (int turns = 0; turns <= 16; ++turns) {
            for (const int others : {1, 2}) {
                harness::explore(once, [=](Play& play) HARNESS_OWN {
                    ExploredPool pool{3};
                    void* kept[2] = {};
                    void* got[2] = {};
                    play.threads([&] { got[0] = pool.get(), got[1] = pool.get(); },
                                 [&]() HARNESS_OWN {
                                     pool.turn_over(turns);
                                     void* const first = pool.get();
                                     for (int i = 0; i < others; ++i) {
                                         kept[i] = pool.get();
                                     }
                                     pool.put(first);
                                 });
                    pool.put_all({kept[0], kept[1], got[0], got[1]});
                    pool.expect_all_back(play);
                });
            }
        }
    }

    TEST_CASE("nor is a head that comes back in front of the same blocks in another order",
              {.skip = !harness::has_explorer}) {
        for (int turns = 0; turns <= 4; ++turns) {
            harness::explore(once, [=](Play& play) HARNESS_OWN {
                ExploredPool pool{3};
                void* got = nullptr;
                play.threads([&] { got = pool.get(); },
                             [&]() HARNESS_OWN {
                                 pool.turn_over(turns);
                                 void* const first = pool.get();
                                 void* const second = pool.get();
                                 void* const third = pool.get();
                                 pool.put_all({second, third, first});
                             });
                pool.put(got);
                pool.expect_all_back(play);
            });
        }
    }

    TEST_CASE("nor does a tag come again that a thread worked out before it was overtaken",
              {.skip = !harness::has_explorer}) {
        // b stands in front of its exchange, in put or in get, and has to try again when a and c
        // have moved the tag on. With the tag of its first try, the head becomes what a has read.
        harness::explore({.preemptions = 2, .weak_failures = false}, [](Play& play) HARNESS_OWN {
            ExploredPool pool{4};
            void* of_a = nullptr;
            void* of_b = pool.get();
            void* of_c = nullptr;
            play.threads([&] { pool.put(pool.get()), of_a = pool.get(); },
                         [&] { pool.put(of_b), of_b = pool.get(); },
                         [&]() HARNESS_OWN {
                             void* const first = pool.get();
                             of_c = pool.get();
                             pool.put(first);
                         });
            pool.put_all({of_a, of_b, of_c});
            pool.expect_all_back(play);
        });
        harness::explore({.preemptions = 2, .weak_failures = false}, [](Play& play) HARNESS_OWN {
            ExploredPool pool{4};
            void* of_a[2] = {};
            void* of_b = nullptr;
            void* of_c = nullptr;
            play.threads([&] { of_a[0] = pool.get(), of_a[1] = pool.get(); },
                         [&] { of_b = pool.get(); },
                         [&]() HARNESS_OWN {
                             void* const first = pool.get();
                             of_c = pool.get();
                             void* const third = pool.get();
                             pool.put_all({first, third});
                         });
            pool.put_all({of_a[0], of_a[1], of_b, of_c});
            pool.expect_all_back(play);
        });
    }

    TEST_CASE("every interleaving of three threads and two blocks",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 2, .weak_failures = false}, [](Play& play) HARNESS_OWN {
            ExploredPool pool{2};
            const auto work = [&] { pool.put(pool.get()); };
            play.threads(work, work, work);
            pool.expect_all_back(play);
        });
    }

    TEST_CASE("threads that come at the same moment to a new pool get different blocks") {
        GuardedBuffer buffer{1000};
        Stamps stamps{buffer.span()};
        for (size_t i = 0; i < harness::stress_rounds() / 40 + 1; ++i) {
            LockFreePool<> pool{buffer.span(), layout(24, 8)};
            REQUIRE(pool.capacity() != 0);
            CHECK(harness::churn(pool, stamps, {.slots = 1, .largest = 24, .strictest = 8}, 4));
        }
    }

    TEST_CASE("four threads: no byte is handed out twice") {
        GuardedBuffer buffer{1000};
        Stamps stamps{buffer.span()};
        LockFreePool<> pool{buffer.span(), layout(24, 8)};

        CHECK(harness::churn(pool, stamps, {.slots = 4, .largest = 24, .strictest = 8},
                             rounds * harness::stress_rounds()));
    }

    TEST_CASE("blocks given back by a thread that did not get them") {
        GuardedBuffer buffer{1000};
        Stamps stamps{buffer.span()};
        LockFreePool<> pool{buffer.span(), layout(24, 8)};

        CHECK(harness::churn(pool, stamps,
                             {.slots = 4, .largest = 24, .strictest = 8, .hand_over = true},
                             rounds * harness::stress_rounds()));
    }

    TEST_CASE("threads that empty the pool get nullptr, and all blocks are there in the end") {
        GuardedBuffer buffer{300};
        Stamps stamps{buffer.span()};
        Watched<LockFreePool<>> pool{buffer, layout(24, 8)};

        CHECK(harness::churn(*pool, stamps, {.slots = 8, .largest = 24, .strictest = 8},
                             rounds * harness::stress_rounds()));
        CHECK(take_all(pool, 24, 8) == pool->capacity());
    }
}

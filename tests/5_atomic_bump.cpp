// The judge of step 5, task 5.3.

#include <atomic_bump.hpp>

#include <harness/churn.hpp>
#include <harness/explorer.hpp>
#include <harness/judge.hpp>
#include <harness/random_judge.hpp>
#include <harness/subject_of.hpp>

#include <type_traits>

using harness::Blocks;
using harness::Explored;
using harness::GuardedBuffer;
using harness::layout;
using harness::Play;
using harness::Stamps;
using harness::Watched;
using std::size_t;
using workshop::AtomicBump;

namespace {

constexpr size_t largest = PTRDIFF_MAX;

struct RandomSubject final : harness::SubjectOf<AtomicBump<>> {
    using SubjectOf::SubjectOf;
    HARNESS_OWN size_t room() const override { return allocator.remaining(); }
};

/// A bump allocator under the explorer.
struct ExploredBump {
    explicit ExploredBump(size_t size) : bump{{buffer, size}} {}

    HARNESS_OWN void* get(size_t size, size_t alignment) {
        void* const block = bump.allocate(layout(size, alignment));
        blocks.got(block, size);
        return block;
    }

    HARNESS_OWN void put(void* block, size_t size, size_t alignment) {
        blocks.gives(block);
        bump.deallocate(block, layout(size, alignment));
    }

    alignas(64) static inline std::byte buffer[256];
    AtomicBump<Explored> bump;
    Blocks blocks;
};

}  // namespace

TEST_SUITE("5.3 AtomicBump" * doctest::description("CONCEPTS.md, 'Compare-exchange'")) {
    TEST_CASE("the address is aligned, not the offset, wherever the buffer begins") {
        for (const size_t misalignment : {0, 1, 2, 3, 7, 8, 15, 33, 63, 1000, 4095}) {
            GuardedBuffer buffer{3 * 4096, misalignment};
            Watched<AtomicBump<>> bump{buffer};
            REQUIRE(bump.allocate(1, 1) != nullptr);

            for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
                CHECK(bump.allocate(3, alignment) != nullptr);
            }
        }
    }

    TEST_CASE("every byte of the buffer can be handed out, and not one more") {
        for (const size_t size : {1, 2, 13, 100}) {
            GuardedBuffer buffer{size};
            Watched<AtomicBump<>> bump{buffer};
            for (size_t i = 0; i < size; ++i) {
                CHECK(bump.allocate(i % 2, 1) != nullptr);
            }
            CHECK(bump.allocate(0, 1) == nullptr);
            CHECK(bump.allocate(1, 1) == nullptr);
            CHECK(bump->used() == size);
            CHECK(bump->remaining() == 0);
        }
    }

    TEST_CASE("refused requests change nothing, however large and however many") {
        GuardedBuffer buffer{100, 3};
        Watched<AtomicBump<>> bump{buffer};
        REQUIRE(bump.allocate(10, 1) != nullptr);
        const size_t used = bump->used();

        for (int i = 0; i < 100; ++i) {
            for (const size_t size : {size_t{91}, size_t{1000}, largest / 2, largest}) {
                CHECK(bump.allocate(size, 1) == nullptr);
            }
            CHECK(bump.allocate(1, size_t{1} << 62) == nullptr);
            CHECK(bump.allocate(largest - 4095, 4096) == nullptr);
        }

        CHECK(bump->used() == used);
        CHECK(bump.allocate(90, 1) != nullptr);
    }

    TEST_CASE("a buffer of no bytes refuses everything") {
        GuardedBuffer buffer{0};
        Watched<AtomicBump<>> bump{buffer};
        AtomicBump<> nothing{{}};
        GuardedBuffer byte{1};
        Watched<AtomicBump<>> one{byte};
        REQUIRE(one.allocate(1, 1) != nullptr);  // so that a starter is red here

        CHECK(bump.allocate(0, 1) == nullptr);
        CHECK(bump.allocate(1, 4096) == nullptr);
        CHECK(nothing.allocate(layout(1, 1)) == nullptr);
    }

    TEST_CASE("the newest block's bytes can be handed out again, an older one's not") {
        GuardedBuffer buffer{100};
        Watched<AtomicBump<>> bump{buffer};
        std::byte* const oldest = bump.allocate(40, 1);
        std::byte* const middle = bump.allocate(40, 1);
        std::byte* const newest = bump.allocate(20, 1);
        REQUIRE(newest != nullptr);

        bump.deallocate(oldest, 40, 1);
        CHECK(bump.allocate(1, 1) == nullptr);
        bump.deallocate(newest, 20, 1);
        CHECK(bump->used() == 80);
        bump.deallocate(middle, 40, 1);
        CHECK(bump->used() == 40);
        bump.deallocate(nullptr, 40, 1);
        CHECK(bump->used() == 40);
        CHECK(bump.allocate(60, 1) != nullptr);
    }

    TEST_CASE("owns is true for each byte of the buffer, and for no other address") {
        GuardedBuffer buffer{100, 64};
        Watched<AtomicBump<>> bump{buffer};
        std::byte* const block = bump.allocate(10, 1);
        REQUIRE(block != nullptr);

        CHECK(bump->owns(block));
        CHECK(bump->owns(buffer.data() + 99));
        CHECK_FALSE(bump->owns(buffer.data() - 1));
        CHECK_FALSE(bump->owns(buffer.data() + 100));
        CHECK_FALSE(bump->owns(nullptr));
    }

    TEST_CASE("it keeps the contract: an Allocator that neither copies nor moves") {
        GuardedBuffer buffer{64};
        Watched<AtomicBump<>> bump{buffer};
        REQUIRE(bump.allocate(1, 1) != nullptr);

        CHECK(workshop::Allocator<AtomicBump<>>);
        CHECK_FALSE(std::is_copy_constructible_v<AtomicBump<>>);
        CHECK_FALSE(std::is_copy_assignable_v<AtomicBump<>>);
        CHECK_FALSE(std::is_move_constructible_v<AtomicBump<>>);
        CHECK_FALSE(std::is_move_assignable_v<AtomicBump<>>);
    }

    TEST_CASE("random sequences of operations keep the contract",
              {.skip = !harness::has_random_judge || harness::under_tsan}) {
        harness::play_random_sequences<RandomSubject>(
            {.type = "AtomicBump<>", .reset_to_empty = true});
    }

    TEST_CASE("every interleaving of two threads that take two blocks each",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) HARNESS_OWN {
            ExploredBump bump{64};
            const auto take = [&](size_t size, size_t alignment) HARNESS_OWN {
                void* const block = bump.get(size, alignment);
                play.expect(block != nullptr, "there is room for all four blocks");
                play.expect(workshop::address_of(block) % alignment == 0, "blocks are aligned");
            };
            play.threads([&] { take(1, 1), take(16, 16); }, [&] { take(3, 2), take(8, 8); });
        });
    }

    TEST_CASE("every interleaving of requests that fit and requests that do not",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) HARNESS_OWN {
            ExploredBump bump{32};
            play.threads(
                [&]() HARNESS_OWN {
                    play.expect(bump.get(16, 16) != nullptr, "there is room for these 16 bytes");
                    play.expect(bump.get(16, 1) != nullptr, "there is room for 16 more");
                },
                [&]() HARNESS_OWN {
                    play.expect(bump.get(33, 1) == nullptr, "33 bytes do not fit into 32");
                    play.expect(bump.get(1000, 64) == nullptr, "1000 bytes do not fit into 32");
                });
            play.expect(bump.bump.used() == 32, "used() is 32 in the end");
        });
    }

    TEST_CASE("every interleaving of two requests of which only one fits",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) HARNESS_OWN {
            ExploredBump bump{32};
            void* small = nullptr;
            void* large = nullptr;
            play.threads([&] { small = bump.get(16, 1); }, [&] { large = bump.get(24, 1); });
            play.expect(small != nullptr || large != nullptr, "one of them is served");
            play.expect(small == nullptr || large == nullptr, "there is no room for both");
            play.expect(bump.bump.used() <= 32, "used() is at most 32, the size of the buffer");
        });
    }

    TEST_CASE("the newest block comes back although a weak exchange may fail for no reason",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 1}, [](Play& play) HARNESS_OWN {
            ExploredBump bump{64};
            play.threads([&] { bump.put(bump.get(16, 8), 16, 8); });
            play.expect(bump.bump.used() == 0, "nobody else was there, so nothing is taken");
        });
    }

    TEST_CASE("every interleaving of two threads that give the newest block back",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 3}, [](Play& play) HARNESS_OWN {
            ExploredBump bump{64};
            const auto work = [&]() HARNESS_OWN {
                bump.put(bump.get(16, 1), 16, 1);
                void* const kept = bump.get(8, 8);
                play.expect(kept != nullptr, "there is room for this block");
            };
            play.threads(work, work);
        });
    }

    TEST_CASE("every interleaving of three threads", {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 2, .weak_failures = false}, [](Play& play) HARNESS_OWN {
            ExploredBump bump{64};
            play.threads([&] { bump.put(bump.get(16, 8), 16, 8); },
                         [&] { bump.put(bump.get(8, 8), 8, 8); }, [&] { bump.get(24, 8); });
        });
    }

    TEST_CASE("four threads fill a buffer: no byte is handed out twice, and none is lost") {
        GuardedBuffer buffer{4000};
        for (size_t i = 0; i < harness::stress_rounds() / 20 + 1; ++i) {
            Stamps stamps{buffer.span()};
            AtomicBump<> bump{buffer.span()};
            harness::in_threads(4, [&](unsigned who) HARNESS_OWN {
                while (void* const block = bump.allocate(*workshop::Layout::make(16, 8))) {
                    stamps.claim(block, 16, 8, who);
                }
            });
            CHECK(bump.used() > 4000 - 16 - 8);
        }
    }

    TEST_CASE("four threads take and give back: no byte is handed out twice") {
        GuardedBuffer buffer{1U << 16};
        for (size_t i = 0; i < harness::stress_rounds() / 50 + 1; ++i) {
            Stamps stamps{buffer.span()};
            AtomicBump<> bump{buffer.span()};
            CHECK(harness::churn(bump, stamps, {.slots = 2, .largest = 48, .strictest = 32}, 200));
        }
    }
}

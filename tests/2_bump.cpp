// The judge of step 2, tasks 2.1 to 2.3 and 2.5.

#include <bump.hpp>

#include <harness/judge.hpp>
#include <harness/random_judge.hpp>
#include <harness/safety_comments.hpp>
#include <harness/subject_of.hpp>

#include <type_traits>

using harness::GuardedBuffer;
using harness::layout;
using harness::Watched;
using std::size_t;
using workshop::BumpAllocator;

namespace {

constexpr size_t largest = PTRDIFF_MAX;

/// Takes what is left, byte by byte.
HARNESS_OWN size_t fill_with_bytes(Watched<BumpAllocator>& bump) {
    size_t count = 0;
    while (bump.allocate(1, 1) != nullptr) {
        ++count;
    }
    return count;
}

struct RandomSubject final : harness::SubjectOf<BumpAllocator> {
    using SubjectOf::SubjectOf;
    HARNESS_OWN size_t room() const override { return allocator.remaining(); }
};

}  // namespace

TEST_SUITE("2.1 allocate" * doctest::description("CONCEPTS.md, 'Bump'")) {
    TEST_CASE("the first block lies in the buffer, aligned") {
        GuardedBuffer buffer{64};
        Watched<BumpAllocator> bump{buffer};

        CHECK(bump.allocate(24, 8) != nullptr);
    }

    TEST_CASE("live blocks do not overlap and keep their bytes") {
        GuardedBuffer buffer{512};
        Watched<BumpAllocator> bump{buffer};

        for (const size_t size : {1, 2, 3, 5, 8, 13, 21, 34, 55, 89}) {
            CHECK(bump.allocate(size, 1) != nullptr);
        }
    }

    TEST_CASE("the address is aligned, not the offset, wherever the buffer begins") {
        for (const size_t misalignment : {1, 2, 3, 7, 8, 15, 17, 31, 33, 63, 64, 1000, 4095}) {
            GuardedBuffer buffer{4 * 4096, misalignment};
            Watched<BumpAllocator> bump{buffer};
            REQUIRE(bump.allocate(1, 1) != nullptr);

            for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
                CHECK(bump.allocate(3, alignment) != nullptr);
            }
        }
    }

    TEST_CASE("a block may be aligned to a mebibyte, in a buffer that has the room") {
        constexpr size_t mebibyte = size_t{1} << 20;
        GuardedBuffer buffer{mebibyte + 100, 5};
        Watched<BumpAllocator> bump{buffer};

        CHECK(bump.allocate(100, mebibyte) != nullptr);
    }

    TEST_CASE("the whole buffer can be one block, and not a byte more") {
        for (const size_t size : {1, 2, 13, 64, 4096, 5000}) {
            GuardedBuffer exact{size};
            Watched<BumpAllocator> bump{exact};
            GuardedBuffer small{size};
            Watched<BumpAllocator> other{small};

            CHECK(bump.allocate(size, 1) != nullptr);
            CHECK(bump.allocate(1, 1) == nullptr);
            CHECK(other.allocate(size + 1, 1) == nullptr);
        }
    }

    TEST_CASE("every byte of the buffer can be handed out") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};

        CHECK(fill_with_bytes(bump) == 100);
    }

    TEST_CASE("a block that just fits is served, with padding and without") {
        for (const size_t padding : {0, 1, 63}) {
            GuardedBuffer in_front{padding + 64, 64 - padding};
            Watched<BumpAllocator> upwards{in_front};
            GuardedBuffer behind{64 + padding, 0};
            Watched<BumpAllocator> downwards{behind};

            CHECK(upwards.allocate(64, 64) != nullptr);
            CHECK(downwards.allocate(64, 64) != nullptr);
        }
    }

    TEST_CASE("a block that fits only without its padding is refused") {
        // Four bytes are left, at [1, 5) or at [59, 63): no multiple of 8 among them, and two even
        // ones, too late for four bytes.
        GuardedBuffer buffer{62, 1};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(58, 1) != nullptr);

        CHECK(bump.allocate(4, 64) == nullptr);
        CHECK(bump.allocate(1, 8) == nullptr);
        CHECK(bump.allocate(4, 2) == nullptr);
        CHECK(bump.allocate(2, 2) != nullptr);
    }

    TEST_CASE("a refused request changes nothing") {
        struct Request {
            size_t size, alignment;
        };
        for (const Request refused :
             {Request{91, 1}, {1000, 64}, {1, size_t{1} << 30}, {largest, 1}}) {
            GuardedBuffer buffer{100};
            Watched<BumpAllocator> bump{buffer};
            REQUIRE(bump.allocate(10, 1) != nullptr);

            CHECK(bump.allocate(refused.size, refused.alignment) == nullptr);

            CHECK(bump.allocate(90, 1) != nullptr);
        }
    }

    TEST_CASE("a huge request is refused: sums of sizes must not wrap around") {
        GuardedBuffer buffer{64, 3};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(5, 1) != nullptr);

        for (size_t alignment = 1; alignment <= size_t{1} << 62; alignment *= 2) {
            const size_t most = largest - (alignment - 1);
            for (const size_t less : {0, 1, 5, 63, 64}) {
                CHECK(bump.allocate(most - less % alignment, alignment) == nullptr);
            }
        }
        CHECK(bump.allocate(1, size_t{1} << 62) == nullptr);
        CHECK(bump.allocate(0, size_t{1} << 63) == nullptr);
        for (const int bits : {16, 31, 32, 33, 48}) {
            CHECK(bump.allocate((size_t{1} << bits) + 8, 8) == nullptr);
        }
        CHECK(bump.allocate(59, 1) != nullptr);
    }

    TEST_CASE("size 0 is served as 1: a block with an address of its own") {
        GuardedBuffer buffer{8};
        Watched<BumpAllocator> bump{buffer};

        for (int i = 0; i < 8; ++i) {
            CHECK(bump.allocate(0, 1) != nullptr);
        }
        CHECK(bump.allocate(0, 1) == nullptr);
    }

    TEST_CASE("a buffer of no bytes refuses everything") {
        GuardedBuffer buffer{0};
        Watched<BumpAllocator> bump{buffer};
        BumpAllocator nothing{{}};
        GuardedBuffer byte{1};
        Watched<BumpAllocator> one{byte};
        REQUIRE(one.allocate(1, 1) != nullptr);  // so that a starter is red here

        CHECK(bump.allocate(1, 1) == nullptr);
        CHECK(bump.allocate(0, 1) == nullptr);
        CHECK(bump.allocate(1, 4096) == nullptr);
        CHECK(nothing.allocate(layout(1, 1)) == nullptr);
        CHECK(nothing.allocate(layout(0, 64)) == nullptr);
    }

    TEST_CASE("two allocators do not know of each other") {
        GuardedBuffer left{64};
        GuardedBuffer right{64};
        Watched<BumpAllocator> first{left};
        Watched<BumpAllocator> second{right};

        CHECK(first.allocate(40, 8) != nullptr);
        CHECK(second.allocate(40, 8) != nullptr);
        CHECK(first.allocate(16, 1) != nullptr);
        CHECK(second.allocate(16, 1) != nullptr);
    }

    TEST_CASE("it keeps the contract: an Allocator that neither copies nor moves") {
        GuardedBuffer buffer{64};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(1, 1) != nullptr);

        CHECK(workshop::Allocator<BumpAllocator>);
        CHECK_FALSE(std::is_copy_constructible_v<BumpAllocator>);
        CHECK_FALSE(std::is_copy_assignable_v<BumpAllocator>);
        CHECK_FALSE(std::is_move_constructible_v<BumpAllocator>);
        CHECK_FALSE(std::is_move_assignable_v<BumpAllocator>);
    }
}

TEST_SUITE("2.2 used, remaining, owns, reset" * doctest::description("CONCEPTS.md, 'Bump'")) {
    TEST_CASE("a new allocator has everything left") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};

        CHECK(bump->used() == 0);
        CHECK(bump->remaining() == 100);
        CHECK(bump->capacity() == 100);
    }

    TEST_CASE("used and remaining count the bytes of blocks") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};

        REQUIRE(bump.allocate(10, 1) != nullptr);
        CHECK(bump->used() == 10);
        CHECK(bump->remaining() == 90);

        REQUIRE(bump.allocate(90, 1) != nullptr);
        CHECK(bump->used() == 100);
        CHECK(bump->remaining() == 0);
    }

    TEST_CASE("padding counts as used") {
        GuardedBuffer buffer{100, 0};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(1, 1) != nullptr);
        REQUIRE(bump.allocate(8, 16) != nullptr);

        // Wherever the two lie, at least seven bytes between or behind them are lost.
        CHECK(bump->used() >= 1 + 7 + 8);
        CHECK(bump->used() + bump->remaining() == 100);
    }

    TEST_CASE("remaining is what can still be had, and not a byte more") {
        GuardedBuffer buffer{1000, 5};
        Watched<BumpAllocator> bump{buffer};
        for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
            REQUIRE(bump.allocate(7, alignment) != nullptr);
        }

        const size_t left = bump->remaining();
        CHECK(bump->used() + left == 1000);
        CHECK(bump.allocate(left + 1, 1) == nullptr);
        CHECK(bump.allocate(left, 1) != nullptr);
        CHECK(bump->remaining() == 0);
    }

    TEST_CASE("a refused request leaves used and remaining as they are") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(10, 1) != nullptr);

        REQUIRE(bump.allocate(91, 1) == nullptr);
        REQUIRE(bump.allocate(largest, 1) == nullptr);
        REQUIRE(bump.allocate(1, size_t{1} << 40) == nullptr);

        CHECK(bump->used() == 10);
        CHECK(bump->remaining() == 90);
    }

    TEST_CASE("owns is true for each byte of the buffer, and for no other address") {
        GuardedBuffer buffer{100, 64};
        Watched<BumpAllocator> bump{buffer};
        GuardedBuffer elsewhere{100};
        const int local = 0;
        std::byte* const block = bump.allocate(10, 1);
        REQUIRE(block != nullptr);

        CHECK(bump->owns(block));
        CHECK(bump->owns(block + 9));
        CHECK(bump->owns(buffer.data()));
        CHECK(bump->owns(buffer.data() + 99));
        CHECK_FALSE(bump->owns(buffer.data() - 1));
        CHECK_FALSE(bump->owns(buffer.data() + 100));
        CHECK_FALSE(bump->owns(elsewhere.data()));
        CHECK_FALSE(bump->owns(&local));
        CHECK_FALSE(bump->owns(nullptr));
    }

    TEST_CASE("after reset everything is left again") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(30, 1) != nullptr);
        REQUIRE(bump.allocate(30, 1) != nullptr);

        bump.reset();

        CHECK(bump->used() == 0);
        CHECK(bump->remaining() == 100);
        CHECK(bump.allocate(100, 1) != nullptr);
    }

    TEST_CASE("fill and reset, a hundred times") {
        GuardedBuffer buffer{64, 9};
        Watched<BumpAllocator> bump{buffer};
        size_t first_count = 0;

        for (int round = 0; round < 100; ++round) {
            size_t count = 0;
            while (bump.allocate(3, 4) != nullptr) {
                ++count;
            }
            REQUIRE(count >= 64 / 4 - 1);
            first_count = round == 0 ? count : first_count;
            CHECK(count == first_count);
            bump.reset();
        }
    }
}

TEST_SUITE("2.3 deallocate the newest" * doctest::description("CONCEPTS.md, 'Bump'")) {
    TEST_CASE("the newest block's bytes can be handed out again") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(50, 1) != nullptr);
        std::byte* const newest = bump.allocate(50, 1);
        REQUIRE(newest != nullptr);
        REQUIRE(bump.allocate(1, 1) == nullptr);

        bump.deallocate(newest, 50, 1);

        CHECK(bump->used() == 50);
        CHECK(bump.allocate(50, 1) != nullptr);
    }

    TEST_CASE("blocks given back newest first are all regained") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};
        std::byte* blocks[10];
        for (std::byte*& block : blocks) {
            block = bump.allocate(10, 1);
            REQUIRE(block != nullptr);
        }

        for (int i = 9; i >= 0; --i) {
            bump.deallocate(blocks[i], 10, 1);
            CHECK(bump->used() == size_t(i) * 10);
        }

        CHECK(bump.allocate(100, 1) != nullptr);
    }

    TEST_CASE("an older block changes nothing") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};
        std::byte* const oldest = bump.allocate(20, 1);
        std::byte* const middle = bump.allocate(20, 1);
        std::byte* const newest = bump.allocate(20, 1);
        REQUIRE(newest != nullptr);

        bump.deallocate(middle, 20, 1);
        CHECK(bump->used() == 60);
        bump.deallocate(oldest, 20, 1);
        CHECK(bump->used() == 60);

        CHECK(bump.allocate(40, 1) != nullptr);
        CHECK(bump.allocate(1, 1) == nullptr);
    }

    TEST_CASE("a block of the newest one's size, but older, is not taken for it") {
        GuardedBuffer buffer{64};
        Watched<BumpAllocator> bump{buffer};
        std::byte* const older = bump.allocate(16, 16);
        REQUIRE(older != nullptr);
        REQUIRE(bump.allocate(16, 16) != nullptr);

        bump.deallocate(older, 16, 16);

        CHECK(bump.allocate(8, 1) != nullptr);
        CHECK(bump.allocate(8, 1) != nullptr);
    }

    TEST_CASE("a block of size 0 is given back too") {
        GuardedBuffer buffer{2};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(0, 1) != nullptr);
        std::byte* const newest = bump.allocate(0, 1);
        REQUIRE(newest != nullptr);

        bump.deallocate(newest, 0, 1);

        CHECK(bump->used() == 1);
        CHECK(bump.allocate(0, 1) != nullptr);
        CHECK(bump.allocate(0, 1) == nullptr);
    }

    TEST_CASE("a padded block, asked for and given back many times, uses no more") {
        GuardedBuffer buffer{200, 1};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(1, 1) != nullptr);

        for (int i = 0; i < 1000; ++i) {
            std::byte* const block = bump.allocate(24, 32);
            REQUIRE(block != nullptr);
            bump.deallocate(block, 24, 32);
        }
    }

    TEST_CASE("blocks with padding between them go back newest first, and no other is harmed") {
        GuardedBuffer buffer{200, 1};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(20, 1) != nullptr);  // stays
        std::byte* const middle = bump.allocate(4, 1);
        std::byte* const newest = bump.allocate(24, 32);
        REQUIRE(newest != nullptr);

        bump.deallocate(newest, 24, 32);
        bump.deallocate(middle, 4, 1);

        CHECK(bump->used() >= 20);
        CHECK(bump.allocate(64, 1) != nullptr);
        CHECK(bump.allocate(8, 8) != nullptr);
    }

    TEST_CASE("a refused request does not hide the newest block") {
        GuardedBuffer buffer{100};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(10, 1) != nullptr);
        std::byte* const newest = bump.allocate(10, 1);
        REQUIRE(bump.allocate(81, 1) == nullptr);
        REQUIRE(bump.allocate(1, size_t{1} << 30) == nullptr);

        bump.deallocate(newest, 10, 1);

        CHECK(bump->used() == 10);
        CHECK(bump.allocate(90, 1) != nullptr);
    }

    TEST_CASE("nullptr is ignored, by a new allocator") {
        GuardedBuffer buffer{64};
        Watched<BumpAllocator> bump{buffer};

        bump.deallocate(nullptr, 8, 8);

        CHECK(bump->used() == 0);
        CHECK(bump.allocate(64, 1) != nullptr);

        BumpAllocator without_a_buffer{{}};
        without_a_buffer.deallocate(nullptr, layout(16, 8));
        CHECK(without_a_buffer.used() == 0);
    }

    TEST_CASE("nullptr is ignored, while a block is live") {
        GuardedBuffer buffer{64};
        Watched<BumpAllocator> bump{buffer};
        REQUIRE(bump.allocate(30, 1) != nullptr);

        bump.deallocate(nullptr, 30, 1);
        CHECK(bump->used() == 30);
        bump.deallocate(nullptr, 0, 1);
        bump.deallocate(nullptr, 64, 1);

        CHECK(bump->used() == 30);
        CHECK(bump.allocate(34, 1) != nullptr);
    }

    TEST_CASE("giving every block back one by one, oldest first, harms nothing that lives") {
        GuardedBuffer buffer{256, 3};
        Watched<BumpAllocator> bump{buffer};
        std::byte* blocks[8];
        for (std::byte*& block : blocks) {
            block = bump.allocate(11, 4);
            REQUIRE(block != nullptr);
        }

        for (std::byte* const block : blocks) {
            bump.deallocate(block, 11, 4);
            std::byte* const other = bump.allocate(2, 2);
            CHECK(other != nullptr);
        }
    }

    TEST_CASE("random sequences of operations keep the contract",
              {.skip = !harness::has_random_judge}) {
        harness::play_random_sequences<RandomSubject>(
            {.type = "BumpAllocator", .reset_to_empty = true});
    }
}

TEST_SUITE("2.5 SAFETY comments" * doctest::description("CONCEPTS.md, 'Object lifetime'")) {
    TEST_CASE("allocate says why its pointer steps stay inside the buffer") {
        harness::check_safety_comment(STEP_FOLDER "/bump.hpp", "allocate");
    }

    TEST_CASE("deallocate says what it knows about the block, and from whom") {
        harness::check_safety_comment(STEP_FOLDER "/bump.hpp", "deallocate");
    }
}

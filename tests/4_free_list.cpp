// The judge of step 4, tasks 4.1 to 4.7.

#include "4_blocks.hpp"

using bridge::best_fit;
using bridge::first_fit;

namespace {

constexpr size_t largest = PTRDIFF_MAX;
constexpr size_t mebibyte = size_t{1} << 20;

/// Every order in which `count` things can be taken.
template <class Use>
void for_each_order(size_t count, Use use) {
    size_t orders = 1;
    for (size_t i = 2; i <= count; ++i) {
        orders *= i;
    }
    for (size_t number = 0; number < orders; ++number) {
        size_t order[8] = {};
        size_t rest = number;
        for (size_t i = 0; i < count; ++i) {
            // The i-th is put in front of one of those before it.
            size_t at = i;
            for (size_t steps = rest % (i + 1); steps != 0; --steps, --at) {
                order[at] = order[at - 1];
            }
            order[at] = i;
            rest /= i + 1;
        }
        use(order);
    }
}

/// A buffer that is full: `count` blocks of one size, in the order of their addresses, and smaller
/// ones in what is left.
struct Full {
    Full(Watched& watched, size_t block_size, size_t count)
        : list{watched}, size{block_size}, blocks{fill(list, size, 16, count)} {
        REQUIRE(blocks.count == count);
        fill(list, 64, 16);
        fill(list, 1, 1);
        sort(blocks);
    }

    void give_back(size_t index) { list.deallocate(blocks[index], size, 16); }

    /// A block whose address does not have this alignment; 0 where the first 16 all have it.
    size_t misaligned(size_t alignment) {
        size_t index = 15;
        while (index != 0 && is_aligned(blocks[index], alignment)) {
            --index;
        }
        return index;
    }

    Watched& list;
    size_t size;
    Blocks blocks;
};

}  // namespace

TEST_SUITE("4.1 the block" * doctest::description("CONCEPTS.md, 'The list inside free memory'")) {
    TEST_CASE("a new allocator has one free block, and nothing live") {
        GuardedBuffer buffer{4096, 0};
        Watched list{buffer, first_fit};
        REQUIRE(list->capacity() != 0);

        const Pieces pieces = pieces_of(*list, buffer.size());

        CHECK(pieces.live_bytes == 0);
        CHECK(pieces.largest_free >= list->capacity());
        if (design().merges_all_neighbours) {
            CHECK(pieces.free_blocks == 1);
        }
        CHECK(list->check());
    }

    TEST_CASE("nearly all of the buffer is capacity") {
        for (const size_t size : {256, 1000, 4096, 65'536, 1'000'000}) {
            CAPTURE(size);
            GuardedBuffer buffer{size};
            Watched list{buffer, first_fit};

            const size_t least_capacity = design().least_capacity(size);
            CAPTURE(least_capacity);
            CHECK(list->capacity() >= least_capacity);
            CHECK(list->capacity() <= size);
        }
    }

    TEST_CASE("the buffer may begin anywhere") {
        for (size_t misalignment = 0; misalignment <= 40; ++misalignment) {
            CAPTURE(misalignment);
            GuardedBuffer buffer{512, misalignment};
            Watched list{buffer, first_fit};

            const size_t least_capacity = design().least_capacity(512);
            CAPTURE(least_capacity);
            CHECK(list->capacity() >= least_capacity);
            CHECK(pieces_of(*list, 512).largest_free >= list->capacity());
            CHECK(list->check());
        }
    }

    TEST_CASE("the buffer may be of any size, even too small for a node") {
        GuardedBuffer large{512};
        Watched enough{large, first_fit};
        REQUIRE(enough->capacity() != 0);  // so that a starter is red here

        for (size_t size = 0; size <= 56; ++size) {
            CAPTURE(size);
            GuardedBuffer buffer{size};
            Watched list{buffer, first_fit};

            CHECK(list->capacity() <= size);
            CHECK(pieces_of(*list, size).live_bytes == 0);
            CHECK(list->check());
        }
        const bridge::Owner<FreeList> nothing = first_fit({});
        CHECK(nothing->capacity() == 0);
    }

    TEST_CASE("the allocator stays inside the buffer when it is made") {
        for (size_t size = 0; size <= 20; ++size) {
            for (const size_t misalignment : {1, 8, 15}) {
                GuardedBuffer buffer{size, misalignment};
                Watched list{buffer, first_fit};
                buffer.check_canaries();
            }
        }
        GuardedBuffer buffer{512, 3};
        Watched list{buffer, first_fit};
        CHECK(list->capacity() != 0);
    }

    TEST_CASE("owns is true for each byte of a block, and for no address outside the buffer") {
        GuardedBuffer buffer{256, 64};
        Watched list{buffer, first_fit};
        REQUIRE(list->capacity() != 0);
        const int local = 0;

        CHECK(list->owns(buffer.data() + 128));
        CHECK_FALSE(list->owns(buffer.data() - 1));
        CHECK_FALSE(list->owns(buffer.data() + 256));
        CHECK_FALSE(list->owns(&local));
        CHECK_FALSE(list->owns(nullptr));
    }

    TEST_CASE("it keeps the contract: an Allocator that neither copies nor moves") {
        GuardedBuffer buffer{256};
        Watched list{buffer, first_fit};
        REQUIRE(list->capacity() != 0);

        const bridge::Promises promises = list->promises();
        CHECK(promises.is_an_allocator);
        CHECK_FALSE(promises.can_be_copied);
        CHECK_FALSE(promises.can_be_assigned);
        CHECK_FALSE(promises.can_be_moved);
        CHECK_FALSE(promises.can_be_move_assigned);
    }
}

TEST_SUITE("4.2 allocate, first fit" * doctest::description("CONCEPTS.md, 'First, next, best'")) {
    TEST_CASE("the first block lies in the buffer, aligned") {
        GuardedBuffer buffer{256};
        Watched list{buffer, first_fit};

        CHECK(list.allocate(24, 8) != nullptr);
    }

    TEST_CASE("the whole capacity can be one block, and then nothing is left") {
        for (const size_t size : {64, 100, 256, 1000, 4096, 65'536}) {
            CAPTURE(size);
            GuardedBuffer buffer{size};
            Watched list{buffer, first_fit};
            REQUIRE((list.allocate(list->capacity(), 1) != nullptr || list->capacity() == 0));

            if (design().merges_all_neighbours) {
                CHECK(list.allocate(1, 1) == nullptr);
            }
            check_merged(*list, size);
        }
    }

    TEST_CASE("a buffer too small for a block refuses every request, and is not touched") {
        GuardedBuffer large{256};
        Watched enough{large, first_fit};
        REQUIRE(enough.allocate(1, 1) != nullptr);  // so that a starter is red here

        for (size_t size = 0; size <= 48; ++size) {
            GuardedBuffer buffer{size};
            Watched list{buffer, first_fit};
            const size_t capacity = list->capacity();
            CAPTURE(size);

            CHECK(list.allocate(capacity + 1, 1) == nullptr);
            CHECK(list.allocate(4096, 1) == nullptr);
            CHECK((list.allocate(capacity, 1) != nullptr) == (size != 0 && capacity != 0));
        }
    }

    TEST_CASE("a request that is too large is refused, and changes nothing") {
        GuardedBuffer buffer{1000};
        Watched list{buffer, first_fit};
        REQUIRE(list->capacity() != 0);

        CHECK(list.allocate(list->capacity() + 1, 1) == nullptr);
        CHECK(list.allocate(1001, 1) == nullptr);
        CHECK(list.allocate(5000, 8) == nullptr);

        CHECK(pieces_of(*list, 1000).live_bytes == 0);
        CHECK(list.allocate(list->capacity(), 1) != nullptr);
    }

    TEST_CASE("a huge request is refused: sums of sizes must not wrap around") {
        GuardedBuffer buffer{1000, 3};
        Watched list{buffer, first_fit};
        REQUIRE(list->capacity() != 0);

        for (size_t alignment = 1; alignment <= size_t{1} << 62; alignment *= 2) {
            const size_t most = largest - (alignment - 1);
            for (const size_t less : {0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64}) {
                CHECK(list.allocate(most - less % alignment, alignment) == nullptr);
            }
        }
        for (size_t size = 2048; size <= largest / 2; size *= 2) {
            CHECK(list.allocate(size - 1, 1) == nullptr);
            CHECK(list.allocate(size, 1) == nullptr);
            CHECK(list.allocate(size + 1, 1) == nullptr);
        }
        CHECK(list.allocate(list->capacity(), 1) != nullptr);
    }

    TEST_CASE("size 0 is served as 1: a block with an address of its own") {
        GuardedBuffer buffer{256};
        Watched list{buffer, first_fit};
        std::byte* const block = list.allocate(0, 1);
        REQUIRE(block != nullptr);

        CHECK(is_told_live(*list, buffer.data(), block, 1));
    }

    TEST_CASE("two allocators do not know of each other") {
        GuardedBuffer left{256};
        GuardedBuffer right{256};
        Watched first{left, first_fit};
        Watched second{right, first_fit};

        CHECK(first.allocate(40, 8) != nullptr);
        CHECK(second.allocate(40, 8) != nullptr);
    }

    TEST_CASE("for_each_block tells what is live") {
        GuardedBuffer buffer{512, 16};
        Watched list{buffer, first_fit};
        std::byte* const block = list.allocate(40, 8);
        REQUIRE(block != nullptr);

        CHECK(pieces_of(*list, 512).live_bytes >= 40);
        CHECK(is_told_live(*list, buffer.data(), block, 40));
        CHECK(list->owns(block));
        CHECK(list->owns(block + 39));
    }
}

TEST_SUITE("4.3 split" * doctest::description("CONCEPTS.md, 'Splitting and merging'")) {
    TEST_CASE("what a block leaves over serves the next one") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, first_fit};

        CHECK(list.allocate(100, 8) != nullptr);
        CHECK(list.allocate(100, 8) != nullptr);
        CHECK(list.allocate(300, 8) != nullptr);
    }

    TEST_CASE("blocks of all sizes side by side do not overlap, and keep their bytes") {
        GuardedBuffer buffer{16'384, 7};
        Watched list{buffer, first_fit};

        for (size_t size = 0; size <= 80; ++size) {
            CAPTURE(size);
            CHECK(list.allocate(size, size_t{1} << size % 5) != nullptr);
            check_merged(*list, buffer.size());
        }
    }

    TEST_CASE("the buffer is used to its end") {
        for (const size_t size : {16, 24, 64, 100, 256}) {
            CAPTURE(size);
            GuardedBuffer buffer{8192};
            Watched list{buffer, first_fit};

            const Blocks blocks = fill(list, size, 8);

            REQUIRE(blocks.count > 1);
            CHECK(certain(pieces_of(*list, 8192).largest_free) < size);
        }
    }

    TEST_CASE("a live block costs no more than its size rounded up, and a small overhead") {
        for (const size_t size : {32, 48, 64, 128, 512}) {
            CAPTURE(size);
            GuardedBuffer buffer{65'536};
            Watched list{buffer, first_fit};

            const Blocks blocks = fill(list, size, 8, 100);

            REQUIRE(blocks.count > 1);
            const size_t live_bytes = pieces_of(*list, 65'536).live_bytes;
            const size_t allowed = blocks.count * (size + design().overhead);
            CAPTURE(live_bytes);
            CAPTURE(allowed);
            CHECK(live_bytes <= allowed);
        }
    }

    TEST_CASE("small blocks cost little") {
        GuardedBuffer buffer{65'536};
        Watched list{buffer, first_fit};

        const Blocks blocks = fill(list, 1, 1, 100);

        REQUIRE(blocks.count > 1);
        const size_t live_bytes = pieces_of(*list, 65'536).live_bytes;
        const size_t allowed = blocks.count * (2 * 16 + design().overhead);
        CAPTURE(live_bytes);
        CAPTURE(allowed);
        CHECK(live_bytes <= allowed);
    }

    TEST_CASE("a rest that is too small for a block does no harm") {
        for (size_t rest = 0; rest <= 56; ++rest) {
            CAPTURE(rest);
            GuardedBuffer buffer{256};
            Watched list{buffer, first_fit};
            REQUIRE(list->capacity() > rest);

            REQUIRE(list.allocate(list->capacity() - rest, 1) != nullptr);
            fill(list, 1, 1);

            list.shadow().check_contents();
            check_merged(*list, 256);
        }
    }

    TEST_CASE("a refused request changes nothing") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, first_fit};
        REQUIRE(list.allocate(100, 8) != nullptr);
        REQUIRE(list.allocate(100, 8) != nullptr);
        const Pieces before = pieces_of(*list, 1024);

        CHECK(list.allocate(before.largest_free + 1, 1) == nullptr);
        CHECK(list.allocate(largest, 1) == nullptr);

        const Pieces after = pieces_of(*list, 1024);
        CHECK(after.free_bytes == before.free_bytes);
        CHECK(after.largest_free == before.largest_free);
        CHECK((certain(before.largest_free) == 0 ||
               list.allocate(certain(before.largest_free), 1) != nullptr));
    }
}

TEST_SUITE("4.4 deallocate" * doctest::description("CONCEPTS.md, 'The list inside free memory'")) {
    TEST_CASE("a full buffer has room again after one block is given back") {
        for (const size_t index : {0, 1, 5, 9}) {
            GuardedBuffer buffer{2048};
            Watched list{buffer, first_fit};
            Full full{list, 64, 10};
            REQUIRE(list.allocate(64, 16) == nullptr);

            full.give_back(index);

            CHECK(list.allocate(64, 16) != nullptr);
        }
    }

    TEST_CASE("first fit serves from the lowest address, in whatever order the blocks came back") {
        if (!design().is_the_courses) {
            return;
        }
        for_each_order(3, [](const size_t* order) {
            GuardedBuffer buffer{2048};
            Watched list{buffer, first_fit};
            Full full{list, 64, 10};
            for (size_t i = 0; i < 3; ++i) {
                full.give_back(1 + 3 * order[i]);
            }

            std::byte* const lowest = list.allocate(64, 16);
            REQUIRE(lowest != nullptr);
            CHECK(lowest == full.blocks[1]);
        });
    }

    TEST_CASE("what is given back is handed out once, not twice") {
        GuardedBuffer buffer{2048};
        Watched list{buffer, first_fit};
        Full full{list, 64, 10};

        full.give_back(3);
        full.give_back(7);

        REQUIRE(list.allocate(64, 16) != nullptr);
        REQUIRE(list.allocate(64, 16) != nullptr);
        CHECK(list.allocate(64, 16) == nullptr);
    }

    TEST_CASE("for_each_block tells what is free again") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, first_fit};
        Full full{list, 64, 5};
        const Pieces before = pieces_of(*list, 1024);

        full.give_back(2);

        const Pieces after = pieces_of(*list, 1024);
        CHECK(after.free_bytes >= before.free_bytes + 64);
        CHECK(after.live_bytes + 64 <= before.live_bytes);
        CHECK(is_told_live(*list, buffer.data(), full.blocks[1], 64));
        CHECK_FALSE(is_told_live(*list, buffer.data(), full.blocks[2], 64));
        CHECK(is_told_live(*list, buffer.data(), full.blocks[3], 64));
    }

    TEST_CASE("blocks smaller than a node: every other one goes, the rest keep their bytes") {
        for (size_t size = 0; size <= 9; ++size) {
            CAPTURE(size);
            GuardedBuffer buffer{4096, 1};
            Watched list{buffer, first_fit};
            Blocks blocks = fill(list, size, 1);
            REQUIRE(blocks.count > 50);

            for (size_t i = 0; i < blocks.count; i += 2) {
                list.deallocate(blocks[i], size, 1);
            }
            list.shadow().check_contents();

            CHECK(fill(list, size, 1).count >= (blocks.count + 1) / 2);
        }
    }

    TEST_CASE("odd sizes, given back and asked for again, leave everything aligned") {
        GuardedBuffer buffer{16'384, 9};
        Watched list{buffer, first_fit};
        std::byte* blocks[60];
        for (size_t round = 0; round < 4; ++round) {
            for (size_t i = round % 2; i < 60; i += round == 0 ? 1 : 2) {
                blocks[i] = list.allocate(2 * i + 1, size_t{1} << i % 5);
                REQUIRE(blocks[i] != nullptr);
            }
            for (size_t i = (round + 1) % 2; i < 60; i += 2) {
                list.deallocate(blocks[i], 2 * i + 1, size_t{1} << i % 5);
            }
            pieces_of(*list, buffer.size());
        }
    }

    TEST_CASE("the search goes on behind a block that is too small") {
        for (const bool small_one_first : {true, false}) {
            GuardedBuffer buffer{4096};
            Watched list{buffer, first_fit};
            std::byte* blocks[5];
            for (size_t i = 0; i < 5; ++i) {
                blocks[i] = list.allocate(i == 3 ? 256 : 64, 16);
                REQUIRE(blocks[i] != nullptr);
            }
            fill(list, 64, 16);
            list.deallocate(blocks[small_one_first ? 1 : 3], small_one_first ? 64 : 256, 16);
            list.deallocate(blocks[small_one_first ? 3 : 1], small_one_first ? 256 : 64, 16);

            CHECK(list.allocate(256, 16) != nullptr);
            CHECK(list.allocate(64, 16) != nullptr);
        }
    }

    TEST_CASE("a rest of any size inside the buffer harms no neighbour") {
        for (size_t rest = 0; rest <= 56; ++rest) {
            CAPTURE(rest);
            GuardedBuffer buffer{1024};
            Watched list{buffer, first_fit};
            Full full{list, 128, 4};
            full.give_back(1);

            std::byte* const other = list.allocate(128 - rest, 1);
            REQUIRE(other != nullptr);
            fill(list, 1, 1);
            list.shadow().check_contents();
            list.deallocate(other, 128 - rest, 1);

            CHECK(list.allocate(128 - rest, 1) != nullptr);
            pieces_of(*list, 1024);
        }
    }

    TEST_CASE("fill and give back, three hundred times: nothing is lost") {
        GuardedBuffer buffer{1024, 5};
        Watched list{buffer, first_fit};
        size_t first_count = 0;
        for (int round = 0; round < 300; ++round) {
            Blocks blocks = fill(list, 100, 8);
            REQUIRE(blocks.count > 1);
            first_count = round == 0 ? blocks.count : first_count;
            REQUIRE(blocks.count == first_count);
            for (size_t i = 0; i < blocks.count; ++i) {
                list.deallocate(blocks[round % 2 == 0 ? i : blocks.count - 1 - i], 100, 8);
            }
        }
    }

    TEST_CASE("nullptr is ignored, on an empty and on a used allocator") {
        GuardedBuffer buffer{512};
        Watched list{buffer, first_fit};
        list.deallocate(nullptr, 8, 8);
        std::byte* const block = list.allocate(64, 8);
        REQUIRE(block != nullptr);
        const Pieces before = pieces_of(*list, 512);

        list.deallocate(nullptr, 0, 1);
        list.deallocate(nullptr, 64, 8);

        const Pieces after = pieces_of(*list, 512);
        CHECK(after.free_bytes == before.free_bytes);
        CHECK(after.free_blocks == before.free_blocks);
        list.deallocate(block, 64, 8);
        CHECK(list.allocate(64, 8) != nullptr);
    }

    TEST_CASE("after reset nothing is live, and everything can be had") {
        GuardedBuffer buffer{2048, 3};
        Watched list{buffer, first_fit};
        Full full{list, 64, 10};
        full.give_back(2);
        full.give_back(7);

        list.reset();

        check_empty(list, 2048);
    }
}

TEST_SUITE("4.5 merge" * doctest::description("CONCEPTS.md, 'Splitting and merging'")) {
    TEST_CASE("two free neighbours serve a request that neither could serve alone") {
        for (const size_t first : {4, 5}) {
            GuardedBuffer buffer{2048};
            Watched list{buffer, first_fit};
            Full full{list, 64, 10};

            full.give_back(first);
            full.give_back(9 - first);

            if (design().merges_all_neighbours) {
                CHECK(list.allocate(128, 16) != nullptr);
            }
            check_merged(*list, 2048);
        }
    }

    TEST_CASE("three blocks, given back in any order, are one again") {
        for_each_order(3, [](const size_t* order) {
            GuardedBuffer buffer{1024};
            Watched list{buffer, first_fit};
            Blocks blocks = fill(list, 100, 8, 3);
            REQUIRE(blocks.count == 3);

            for (size_t i = 0; i < 3; ++i) {
                list.deallocate(blocks[order[i]], 100, 8);
                check_merged(*list, 1024);
            }

            check_empty(list, 1024);
        });
    }

    TEST_CASE("four blocks that fill the buffer, in any order") {
        for_each_order(4, [](const size_t* order) {
            GuardedBuffer buffer{1024};
            Watched list{buffer, first_fit};
            const size_t size = list->capacity() / 4 - 32;
            Blocks blocks = fill(list, size, 8, 4);
            if (design().merges_all_neighbours) {
                REQUIRE(blocks.count == 4);
            }
            Blocks rest = fill(list, 1, 1);

            for (size_t i = 0; i < 4; ++i) {
                if (order[i] < blocks.count) {
                    list.deallocate(blocks[order[i]], size, 8);
                    check_merged(*list, 1024);
                }
            }
            for (size_t i = 0; i < rest.count; ++i) {
                list.deallocate(rest[i], 1, 1);
            }

            check_empty(list, 1024);
        });
    }

    TEST_CASE("merging stops at a live block, which keeps its bytes") {
        for_each_order(4, [](const size_t* order) {
            constexpr size_t around[] = {3, 4, 6, 7};  // number 5 stays
            GuardedBuffer buffer{2048};
            Watched list{buffer, first_fit};
            Full full{list, 64, 11};

            for (size_t i = 0; i < 4; ++i) {
                full.give_back(around[order[i]]);
                list.shadow().check_contents();
                check_merged(*list, 2048);
                CHECK(is_told_live(*list, buffer.data(), full.blocks[5], 64));
            }

            CHECK(list.allocate(5 * 64, 16) == nullptr);
            full.give_back(5);
            if (design().merges_all_neighbours) {
                CHECK(list.allocate(5 * 64, 16) != nullptr);
            }
        });
    }

    TEST_CASE("the first and the last block of the buffer merge with the one neighbour they have") {
        for (const size_t misalignment : {0, 1, 15}) {
            for (size_t size = 200; size <= 232; ++size) {
                GuardedBuffer buffer{size, misalignment};
                Watched list{buffer, first_fit};
                Blocks blocks = fill(list, 1, 1);
                REQUIRE(blocks.count > 2);
                sort(blocks);

                list.deallocate(blocks[0], 1, 1);
                list.deallocate(blocks[blocks.count - 1], 1, 1);
                list.deallocate(blocks[1], 1, 1);
                for (size_t i = blocks.count - 2; i > 1; --i) {
                    list.deallocate(blocks[i], 1, 1);
                }

                check_empty(list, size);
            }
        }
    }

    TEST_CASE("the last block is at the very end of the buffer") {
        for (size_t size = 200; size <= 4300; size += size < 216 ? 1 : 8) {
            GuardedBuffer buffer{size};
            Watched list{buffer, first_fit};
            std::byte* const whole = list.allocate(list->capacity(), 1);
            REQUIRE(whole != nullptr);

            list.deallocate(whole, list->capacity(), 1);

            check_empty(list, size);
        }
    }

    TEST_CASE("two hundred blocks, given back in a mixed order, are one again") {
        for (const size_t size : {1, 16, 40, 100}) {
            GuardedBuffer buffer{65'536, 11};
            Watched list{buffer, first_fit};
            Blocks blocks = fill(list, size, 8, 200);
            REQUIRE(blocks.count == 200);
            Dice dice;
            shuffle(blocks, dice);

            for (size_t i = 0; i < blocks.count; ++i) {
                list.deallocate(blocks[i], size, 8);
                check_merged(*list, buffer.size());
            }

            check_empty(list, buffer.size());
        }
    }

    TEST_CASE("two allocators in neighbouring buffers do not merge with each other") {
        GuardedBuffer buffer{2048};
        const bridge::Owner<FreeList> left = first_fit(buffer.span().first(1024));
        const bridge::Owner<FreeList> right = first_fit(buffer.span().last(1024));
        void* const first = left->allocate(left->capacity(), 1);
        void* const second = right->allocate(right->capacity(), 1);
        REQUIRE(first != nullptr);
        REQUIRE(second != nullptr);

        left->deallocate(first, left->capacity(), 1);
        right->deallocate(second, right->capacity(), 1);

        CHECK(left->allocate(left->capacity() + 1, 1) == nullptr);
        CHECK(left->allocate(left->capacity(), 1) == first);
        CHECK(right->allocate(right->capacity(), 1) == second);
    }
}

TEST_SUITE("4.6 over-alignment" * doctest::description("CONCEPTS.md, 'Padding that is not lost'")) {
    TEST_CASE("every alignment is met, from 1 byte to a mebibyte, wherever the buffer begins") {
        for (const size_t misalignment : {0, 1, 8, 17, 4095}) {
            GuardedBuffer buffer{3 * mebibyte, misalignment};
            Watched list{buffer, first_fit};
            for (size_t alignment = 1; alignment <= mebibyte; alignment *= 2) {
                CAPTURE(alignment);
                std::byte* const block = list.allocate(3, alignment);
                CHECK(block != nullptr);
                list.deallocate(block, 3, alignment);
            }
            check_empty(list, buffer.size());
        }
    }

    TEST_CASE("blocks of all alignments live side by side") {
        GuardedBuffer buffer{size_t{1} << 17, 5};
        Watched list{buffer, first_fit};
        for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
            for (const size_t size : {1, 24, 100}) {
                CHECK(list.allocate(size, alignment) != nullptr);
                check_merged(*list, buffer.size());
            }
        }
    }

    TEST_CASE("what is skipped in front of a block serves other requests meanwhile") {
        GuardedBuffer buffer{4 * 4096, 100};
        Watched list{buffer, first_fit};
        REQUIRE(list.allocate(16, 1) != nullptr);
        REQUIRE(list.allocate(16, 4096) != nullptr);
        const Pieces pieces = pieces_of(*list, buffer.size());

        const size_t live_bytes = pieces.live_bytes;
        const size_t allowed = 2 * (16 + 16 + design().overhead);
        CAPTURE(live_bytes);
        CAPTURE(allowed);
        CHECK(live_bytes <= allowed);
        CHECK(fill(list, 64, 16).count >= pieces.free_bytes / (64 + 32) - 4);
    }

    TEST_CASE("an over-aligned block costs no more than another") {
        for (const size_t alignment : {32, 64, 256}) {
            CAPTURE(alignment);
            GuardedBuffer buffer{65'536, 24};
            Watched list{buffer, first_fit};
            const Blocks blocks = fill(list, 64, alignment, 50);
            REQUIRE(blocks.count == 50);

            const size_t live_bytes = pieces_of(*list, 65'536).live_bytes;
            const size_t allowed = 50 * (64 + design().overhead);
            CAPTURE(live_bytes);
            CAPTURE(allowed);
            CHECK(live_bytes <= allowed);
        }
    }

    TEST_CASE("cycles of over-aligned blocks, given back in either order, lose nothing") {
        for (const size_t misalignment : {0, 1, 40}) {
            GuardedBuffer buffer{5 * 4096, misalignment};
            Watched list{buffer, first_fit};
            for (size_t round = 0; round < 60; ++round) {
                const size_t alignment = round % 3 == 0 ? 8 : round % 3 == 1 ? 64 : 4096;
                const size_t size = 1 + round * 7;
                std::byte* const small = list.allocate(size, 1);
                std::byte* const aligned = list.allocate(size, alignment);
                REQUIRE(small != nullptr);
                REQUIRE(aligned != nullptr);
                check_merged(*list, buffer.size());
                const bool small_first = round % 2 == 0;
                list.deallocate(small_first ? small : aligned, size, small_first ? 1 : alignment);
                check_merged(*list, buffer.size());
                list.deallocate(small_first ? aligned : small, size, small_first ? alignment : 1);
                check_empty(list, buffer.size());
            }
        }
    }

    TEST_CASE("a block that fits but for its padding is passed over, for one that fits with it") {
        GuardedBuffer buffer{4096};
        Watched list{buffer, first_fit};
        Full full{list, 80, 24};
        const size_t hole = full.misaligned(64);
        full.give_back(hole);
        CHECK((list.allocate(80, 64) == nullptr || hole == 0));
        for (const size_t index : {20, 21, 22}) {
            full.give_back(index);
        }

        CHECK(list.allocate(80, 64) != nullptr);
        check_merged(*list, 4096);
    }

    TEST_CASE("an alignment that no address in the buffer has is refused, and changes nothing") {
        GuardedBuffer buffer{1024, 64};
        Watched list{buffer, first_fit};
        REQUIRE(list.allocate(100, 16) != nullptr);
        const Pieces before = pieces_of(*list, 1024);

        for (size_t alignment = 4096; alignment <= size_t{1} << 62; alignment *= 2) {
            CHECK(list.allocate(1, alignment) == nullptr);
            CHECK(list.allocate(0, alignment) == nullptr);
        }

        CHECK(pieces_of(*list, 1024).free_bytes == before.free_bytes);
        check_merged(*list, 1024);
    }

    TEST_CASE("a huge request with a huge alignment is refused: sums must not wrap around") {
        GuardedBuffer buffer{8192, 24};
        Watched list{buffer, first_fit};
        REQUIRE(list.allocate(1, 64) != nullptr);

        for (size_t alignment = 32; alignment <= size_t{1} << 62; alignment *= 2) {
            const size_t most = largest - (alignment - 1);
            for (const size_t less : {0, 1, 15, 16, 17, 31}) {
                CHECK(list.allocate(most - less, alignment) == nullptr);
            }
        }
        CHECK(list.allocate(1, 64) != nullptr);
    }

    TEST_CASE("random sequences of operations keep the contract",
              {.skip = !harness::has_random_judge}) {
        GuardedBuffer buffer{256};
        Watched list{buffer, first_fit};
        REQUIRE(list.allocate(1, 1) != nullptr);
        play_random_sequences<first_fit>({.type = "FreeListAllocator<FirstFit>"});
    }
}

TEST_SUITE("4.7 placement" * doctest::description("CONCEPTS.md, 'First, next, best'")) {
    TEST_CASE("best fit serves from the smallest block that fits") {
        for_each_order(3, [](const size_t* place) {
            for_each_order(3, [&](const size_t* time) {
                // Holes of two, three and four blocks, wherever and in whatever order they come.
                constexpr size_t first[] = {1, 7, 13};
                GuardedBuffer buffer{8192};
                Watched list{buffer, best_fit};
                Full full{list, 64, 20};
                for (size_t i = 0; i < 3; ++i) {
                    const size_t hole = time[i];
                    for (size_t k = 0; k < 2 + place[hole]; ++k) {
                        full.give_back(first[hole] + k);
                    }
                }

                if (design().has_placements) {
                    CHECK(list.allocate(2 * 64, 16) != nullptr);
                    CHECK(list.allocate(3 * 64, 16) != nullptr);
                    CHECK(list.allocate(4 * 64, 16) != nullptr);
                }
                check_merged(*list, 8192);
            });
        });
    }

    TEST_CASE("best fit takes the first of several that fit as well") {
        if (!design().is_the_courses) {
            return;
        }
        GuardedBuffer buffer{8192};
        Watched list{buffer, best_fit};
        Full full{list, 64, 20};
        for (const size_t index : {7, 3, 15, 11}) {
            full.give_back(index);
        }

        std::byte* const first = list.allocate(64, 16);
        REQUIRE(first != nullptr);
        CHECK(first == full.blocks[3]);
    }

    TEST_CASE("the placement is asked where in the block the request goes") {
        if (!design().is_the_courses) {
            return;
        }
        GuardedBuffer buffer{1024};

        const auto [first, second, sound] = bridge::from_the_end(buffer.span());

        REQUIRE(second != nullptr);
        CHECK(second + 64 == first);
        CHECK(sound);
    }

    TEST_CASE("best fit keeps a large block whole while smaller ones do") {
        GuardedBuffer buffer{8192};
        Watched list{buffer, best_fit};
        Blocks blocks = fill(list, 64, 16, 20);
        REQUIRE(blocks.count == 20);
        const size_t before = pieces_of(*list, 8192).largest_free;
        for (size_t i = 1; i < 20; i += 2) {
            list.deallocate(blocks[i], 64, 16);
        }

        CHECK(fill(list, 64, 16, 10).count == 10);

        if (design().has_placements) {
            CHECK(pieces_of(*list, 8192).largest_free == before);
        }
    }

    TEST_CASE("best fit looks at the padding, too") {
        GuardedBuffer buffer{4096};
        Watched list{buffer, best_fit};
        Full full{list, 80, 24};
        full.give_back(full.misaligned(64));
        for (const size_t index : {20, 21, 22}) {
            full.give_back(index);
        }

        CHECK(list.allocate(80, 64) != nullptr);
        check_merged(*list, 4096);
    }

    TEST_CASE("best fit: a full buffer, every other block given back, and filled again") {
        GuardedBuffer buffer{8192, 3};
        Watched list{buffer, best_fit};
        Blocks blocks = fill(list, 72, 8);
        REQUIRE(blocks.count > 20);
        for (size_t i = 0; i < blocks.count; i += 2) {
            list.deallocate(blocks[i], 72, 8);
            check_merged(*list, 8192);
        }

        CHECK(fill(list, 72, 8).count == (blocks.count + 1) / 2);
    }

    TEST_CASE("best fit: the whole capacity can be one block, before and after") {
        GuardedBuffer buffer{4096, 1};
        Watched list{buffer, best_fit};
        REQUIRE(list.allocate(list->capacity() + 1, 1) == nullptr);
        check_empty(list, 4096);
        Blocks blocks = fill(list, 100, 32);
        REQUIRE(blocks.count > 1);
        Dice dice;
        shuffle(blocks, dice);
        for (size_t i = 0; i < blocks.count; ++i) {
            list.deallocate(blocks[i], 100, 32);
        }

        check_empty(list, 4096);
    }

    TEST_CASE("best fit keeps the contract in random sequences of operations",
              {.skip = !harness::has_random_judge}) {
        GuardedBuffer buffer{256};
        Watched list{buffer, best_fit};
        REQUIRE(list.allocate(1, 1) != nullptr);
        play_random_sequences<best_fit>({.type = "FreeListAllocator<BestFit>"});
    }
}

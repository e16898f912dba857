// The judge of step 4, task 4.8.

#include "4_blocks.hpp"

#include <cstdint>
#include <ctime>

using bridge::segregated_fit;

namespace {

/// An allocator, not watched, and `holes` free blocks, none of which can merge: of each two blocks
/// of the same size one was given back, in a mixed order. Half of the holes are small, the others
/// all of one size.
class Perforated {
public:
    static constexpr size_t usual_hole = 1024;

    explicit Perforated(size_t holes)
        : buffer_{new std::byte[size_of_buffer(holes)]},
          list_{segregated_fit({buffer_, size_of_buffer(holes)})} {
        void** const blocks = new void*[2 * holes];
        for (size_t i = 0; i < 2 * holes; ++i) {
            blocks[i] = list_->allocate(size_of(i), 8);
            REQUIRE(blocks[i] != nullptr);
        }
        std::clock_t start = std::clock();
        for (size_t i = 0; i < holes; ++i) {
            start = i + 1000 == holes ? std::clock() : start;
            const size_t block = 2 * (i * 7919 % holes);  // a prime that does not divide `holes`
            list_->deallocate(blocks[block], size_of(block), 8);
        }
        giving_back = seconds_since(start);
        delete[] blocks;
    }

    Perforated(const Perforated&) = delete;
    Perforated& operator=(const Perforated&) = delete;
    ~Perforated() { delete[] buffer_; }

    /// The seconds of processor time that it took to give back the last thousand, or all.
    double giving_back;

    /// The seconds of processor time that about five thousand operations take.
    double seconds() {
        constexpr size_t sizes[] = {16, usual_hole, 2000, 100, usual_hole + 16, 3000};
        const std::clock_t start = std::clock();
        for (size_t i = 0; i < 1200; ++i) {
            const size_t asked = sizes[i % 6];
            const size_t other = sizes[i / 6 % 6];
            void* const first = list_->allocate(asked, 8);
            void* const second = list_->allocate(other, 8);
            REQUIRE(first != nullptr);
            REQUIRE(second != nullptr);
            list_->deallocate(first, asked, 8);
            list_->deallocate(second, other, 8);
        }
        return seconds_since(start);
    }

private:
    static double seconds_since(std::clock_t start) {
        return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }

    static size_t size_of(size_t index) {
        const size_t pair = index / 2;
        return pair % 2 == 0 ? usual_hole : 16 + pair % 7 * 16;
    }

    static size_t size_of_buffer(size_t holes) { return holes * (usual_hole + 256) + 65'536; }

    std::byte* buffer_;
    bridge::Owner<FreeList> list_;
};

/// The least of some measurements: what disturbs them only adds.
double least_seconds(Perforated& perforated) {
    double least = perforated.seconds();
    for (int i = 0; i < 8; ++i) {
        const double seconds = perforated.seconds();
        least = seconds < least ? seconds : least;
    }
    return least;
}

}  // namespace

TEST_SUITE("4.8 bins" * doctest::description("CONCEPTS.md, 'Segregated fits'")) {
    TEST_CASE("the first block lies in the buffer, aligned") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, segregated_fit};

        CHECK(list.allocate(24, 8) != nullptr);
        CHECK(list->check());
    }

    TEST_CASE("bin_of: larger sizes have no lower bin, sizes of one bin differ by less than 1/32") {
        if (!design().is_the_courses) {
            return;
        }
        unsigned bin = bridge::bin_of(1);
        std::uint32_t first = 1;  // the smallest size of this bin
        for (std::uint64_t size = 1; size < UINT32_MAX; size += 1 + size / 5000) {
            CAPTURE(size);
            const auto units = static_cast<std::uint32_t>(size);
            const unsigned bin_of_size = bridge::bin_of(units);
            REQUIRE(bin_of_size >= bin);
            first = bin_of_size == bin ? first : units;
            bin = bin_of_size;
            CHECK((size - first) * 32 < first);
            CHECK(bin_of_size < bridge::bin_count());
        }
    }

    TEST_CASE("the whole capacity can be one block, whatever it is") {
        for (size_t size = 64; size <= 400'000; size += size / 9) {
            CAPTURE(size);
            GuardedBuffer buffer{size};
            Watched list{buffer, segregated_fit};
            if (design().least_capacity(size) != 0) {
                REQUIRE(list->capacity() != 0);
            }

            CHECK((list.allocate(list->capacity() + 1, 1) == nullptr));
            if (list->capacity() != 0) {
                check_empty(list, size);
            }
        }
    }

    TEST_CASE("a buffer too small for a block refuses every request") {
        GuardedBuffer large{1024};
        Watched enough{large, segregated_fit};
        REQUIRE(enough.allocate(1, 1) != nullptr);  // so that a starter is red here

        for (size_t size = 0; size <= 48; ++size) {
            GuardedBuffer buffer{size};
            Watched list{buffer, segregated_fit};
            CAPTURE(size);

            CHECK(list.allocate(list->capacity() + 1, 1) == nullptr);
            CHECK(list.allocate(PTRDIFF_MAX, 1) == nullptr);
            CHECK(list.allocate(100, 4096) == nullptr);
        }
    }

    TEST_CASE("a block of every size is found again after it was given back") {
        GuardedBuffer buffer{65'536, 9};
        Watched list{buffer, segregated_fit};
        for (size_t size = 1; size <= 9000; size += 1 + size / 40) {
            CAPTURE(size);
            // Behind the block another one, so that it cannot merge with what is left; and then
            // that is taken, too.
            std::byte* const block = list.allocate(size + size / 4 + 32, 1);
            std::byte* const behind = list.allocate(1, 1);
            REQUIRE(block != nullptr);
            REQUIRE(behind != nullptr);
            const size_t left = certain(pieces_of(*list, buffer.size()).largest_free);
            std::byte* const rest = list.allocate(left, 1);
            REQUIRE(rest != nullptr);
            list.deallocate(block, size + size / 4 + 32, 1);

            std::byte* const again = list.allocate(size, 1);
            REQUIRE(again != nullptr);
            check_merged(*list, buffer.size());

            list.deallocate(again, size, 1);
            list.deallocate(rest, left, 1);
            list.deallocate(behind, 1, 1);
            check_merged(*list, buffer.size());
        }
        check_empty(list, buffer.size());
    }

    TEST_CASE(
        "many blocks of one size and of neighbouring sizes share bins without mixing them up") {
        GuardedBuffer buffer{size_t{1} << 20, 24};
        Watched list{buffer, segregated_fit};
        Blocks blocks;
        for (; blocks.count < 300; ++blocks.count) {
            blocks[blocks.count] = list.allocate(1000 + blocks.count * 3, 8);
            REQUIRE(blocks[blocks.count] != nullptr);
        }
        for (size_t i = 0; i < 300; i += 2) {
            list.deallocate(blocks[i], 1000 + i * 3, 8);
        }
        check_merged(*list, buffer.size());

        for (size_t i = 0; i < 300; i += 2) {
            const size_t size = 1000 + (i * 7 % 300) * 3;
            std::byte* const block = list.allocate(size, 8);
            REQUIRE(block != nullptr);
            blocks[i] = block;
        }
        check_merged(*list, buffer.size());
        for (size_t i = 0; i < 300; ++i) {
            list.deallocate(blocks[i], 1000 + (i % 2 == 0 ? i * 7 % 300 : i) * 3, 8);
        }

        check_empty(list, buffer.size());
    }

    TEST_CASE("a small request leaves a large block whole while there is a small one") {
        for (const bool large_one_first : {true, false}) {
            GuardedBuffer buffer{65'536};
            Watched list{buffer, segregated_fit};
            std::byte* const large = list.allocate(8000, 16);
            REQUIRE(list.allocate(16, 16) != nullptr);
            std::byte* const small = list.allocate(3000, 16);
            REQUIRE(list.allocate(16, 16) != nullptr);
            REQUIRE(list.allocate(certain(pieces_of(*list, 65'536).largest_free), 1) != nullptr);
            fill(list, 2000, 8);
            list.deallocate(large_one_first ? large : small, large_one_first ? 8000 : 3000, 16);
            list.deallocate(large_one_first ? small : large, large_one_first ? 3000 : 8000, 16);

            CHECK(list.allocate(2300, 16) != nullptr);
            if (design().has_bins) {
                CHECK(list.allocate(6000, 16) != nullptr);
            }
        }
    }

    TEST_CASE("free blocks of some mebibytes are found, whatever their exact size") {
        for (const size_t mebibytes : {1, 3}) {
            for (const size_t more : {0, 1500, 40'000}) {
                CAPTURE(mebibytes);
                CAPTURE(more);
                GuardedBuffer buffer{size_t{5} << 20, 100};
                Watched list{buffer, segregated_fit};
                std::byte* const small = list.allocate(2000, 8);
                REQUIRE(small != nullptr);
                const size_t left = pieces_of(*list, buffer.size()).largest_free;
                const size_t leave = (mebibytes << 20) + more;
                if (left <= leave) {
                    continue;
                }
                REQUIRE(list->allocate(left - leave, 8) != nullptr);  // too large to watch
                // Now the large one is not the newest any more.
                list.deallocate(small, 2000, 8);

                if (check_merged(*list, buffer.size()).largest_free >= leave) {
                    CHECK(list.allocate(60'000, 8) != nullptr);
                    CHECK(list.allocate(leave / 2, 8) != nullptr);
                    check_merged(*list, buffer.size());
                }
            }
        }
    }

    TEST_CASE("four blocks and a live one between them, given back in a mixed order") {
        GuardedBuffer buffer{65'536, 11};
        Watched list{buffer, segregated_fit};
        Dice dice;
        for (const size_t size : {1, 16, 40, 100, 2000}) {
            Blocks blocks = fill(list, size, 8, 30);
            REQUIRE(blocks.count > 20);
            shuffle(blocks, dice);
            for (size_t i = 0; i < blocks.count; ++i) {
                list.deallocate(blocks[i], size, 8);
                check_merged(*list, buffer.size());
            }
            check_empty(list, buffer.size());
        }
    }

    TEST_CASE("every alignment is met, and nothing is lost") {
        GuardedBuffer buffer{size_t{3} << 20, 24};
        Watched list{buffer, segregated_fit};
        for (size_t alignment = 1; alignment <= size_t{1} << 20; alignment *= 2) {
            CAPTURE(alignment);
            std::byte* const small = list.allocate(1, 1);
            std::byte* const block = list.allocate(100, alignment);
            REQUIRE(block != nullptr);
            check_merged(*list, buffer.size());
            list.deallocate(small, 1, 1);
            list.deallocate(block, 100, alignment);
            check_empty(list, buffer.size());
        }
    }

    TEST_CASE("a huge request is refused: sums of sizes must not wrap around") {
        GuardedBuffer buffer{1000, 3};
        Watched list{buffer, segregated_fit};
        REQUIRE(list.allocate(1, 1) != nullptr);

        for (size_t alignment = 1; alignment <= size_t{1} << 62; alignment *= 2) {
            const size_t most = PTRDIFF_MAX - (alignment - 1);
            for (const size_t less : {0, 1, 15, 16, 17, 31, 64}) {
                CHECK(list.allocate(most - less % alignment, alignment) == nullptr);
            }
        }
        // In units of 16 bytes, these are 0, 1 and more modulo 2^32.
        for (size_t more = 0; more <= 64; more += 16) {
            CHECK(list.allocate((size_t{1} << 36) + more, 1) == nullptr);
        }
        for (size_t size = 2048; size <= PTRDIFF_MAX / 2; size *= 2) {
            CHECK(list.allocate(size - 1, 1) == nullptr);
            CHECK(list.allocate(size, 1) == nullptr);
            CHECK(list.allocate(size + 1, 1) == nullptr);
        }
        CHECK(list.allocate(1, 1) != nullptr);
    }

    TEST_CASE("after reset nothing is live, and everything can be had") {
        GuardedBuffer buffer{4096, 3};
        Watched list{buffer, segregated_fit};
        Blocks blocks = fill(list, 64, 16, 20);
        REQUIRE(blocks.count > 10);
        list.deallocate(blocks[2], 64, 16);
        list.deallocate(blocks[7], 64, 16);

        list.reset();

        check_empty(list, 4096);
    }

    TEST_CASE("an operation takes as long among twenty thousand free blocks as among twenty") {
        Perforated few{20};
        Perforated many{design().has_bins ? size_t{20'000} : size_t{20}};

        const double among_few = least_seconds(few);
        const double among_many = least_seconds(many);

        // Caches may make it a few times slower. A walk makes it a hundred times slower and more.
        const double bound = 12 * among_few + 0.003;
        const auto times_slower = static_cast<size_t>(among_many / (among_few + 1e-9));
        CAPTURE(times_slower);
        CHECK((among_many < bound));
        CHECK((many.giving_back < bound));
    }

    TEST_CASE("random sequences of operations keep the contract",
              {.skip = !harness::has_random_judge}) {
        GuardedBuffer buffer{1024};
        Watched list{buffer, segregated_fit};
        REQUIRE(list.allocate(1, 1) != nullptr);
        play_random_sequences<segregated_fit>({.type = "FreeListAllocator<SegregatedFit>"});
    }

    TEST_CASE("random sequences in a large buffer keep the contract",
              {.skip = !harness::has_random_judge}) {
        GuardedBuffer buffer{1024};
        Watched list{buffer, segregated_fit};
        REQUIRE(list.allocate(1, 1) != nullptr);
        play_random_sequences<segregated_fit>({.type = "FreeListAllocator<SegregatedFit>",
                                               .buffer_size = 100'000,
                                               .sequences = 60,
                                               .operations = 40});
    }
}

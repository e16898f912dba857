// The judge of step 4, task 4.9.

#include "4_blocks.hpp"

#include <cstdio>

using bridge::first_fit;
using bridge::Layout;

namespace {

/// Three blocks of 64 bytes, one behind the other.
struct Three {
    explicit Three(Watched& list) : blocks{fill(list, 64, 16, 3)} {
        REQUIRE(blocks.count == 3);
        sort(blocks);
    }

    Blocks blocks;
};

void write(std::byte* block, size_t size, unsigned key) {
    for (size_t i = 0; i < size; ++i) {
        block[i] = static_cast<std::byte>(key + 7 * i);
    }
}

/// The bytes that write() wrote are still there.
void check_kept(const void* block, size_t size, unsigned key, const char* whose,
                Place place = Place::here()) {
    harness::now_at(place);
    for (size_t i = 0; i < size; ++i) {
        if (static_cast<const std::byte*>(block)[i] != static_cast<std::byte>(key + 7 * i)) {
            char text[160];
            std::snprintf(text, sizeof text, "%s: of %zu bytes, byte %zu is not what it was", whose,
                          size, i);
            harness::wrong(text, place);
        }
    }
}

struct Sizes {
    size_t from, to;
};

/// An allocator without try_resize that serves from two guarded buffers: block after block at the
/// very end of one, then of the other.
class TwoBlocks final : public bridge::Plain {
public:
    TwoBlocks(size_t first, size_t second) : first_{first}, second_{second} {}

    void* allocate(Layout asked) override {
        last_asked = asked.size();
        last_alignment = asked.alignment();
        ++requests;
        if (requests > 2) {
            return nullptr;
        }
        GuardedBuffer& buffer = requests == 1 ? first_ : second_;
        return asked.size() == buffer.size() ? buffer.data() : nullptr;
    }

    void deallocate(void* block, Layout given) override {
        ++given_back;
        last_block = block;
        last_given = given.size();
        last_given_alignment = given.alignment();
    }

    int requests = 0;
    int given_back = 0;
    void* last_block = nullptr;
    size_t last_asked = 0;
    size_t last_alignment = 0;
    size_t last_given = 0;
    size_t last_given_alignment = 0;

private:
    GuardedBuffer first_;
    GuardedBuffer second_;
};

/// An allocator that never serves the same byte twice.
class Bump final : public bridge::Plain {
public:
    explicit Bump(GuardedBuffer& buffer) : buffer_{buffer} {}

    void* allocate(Layout asked) override {
        size_t start = used_;
        while (!is_aligned(buffer_.data() + start, asked.alignment())) {
            ++start;
        }
        if (start > buffer_.size() || asked.size() > buffer_.size() - start) {
            return nullptr;
        }
        used_ = start + asked.size();
        return buffer_.data() + start;
    }
    void deallocate(void*, Layout) override {}

private:
    GuardedBuffer& buffer_;
    size_t used_ = 0;
};

/// A free list, as reallocate() may use it.
class Resized final : public bridge::Resizing {
public:
    explicit Resized(FreeList& list) : list_{list} {}

    void* allocate(Layout asked) override {
        return list_.allocate(asked.size(), asked.alignment());
    }
    void deallocate(void* block, Layout given) override {
        list_.deallocate(block, given.size(), given.alignment());
    }
    bool try_resize(void* block, Layout from, Layout to) override {
        return list_.try_relayout(block, from, to);
    }

private:
    FreeList& list_;
};

void* reallocate(FreeList& list, void* block, Layout from, Layout to) {
    Resized resized{list};
    return bridge::reallocate(resized, block, from, to);
}

/// An allocator that remembers the line it was called from.
class Placed final : public bridge::Placed {
public:
    void* allocate(Layout asked, Place place) override {
        allocated_at = place.line;
        return asked.size() <= sizeof memory_ / 2 ? memory_ + (asked.size() > 8 ? 64 : 0) : nullptr;
    }
    void deallocate(void*, Layout, Place place) override { given_back_at = place.line; }

    int allocated_at = 0;
    int given_back_at = 0;

private:
    alignas(16) std::byte memory_[128];
};

/// An allocator that resizes every block where it stands, and remembers what it was asked.
class InPlace final : public bridge::Resizing {
public:
    void* allocate(Layout) override { return nullptr; }
    void deallocate(void*, Layout) override { ++given_back; }

    bool try_resize(void* block, Layout from, Layout to) override {
        last_block = block;
        old_size = from.size();
        new_size = to.size();
        return true;
    }

    int given_back = 0;
    void* last_block = nullptr;
    size_t old_size = 0;
    size_t new_size = 0;
};

}  // namespace

TEST_SUITE("4.9 resize" * doctest::description("CONCEPTS.md, 'Growing a block'")) {
    TEST_CASE("a block of all there is cannot grow, whatever the size of the buffer") {
        for (size_t size = 600; size <= 3000; size += 16) {
            CAPTURE(size);
            GuardedBuffer buffer{size};
            Watched list{buffer, first_fit};
            const size_t all = list->capacity();
            std::byte* const block = list.allocate(all, 1);
            REQUIRE(block != nullptr);

            CHECK_FALSE(list.try_resize(block, all, 1, all + 16));
            CHECK(list->check());
        }
    }

    TEST_CASE("what is free behind a block is enough when it is exactly enough") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, first_fit};
        Three three{list};
        list.deallocate(three.blocks[1], 64, 16);
        const size_t before = pieces_of(*list, 1024).free_bytes;
        size_t size = static_cast<size_t>(three.blocks[2] - three.blocks[0]);

        while (size > 64 && !list.try_resize(three.blocks[0], 64, 16, size)) {
            --size;
        }

        // The largest size that there is room for leaves nothing of the 64 bytes.
        const size_t after = check_merged(*list, 1024).free_bytes;
        if (design().moves_the_end) {
            CHECK(before - after >= 64);
        }
    }

    TEST_CASE("free memory behind a block that is too short for it stays as it is") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, first_fit};
        Three three{list};
        list.deallocate(three.blocks[1], 64, 16);
        const size_t before = pieces_of(*list, 1024).free_bytes;

        CHECK_FALSE(list.try_resize(three.blocks[0], 64, 16, 200));
        const size_t after = pieces_of(*list, 1024).free_bytes;
        CHECK(after == before);
        check_merged(*list, 1024);
    }

    TEST_CASE("a block grows into what is free behind it, and keeps its bytes") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, first_fit};
        Three three{list};
        list.deallocate(three.blocks[1], 64, 16);

        const bool done = list.try_resize(three.blocks[0], 64, 16, 100);

        if (design().moves_the_end) {
            REQUIRE(done);
        }
        check_merged(*list, 1024);
        list.deallocate(three.blocks[0], done ? 100 : 64, 16);
        list.deallocate(three.blocks[2], 64, 16);
        check_empty(list, 1024);
    }

    TEST_CASE("a block takes all that is free behind it, and not a byte more") {
        for (size_t size = 112; size <= 176; ++size) {
            GuardedBuffer buffer{1024};
            Watched list{buffer, first_fit};
            Three three{list};
            list.deallocate(three.blocks[1], 64, 16);

            const bool done = list.try_resize(three.blocks[0], 64, 16, size);

            const size_t room = static_cast<size_t>(three.blocks[2] - three.blocks[0]);
            REQUIRE((!done || size <= room));
            if (design().moves_the_end) {
                REQUIRE((done || size + 16 + 16 > room));
            }
            check_merged(*list, 1024);
        }
    }

    TEST_CASE("a block does not grow into a live one") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, first_fit};
        Three three{list};
        REQUIRE_FALSE(list.try_resize(three.blocks[0], 64, 16, 200));
        REQUIRE(list.try_resize(three.blocks[0], 64, 16, 60));  // so that a starter is red here

        CHECK_FALSE(list.try_resize(three.blocks[1], 64, 16, 128));
        list.shadow().check_contents();
        check_merged(*list, 1024);
    }

    TEST_CASE("a block does not grow past the end of the buffer") {
        for (size_t size = 300; size <= 320; ++size) {
            GuardedBuffer buffer{size};
            Watched list{buffer, first_fit};
            const size_t capacity = list->capacity();
            std::byte* const block = list.allocate(capacity, 1);
            REQUIRE(block != nullptr);

            CHECK_FALSE(list.try_resize(block, capacity, 1, capacity + 1 + (size - capacity)));
            CHECK_FALSE(list.try_resize(block, capacity, 1, capacity + 100));
            CHECK_FALSE(list.try_resize(block, capacity, 1, PTRDIFF_MAX));
            CHECK_FALSE(list.try_resize(block, capacity, 1, PTRDIFF_MAX - 15));
            CHECK(list.try_resize(block, capacity, 1, capacity));
            list.deallocate(block, capacity, 1);
            check_empty(list, size);
        }
    }

    TEST_CASE("shrinking always works, and its end can be handed out") {
        for (size_t size = 0; size <= 400; size += 1 + size / 16) {
            CAPTURE(size);
            GuardedBuffer buffer{1024};
            Watched list{buffer, first_fit};
            std::byte* const block = list.allocate(400, 8);
            REQUIRE(block != nullptr);
            fill(list, 16, 1);
            const size_t before = pieces_of(*list, 1024).free_bytes;

            REQUIRE(list.try_resize(block, 400, 8, size));

            check_merged(*list, 1024);
            const size_t freed = 400 - size;
            if (design().moves_the_end) {
                CHECK(pieces_of(*list, 1024).free_bytes + 48 >= before + freed);
            }
            if (freed >= 128 && design().moves_the_end) {
                CHECK(list.allocate(freed - 64, 8) != nullptr);
            }
            list.deallocate(block, size, 8);
            check_merged(*list, 1024);
        }
    }

    TEST_CASE("what shrinking frees merges with what is free behind") {
        GuardedBuffer buffer{1024};
        Watched list{buffer, first_fit};
        Three three{list};
        list.deallocate(three.blocks[1], 64, 16);

        REQUIRE(list.try_resize(three.blocks[0], 64, 16, 16));

        check_merged(*list, 1024);
        list.deallocate(three.blocks[2], 64, 16);
        list.deallocate(three.blocks[0], 16, 16);
        check_empty(list, 1024);
    }

    TEST_CASE("the same size, and sizes 0 and 1") {
        GuardedBuffer buffer{512};
        Watched list{buffer, first_fit};
        std::byte* const block = list.allocate(0, 1);
        REQUIRE(block != nullptr);

        CHECK(list.try_resize(block, 0, 1, 1));
        CHECK(list.try_resize(block, 1, 1, 1));
        CHECK(list.try_resize(block, 1, 1, 0));
        CHECK(list.try_resize(block, 0, 1, 0));
        CHECK(list->promises().has_try_resize);  // what a layer looks for
        list.deallocate(block, 0, 1);
        check_empty(list, 512);
    }

    TEST_CASE("grown and shrunk a thousand times: nothing is lost") {
        GuardedBuffer buffer{4096, 3};
        Watched list{buffer, first_fit};
        std::byte* const block = list.allocate(10, 8);
        REQUIRE(block != nullptr);
        size_t size = 10;
        Dice dice;
        size_t resized = 0;
        for (int round = 0; round < 1000; ++round) {
            const size_t next = dice(5000);
            if (list.try_resize(block, size, 8, next)) {
                size = next;
                ++resized;
            }
            check_merged(*list, 4096);
        }
        if (design().moves_the_end) {
            CHECK(resized > 200);
        }
        list.deallocate(block, size, 8);
        check_empty(list, 4096);
    }

    TEST_CASE("a stricter alignment is granted where the address has it, and refused elsewhere") {
        GuardedBuffer buffer{2048};
        Watched list{buffer, first_fit};
        Blocks blocks = fill(list, 80, 16, 10);
        REQUIRE(blocks.count == 10);
        REQUIRE(list.try_resize(blocks[0], 80, 16, 80));  // so that a starter is red here

        for (size_t i = 0; i < blocks.count; ++i) {
            const bool aligned = is_aligned(blocks[i], 64);
            CHECK(list->try_relayout(blocks[i], layout(80, 16), layout(80, 64)) == aligned);
            CHECK((aligned || !list->try_relayout(blocks[i], layout(80, 16), layout(40, 64))));
        }
        check_merged(*list, 2048);
    }

    TEST_CASE("reallocate tells the allocator the place of its own call") {
        Placed allocator;
        void* const block = reallocate(allocator, nullptr, layout(8, 8), layout(8, 8), {"a", 41});
        REQUIRE(block != nullptr);
        CHECK(allocator.allocated_at == 41);

        void* const moved = reallocate(allocator, block, layout(8, 8), layout(64, 8), {"a", 42});
        REQUIRE(moved != nullptr);
        CHECK(allocator.allocated_at == 42);
        CHECK(allocator.given_back_at == 42);
    }

    TEST_CASE("reallocate moves a block that cannot grow: its bytes come along") {
        GuardedBuffer buffer{2048};
        const bridge::Owner<FreeList> list = first_fit(buffer.span());
        std::byte* const first = static_cast<std::byte*>(list->allocate(64, 16));
        std::byte* const second = static_cast<std::byte*>(list->allocate(64, 16));
        REQUIRE(second != nullptr);
        write(first, 64, 1);
        write(second, 64, 2);

        void* const grown = reallocate(*list, first, layout(64, 16), layout(400, 16));
        REQUIRE(grown != nullptr);
        void* const other = reallocate(*list, second, layout(64, 16), layout(500, 16));
        REQUIRE(other != nullptr);

        check_kept(grown, 64, 1, "the block that reallocate moved");
        check_kept(other, 64, 2, "a live block, which is not the one that was resized");
        list->deallocate(grown, 400, 16);
        list->deallocate(other, 500, 16);
        const Pieces pieces = check_merged(*list, 2048);
        CHECK(pieces.live_bytes == 0);
    }

    TEST_CASE("reallocate keeps the alignment, also when it has to move for it") {
        GuardedBuffer buffer{32'768, 24};
        const bridge::Owner<FreeList> list = first_fit(buffer.span());
        void* block = list->allocate(10, 1);
        REQUIRE(block != nullptr);
        write(static_cast<std::byte*>(block), 10, 3);
        size_t old = 1;
        for (size_t alignment = 2; alignment <= 4096; alignment *= 2) {
            block = reallocate(*list, block, layout(10, old), layout(10, alignment));
            REQUIRE(block != nullptr);
            CHECK(is_aligned(block, alignment));
            check_kept(block, 10, 3, "the block that could not grow");
            old = alignment;
        }
        list->deallocate(block, 10, old);
        CHECK(check_merged(*list, buffer.size()).live_bytes == 0);
    }

    TEST_CASE("when there is no room, reallocate leaves the block as it was") {
        GuardedBuffer buffer{1024};
        const bridge::Owner<FreeList> list = first_fit(buffer.span());
        std::byte* const block = static_cast<std::byte*>(list->allocate(300, 8));
        REQUIRE(block != nullptr);
        void* const other = list->allocate(100, 8);
        REQUIRE(other != nullptr);
        write(block, 300, 4);
        const Pieces before = pieces_of(*list, 1024);

        CHECK(reallocate(*list, block, layout(300, 8), layout(2000, 8)) == nullptr);
        CHECK(reallocate(*list, block, layout(300, 8), layout(PTRDIFF_MAX - 7, 8)) == nullptr);

        check_kept(block, 300, 4, "the block that could not grow, which stays as it was");
        CHECK(pieces_of(*list, 1024).free_bytes == before.free_bytes);
        void* const smaller = reallocate(*list, block, layout(300, 8), layout(200, 8));
        REQUIRE(smaller != nullptr);
        check_kept(smaller, 200, 4, "the block that became smaller");
        list->deallocate(smaller, 200, 8);
        list->deallocate(other, 100, 8);
        CHECK(check_merged(*list, 1024).live_bytes == 0);
    }

    TEST_CASE("reallocate of nullptr allocates") {
        GuardedBuffer buffer{512};
        const bridge::Owner<FreeList> list = first_fit(buffer.span());

        void* const block = reallocate(*list, nullptr, layout(0, 1), layout(100, 8));

        CHECK(block != nullptr);
        CHECK(reallocate(*list, nullptr, layout(300, 8), layout(5000, 8)) == nullptr);
    }

    TEST_CASE("an allocator that resizes in place is asked for that first") {
        InPlace allocator;
        std::byte block[48];

        CHECK(reallocate(allocator, block, layout(24, 8), layout(48, 8)) == block);

        CHECK(allocator.given_back == 0);
        CHECK(allocator.last_block == block);
        CHECK(allocator.old_size == 24);
        CHECK(allocator.new_size == 48);
    }

    TEST_CASE("exactly the bytes of the smaller size are copied, from guarded end to guarded end") {
        for (const auto& [from, to] : {Sizes{24, 100}, Sizes{100, 24}, Sizes{1, 4096}}) {
            CAPTURE(from);
            CAPTURE(to);
            TwoBlocks two{from, to};
            auto* const block = static_cast<std::byte*>(two.allocate(layout(from, 1)));
            REQUIRE(block != nullptr);
            write(block, from, 5);

            void* const moved = reallocate(two, block, layout(from, 1), layout(to, 1));

            REQUIRE(moved != nullptr);
            REQUIRE(moved != block);
            check_kept(moved, from < to ? from : to, 5, "the new block");
            CHECK(two.last_asked == to);
            CHECK(two.given_back == 1);
            CHECK(two.last_block == block);
            CHECK(two.last_given == from);
        }
    }

    TEST_CASE("any allocator will do: a block of a bump allocator grows by moving") {
        GuardedBuffer buffer{512};
        Bump bump{buffer};
        auto* const block = static_cast<std::byte*>(bump.allocate(layout(50, 1)));
        REQUIRE(block != nullptr);
        write(block, 50, 6);

        void* const moved = reallocate(bump, block, layout(50, 1), layout(100, 64));

        REQUIRE(moved != nullptr);
        CHECK(is_aligned(moved, 64));
        check_kept(moved, 50, 6, "the new block");
        CHECK(reallocate(bump, moved, layout(100, 64), layout(1000, 64)) == nullptr);
        check_kept(moved, 50, 6, "the new block");
    }

    TEST_CASE("random sequences of operations, resizing among them, keep the contract",
              {.skip = !harness::has_random_judge}) {
        GuardedBuffer buffer{256};
        Watched list{buffer, first_fit};
        std::byte* const block = list.allocate(1, 1);
        REQUIRE(list.try_resize(block, 1, 1, 1));
        play_random_sequences<first_fit, true>({.type = "FreeListAllocator<FirstFit>"});
    }
}

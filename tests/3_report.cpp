// The judge of step 3, task 3.4.

#include "3_trackers.hpp"

#include <harness/report_text.hpp>

#include <cstdio>
#include <cstring>
#include <string_view>

using bridge::Misuse;
using bridge::Record;
using harness::ReportText;

namespace {

struct Watching : Made<bridge::Tracker, bridge::watching> {
    using Made::Made;
    void report(bridge::Write write) const { bridge::report_of_watching(**this, write); }
};

struct Counting : Made<bridge::Tracker, bridge::counting> {
    using Made::Made;
    void report(bridge::Write write) const { bridge::report_of_counting(**this, write); }
};

using Explored = Made<bridge::Counters, bridge::counting_explored>;

constexpr size_t largest = PTRDIFF_MAX;

/// The live blocks that for_each_live() shows.
struct Live {
    struct Block {
        const void* block = nullptr;
        size_t size = 0;
        size_t alignment = 0;
        size_t number = 0;
        int line = 0;
        bool live = false;
    };

    explicit Live(const Watching& tracked) {
        const auto look = [this](const Record& record) {
            if (count < 16) {
                blocks[count] = {record.block,  record.layout.size(), record.layout.alignment(),
                                 record.number, record.place.line,    record.live};
            }
            count += 1;
        };
        bridge::for_each_live(*tracked, look);
    }

    const Block& operator[](size_t index) const { return blocks[index]; }

    size_t count = 0;
    Block blocks[16];
};

void allocate_many(const Watching& tracked, size_t count, size_t size) {
    for (size_t i = 0; i < count; ++i) {
        REQUIRE(tracked->allocate(layout(size, 1)) != nullptr);
    }
}

}  // namespace

TEST_SUITE("3.4 the report" * doctest::description("CONCEPTS.md, 'Tracking'")) {
    TEST_CASE("size_class: each class ends with a power of two") {
        Upstream upstream;
        const Watching tracked{upstream};
        CHECK(tracked->size_class(0) == 0);
        CHECK(tracked->size_class(1) == 1);
        CHECK(tracked->size_class(2) == 2);
        CHECK(tracked->size_class(3) == 3);
        CHECK(tracked->size_class(4) == 3);
        CHECK(tracked->size_class(5) == 4);
        CHECK(tracked->size_class(8) == 4);
        CHECK(tracked->size_class(9) == 5);
        for (size_t power = 4; power < 63; ++power) {
            const size_t size = size_t{1} << power;
            CAPTURE(size);
            CHECK(tracked->size_class(size - 1) == power + 1);
            CHECK(tracked->size_class(size) == power + 1);
            CHECK(tracked->size_class(size + 1) == power + 2);
        }
        CHECK(tracked->size_class(largest) == 64);
        CHECK(bridge::size_class_works_at_compile_time());
    }

    TEST_CASE("a block counts in its size class, whatever becomes of it") {
        Upstream upstream;
        Watching tracked{upstream};
        void* const block = tracked->allocate(layout(3, 8));
        REQUIRE(tracked->allocate(layout(4, 1)) != nullptr);
        REQUIRE(tracked->allocate(layout(5, 1)) != nullptr);
        REQUIRE(tracked->allocate(layout(0, 1)) != nullptr);
        REQUIRE(tracked->allocate(layout(largest, 1)) != nullptr);
        CHECK(tracked->size_class(3) == 3);

        CHECK(tracked->try_resize(block, layout(3, 8), layout(40, 8)));
        tracked->deallocate(block, layout(40, 8));
        upstream.refuse = true;
        REQUIRE(tracked->allocate(layout(4, 1)) == nullptr);

        size_t blocks = 0;
        for (size_t i = 0; i < tracked->size_classes(); ++i) {
            blocks += tracked->total_blocks_of(i);
        }
        CHECK(blocks == 5);
        CHECK(tracked->total_blocks_of(0) == 1);
        CHECK(tracked->total_blocks_of(3) == 2);
        CHECK(tracked->total_blocks_of(4) == 1);
        CHECK(tracked->total_blocks_of(64) == 1);
    }

    TEST_CASE("two threads at once: the class of their blocks counts both",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 2}, [](Play& play) {
            Upstream upstream{Upstream::Serves::own_byte};
            Explored tracked{upstream};
            CHECK(tracked->size_class(3) == 3);
            const auto work = [&] { (void)tracked->allocate(layout(3, 1)); };
            play.threads(work, work);

            play.expect(tracked->total_blocks_of(3) == 2,
                        "two blocks of this class were handed out");
        });
    }

    TEST_CASE("for_each_live shows the live blocks, each once, in the order of their coming") {
        Upstream upstream;
        Watching tracked{upstream};
        CHECK(Live{tracked}.count == 0);
        void* blocks[10];
        const int line = __LINE__ + 2;
        for (size_t i = 0; i < 10; ++i) {
            blocks[i] = tracked->allocate(layout(10 * i, 4));
            REQUIRE(blocks[i] != nullptr);
        }
        for (const size_t i : {1u, 2u, 4u, 7u, 8u}) {
            tracked->deallocate(blocks[i], layout(10 * i, 4));
        }

        const Live live{tracked};

        REQUIRE(live.count == 5);
        const size_t expected[] = {0, 3, 5, 6, 9};
        for (size_t i = 0; i < 5; ++i) {
            CAPTURE(i);
            CHECK(live[i].block == blocks[expected[i]]);
            CHECK(live[i].size == 10 * expected[i]);
            CHECK(live[i].alignment == 4);
            CHECK(live[i].number == expected[i] + 1);
            CHECK(live[i].line == line);
            CHECK(live[i].live);
        }
    }

    TEST_CASE("the first and the last block are shown too, and none when all are back") {
        Upstream upstream;
        Watching tracked{upstream};
        void* const first = tracked->allocate(layout(1, 1));
        void* const middle = tracked->allocate(layout(2, 1));
        void* const last = tracked->allocate(layout(3, 1));
        REQUIRE(last != nullptr);
        CHECK(Live{tracked}.count == 3);

        tracked->deallocate(middle, layout(2, 1));
        REQUIRE(Live{tracked}.count == 2);
        CHECK(Live{tracked}[0].block == first);
        CHECK(Live{tracked}[1].block == last);
        tracked->deallocate(first, layout(1, 1));
        REQUIRE(Live{tracked}.count == 1);
        CHECK(Live{tracked}[0].block == last);
        tracked->deallocate(last, layout(3, 1));
        CHECK(Live{tracked}.count == 0);
    }

    TEST_CASE("an address that is handed out again stands where the new block stands") {
        Upstream upstream;
        Watching tracked{upstream};
        void* const first = tracked->allocate(layout(8, 8));
        void* const second = tracked->allocate(layout(8, 8));
        REQUIRE(second != nullptr);
        tracked->deallocate(first, layout(8, 8));
        void* const third = tracked->allocate(layout(8, 8));
        REQUIRE(third == first);

        const Live live{tracked};

        REQUIRE(live.count == 2);
        CHECK(live[0].block == second);
        CHECK(live[0].number == 2);
        CHECK(live[1].block == third);
        CHECK(live[1].number == 3);
    }

    TEST_CASE("after misuse, reset and a change of size it shows what is live now") {
        Upstream upstream;
        Watching tracked{upstream};
        tracked->on_misuse([](const Misuse&, void*) {});
        REQUIRE(tracked->allocate(layout(1, 1)) != nullptr);
        tracked->reset();
        CHECK(Live{tracked}.count == 0);
        void* const block = tracked->allocate(layout(8, 8));
        void* const other = tracked->allocate(layout(16, 8));
        REQUIRE(other != nullptr);

        REQUIRE(tracked->try_resize(block, layout(8, 8), layout(30, 8)));
        tracked->deallocate(other, layout(15, 8));

        const Live live{tracked};
        REQUIRE(live.count == 2);
        CHECK(live[0].block == block);
        CHECK(live[0].size == 30);
        CHECK(live[0].alignment == 8);
        CHECK(live[1].block == other);
        CHECK(live[1].size == 16);
        CHECK(live[1].alignment == 8);
    }

    TEST_CASE("who visits the live blocks may give them back") {
        Upstream upstream;
        Watching tracked{upstream};
        for (size_t i = 0; i < 2500; ++i) {
            REQUIRE(tracked->allocate(layout(i % 64, 1)) != nullptr);
        }

        size_t visited = 0;
        const auto give_back = [&](const Record& record) {
            visited += 1;
            CHECK(record.number == visited);
            tracked->deallocate(const_cast<void*>(record.block), record.layout);
        };
        bridge::for_each_live(*tracked, give_back);

        CHECK(visited == 2500);
        CHECK(tracked->live_blocks() == 0);
        CHECK(Live{tracked}.count == 0);
    }

    TEST_CASE("the report begins with the counters") {
        Upstream upstream;
        Watching tracked{upstream};
        void* const block = tracked->allocate(layout(40, 8));
        REQUIRE(tracked->allocate(layout(2, 1)) != nullptr);
        REQUIRE(tracked->allocate(layout(0, 1)) != nullptr);
        tracked->deallocate(block, layout(40, 8));
        upstream.refuse = true;
        REQUIRE(tracked->allocate(layout(7, 1)) == nullptr);

        const ReportText text{tracked};

        CHECK(text.ends_with_line_end());
        CHECK(text.number("live", 0) == 2);
        CHECK(text.number("live", 1) == 2);
        CHECK(text.number("peak", 0) == 42);
        CHECK(text.number("total", 0) == 3);
        CHECK(text.number("total", 1) == 42);
        CHECK(text.number("failed", 0) == 1);
    }

    TEST_CASE("a line for each size class that was asked for, smallest first") {
        Upstream upstream;
        Watching tracked{upstream};
        allocate_many(tracked, 3, 100);
        allocate_many(tracked, 2, 64);
        allocate_many(tracked, 1, 33);
        allocate_many(tracked, 4, 0);
        allocate_many(tracked, 5, 1);
        allocate_many(tracked, 6, 3);

        const ReportText text{tracked};

        REQUIRE(text.bars() == 5);
        CHECK(text.number_of_bar(0, 0) == 0);
        CHECK(text.number_of_bar(0, 1) == 4);
        CHECK(text.number_of_bar(1, 0) == 1);
        CHECK(text.number_of_bar(1, 1) == 5);
        CHECK(text.number_of_bar(2, 0) == 3);
        CHECK(text.number_of_bar(2, 1) == 4);
        CHECK(text.number_of_bar(2, 2) == 6);
        CHECK(text.number_of_bar(3, 0) == 33);
        CHECK(text.number_of_bar(3, 1) == 64);
        CHECK(text.number_of_bar(3, 2) == 3);
        CHECK(text.number_of_bar(4, 0) == 65);
        CHECK(text.number_of_bar(4, 1) == 128);
        CHECK(text.number_of_bar(4, 2) == 3);
    }

    TEST_CASE("the longest bar is 40 wide, the others in proportion, none is empty") {
        Upstream upstream;
        Watching tracked{upstream};
        allocate_many(tracked, 400, 1);
        allocate_many(tracked, 200, 2);
        allocate_many(tracked, 100, 4);
        allocate_many(tracked, 1, 8);

        const ReportText text{tracked};

        REQUIRE(text.bars() == 4);
        CHECK(text.length_of_bar(0) == 40);
        CHECK(text.length_of_bar(1) == 20);
        CHECK(text.length_of_bar(2) == 10);
        CHECK(text.length_of_bar(3) == 1);
    }

    TEST_CASE("a bar of few blocks is 40 wide too, where no other is longer") {
        Upstream upstream;
        Watching tracked{upstream};
        allocate_many(tracked, 1, 1);
        allocate_many(tracked, 3, 2);

        const ReportText text{tracked};

        REQUIRE(text.bars() == 2);
        CHECK(text.length_of_bar(0) >= 13);  // 40/3, rounded either way
        CHECK(text.length_of_bar(0) <= 14);
        CHECK(text.length_of_bar(1) == 40);
    }

    TEST_CASE("a leak is named: number, bytes and place of each live block") {
        Upstream upstream;
        Watching tracked{upstream};
        void* blocks[4];
        const int line = __LINE__ + 2;
        for (size_t i = 0; i < 4; ++i) {
            blocks[i] = tracked->allocate(layout(100 + i, 4));
            REQUIRE(blocks[i] != nullptr);
        }
        tracked->deallocate(blocks[0], layout(100, 4));
        tracked->deallocate(blocks[2], layout(102, 4));

        const ReportText text{tracked};

        REQUIRE(text.blocks() == 2);
        char place[32];
        std::snprintf(place, sizeof place, "3_report.cpp:%d", line);
        CHECK(text.block_ends_with(0, place));
        CHECK(text.block_ends_with(1, place));
        CHECK(text.number_of_block(0, 0) == 2);
        CHECK(text.number_of_block(0, 1) == 101);
        CHECK(text.number_of_block(1, 0) == 4);
        CHECK(text.number_of_block(1, 1) == 103);
        CHECK(text.bars() == 1);
        CHECK(text.number("live", 0) == 2);
        CHECK(text.number("live", 1) == 204);
    }

    TEST_CASE("a report of nothing is four counters, all 0") {
        Upstream upstream;
        Watching tracked{upstream};

        const ReportText text{tracked};

        CHECK(text.number("live", 0) == 0);
        CHECK(text.number("live", 1) == 0);
        CHECK(text.number("peak", 0) == 0);
        CHECK(text.number("total", 0) == 0);
        CHECK(text.number("total", 1) == 0);
        CHECK(text.number("failed", 0) == 0);
        CHECK(text.bars() == 0);
        CHECK(text.blocks() == 0);
    }

    TEST_CASE("with Checks::off the report has the counters and the bars") {
        Upstream upstream;
        Counting tracked{upstream};
        REQUIRE(tracked->allocate(layout(20, 4)) != nullptr);

        const ReportText text{tracked};

        CHECK(text.number("live", 0) == 1);
        CHECK(text.number("live", 1) == 20);
        CHECK(text.bars() == 1);
        CHECK(text.blocks() == 0);
    }

    TEST_CASE("a place is told whole, however long its file's name is") {
        Upstream upstream;
        Watching tracked{upstream};
        static char file[5000];
        std::memset(file, 'x', sizeof file - 1);
        std::memcpy(file + sizeof file - 7, "/a.cpp", 7);
        REQUIRE(tracked->allocate(layout(20, 4), Place{file, 12345}) != nullptr);

        const ReportText text{tracked};

        REQUIRE(text.blocks() == 1);
        CHECK(text.block_ends_with(0, "x/a.cpp:12345"));
        CHECK(text.block_contains(0, file));
    }

    TEST_CASE("the largest numbers there are fit in") {
        Upstream upstream;
        Watching tracked{upstream};
        REQUIRE(tracked->allocate(layout(largest, 1), Place{"a.cpp", 2147483647}) != nullptr);
        REQUIRE(tracked->allocate(layout(largest, 1), Place{"a.cpp", 1}) != nullptr);

        const ReportText text{tracked};

        CHECK(text.number("live", 0) == 2);
        CHECK(text.number("live", 1) == 2 * largest);
        CHECK(text.number("peak", 0) == 2 * largest);
        REQUIRE(text.bars() == 1);
        CHECK(text.number_of_bar(0, 0) == largest / 2 + 2);
        CHECK(text.number_of_bar(0, 1) == largest + 1);
        CHECK(text.number_of_bar(0, 2) == 2);
        REQUIRE(text.blocks() == 2);
        CHECK(text.number_of_block(0, 0) == 1);
        CHECK(text.number_of_block(0, 1) == largest);
        CHECK(text.number_of_block(0, 2) == 2147483647);
    }

    TEST_CASE("the same calls give the same report, wherever the blocks lie") {
        Upstream upstreams[3];
        Watching first{upstreams[0]};
        Watching second{upstreams[2]};
        void* blocks[100];
        for (const Watching* const tracked : {&first, &second}) {
            for (size_t j = 0; j < 100; ++j) {
                blocks[j] = (*tracked)->allocate(layout(j * j % 61, 8));
                REQUIRE(blocks[j] != nullptr);
            }
            for (size_t j = 0; j < 100; j += 3) {
                const size_t k = j * 37 % 100;
                (*tracked)->deallocate(blocks[k], layout(k * k % 61, 8));
            }
        }

        const ReportText text{first};
        const ReportText other{second};

        CHECK(text.blocks() == 66);
        CHECK(text.number("live", 0) == 66);
        CHECK((text == other));
    }

    TEST_CASE("a report changes nothing and asks upstream for nothing") {
        Upstream upstream;
        Watching tracked{upstream};
        REQUIRE(tracked->allocate(layout(20, 4)) != nullptr);
        const Stats before = tracked->stats();

        const ReportText text{tracked};
        const ReportText again{tracked};

        CHECK((text == again));
        CHECK(text.bars() == 1);
        CHECK(tracked->stats() == before);
        CHECK(upstream.allocations() == 1);
        CHECK(upstream.deallocations() == 0);
    }

    TEST_CASE("who writes the report may use the tracker") {
        Upstream upstream;
        Watching tracked{upstream};
        for (int i = 0; i < 3; ++i) {
            REQUIRE(tracked->allocate(layout(20, 4)) != nullptr);
        }
        size_t live = 0;

        const auto meanwhile = [&] {
            tracked->deallocate(tracked->allocate(layout(8, 8)), layout(8, 8));
            live = tracked->live_bytes();
        };
        const ReportText text{tracked, meanwhile};

        CHECK(live == 60);
        CHECK(text.number("live", 0) == 3);
        CHECK(text.number("live", 1) == 60);
        CHECK(text.blocks() == 3);
    }

    TEST_CASE("whoever hears of a misuse may ask for a report") {
        struct Reporter {
            static void hear(const Misuse&, void* context) {
                Reporter& self = *static_cast<Reporter*>(context);
                const ReportText text{self.tracked};
                self.live = text.number("live", 0);
                self.blocks = text.blocks();
                self.visited = Live{self.tracked}.count;
            }
            const Watching& tracked;
            size_t live = 0;
            size_t blocks = 0;
            size_t visited = 0;
        };
        Upstream upstream;
        Watching tracked{upstream};
        Reporter reporter{tracked};
        tracked->on_misuse(&Reporter::hear, &reporter);
        void* const block = tracked->allocate(layout(20, 4));
        REQUIRE(block != nullptr);

        tracked->deallocate(block, layout(19, 4));

        CHECK(reporter.live == 1);
        CHECK(reporter.blocks == 1);
        CHECK(reporter.visited == 1);
    }
}

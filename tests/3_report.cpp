// The judge of step 3, task 3.4: the report.

#include <tracking.hpp>

#include <harness/compile_time.hpp>
#include <harness/judge.hpp>
#include <harness/upstream.hpp>

#include <cctype>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using harness::at_compile_time;
using harness::layout;
using harness::Upstream;
using std::size_t;
using workshop::Checks;
using workshop::Layout;
using workshop::Misuse;
using workshop::Place;
using workshop::Record;
using workshop::Stats;

namespace {

constexpr size_t largest = PTRDIFF_MAX;

using Watching = workshop::Tracking<Upstream, Checks::on>;
using Counting = workshop::Tracking<Upstream, Checks::off>;

template <class Tracker>
std::string text_of(const Tracker& tracked) {
    std::string text;
    tracked.report([&](std::string_view piece) { text += piece; });
    return text;
}

/// The numbers in a line, in order.
std::vector<size_t> numbers_in(std::string_view line) {
    std::vector<size_t> numbers;
    bool in_number = false;
    for (const char c : line) {
        const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
        if (digit) {
            const size_t so_far = in_number ? numbers.back() : 0;
            if (!in_number) {
                numbers.push_back(0);
            }
            numbers.back() = so_far * 10 + static_cast<size_t>(c - '0');
        }
        in_number = digit;
    }
    return numbers;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines(1);
    for (const char c : text) {
        if (c == '\n') {
            lines.emplace_back();
        } else {
            lines.back() += c;
        }
    }
    lines.pop_back();  // what is behind the last line end: nothing
    return lines;
}

/// The numbers in the line that begins with this word; none where there is no such line.
std::vector<size_t> numbers_behind(const std::string& text, std::string_view word) {
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with(word)) {
            return numbers_in(std::string_view{line}.substr(word.size()));
        }
    }
    return {};
}

using Numbers = std::vector<size_t>;

/// The lines of size classes: those that begin with a digit.
std::vector<std::string> bars_of(const std::string& text) {
    std::vector<std::string> bars;
    for (const std::string& line : lines_of(text)) {
        const size_t first = line.find_first_not_of(' ');
        if (first != line.npos && std::isdigit(static_cast<unsigned char>(line[first])) != 0) {
            bars.push_back(line);
        }
    }
    return bars;
}

size_t length_of_bar(const std::string& line) {
    size_t length = 0;
    for (const char c : line) {
        length += c == '#' ? 1 : 0;
    }
    return length;
}

/// The lines of live blocks: those that begin with '#'.
std::vector<std::string> blocks_of(const std::string& text) {
    std::vector<std::string> blocks;
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with('#')) {
            blocks.push_back(line);
        }
    }
    return blocks;
}

std::vector<Record> live_in(const Watching& tracked) {
    std::vector<Record> live;
    tracked.for_each_live([&](const Record& record) { live.push_back(record); });
    return live;
}

void allocate_many(Counting& tracked, size_t count, size_t size) {
    for (size_t i = 0; i < count; ++i) {
        REQUIRE(tracked.allocate(layout(size, 1)) != nullptr);
    }
}

}  // namespace

TEST_SUITE("3.4 the report" * doctest::description("CONCEPTS.md, 'Tracking'")) {
    TEST_CASE("size_class: each class ends with a power of two") {
        CHECK(Counting::size_class(0) == 0);
        CHECK(Counting::size_class(1) == 1);
        CHECK(Counting::size_class(2) == 2);
        CHECK(Counting::size_class(3) == 3);
        CHECK(Counting::size_class(4) == 3);
        CHECK(Counting::size_class(5) == 4);
        CHECK(Counting::size_class(8) == 4);
        CHECK(Counting::size_class(9) == 5);
        for (size_t power = 4; power < 63; ++power) {
            const size_t size = size_t{1} << power;
            CAPTURE(size);
            CHECK(Counting::size_class(size - 1) == power + 1);
            CHECK(Counting::size_class(size) == power + 1);
            CHECK(Counting::size_class(size + 1) == power + 2);
        }
        CHECK(Counting::size_class(largest) == 64);
        CHECK(at_compile_time([] { return Counting::size_class(100) == 8; }));
    }

    TEST_CASE("a block counts in its size class, whatever becomes of it") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const block = tracked.allocate(layout(3, 8));
        REQUIRE(tracked.allocate(layout(4, 1)) != nullptr);
        REQUIRE(tracked.allocate(layout(5, 1)) != nullptr);
        REQUIRE(tracked.allocate(layout(0, 1)) != nullptr);
        REQUIRE(tracked.allocate(layout(largest, 1)) != nullptr);
        CHECK(Counting::size_class(3) == 3);

        tracked.deallocate(block, layout(3, 8));
        upstream.refuse = true;
        REQUIRE(tracked.allocate(layout(4, 1)) == nullptr);

        size_t blocks = 0;
        for (size_t i = 0; i < Counting::size_classes; ++i) {
            blocks += tracked.total_blocks_of(i);
        }
        CHECK(blocks == 5);
        CHECK(tracked.total_blocks_of(0) == 1);
        CHECK(tracked.total_blocks_of(3) == 2);
        CHECK(tracked.total_blocks_of(4) == 1);
        CHECK(tracked.total_blocks_of(64) == 1);
    }

    TEST_CASE("for_each_live shows the live blocks, each once, in the order of their coming") {
        Upstream upstream;
        Watching tracked{upstream};
        CHECK(live_in(tracked).empty());
        void* blocks[10];
        const int line = __LINE__ + 2;
        for (size_t i = 0; i < 10; ++i) {
            blocks[i] = tracked.allocate(layout(10 * i, 4));
            REQUIRE(blocks[i] != nullptr);
        }
        for (const size_t i : {1, 2, 4, 7, 8}) {
            tracked.deallocate(blocks[i], layout(10 * i, 4));
        }

        const std::vector<Record> live = live_in(tracked);

        REQUIRE(live.size() == 5);
        const size_t expected[] = {0, 3, 5, 6, 9};
        for (size_t i = 0; i < 5; ++i) {
            CAPTURE(i);
            CHECK(live[i].block == blocks[expected[i]]);
            CHECK(live[i].layout == layout(10 * expected[i], 4));
            CHECK(live[i].number == expected[i] + 1);
            CHECK(live[i].place.line == line);
            CHECK(live[i].live);
        }
    }

    TEST_CASE("the first and the last block are shown too, and none when all are back") {
        Upstream upstream;
        Watching tracked{upstream};
        void* const first = tracked.allocate(layout(1, 1));
        void* const middle = tracked.allocate(layout(2, 1));
        void* const last = tracked.allocate(layout(3, 1));
        REQUIRE(last != nullptr);
        CHECK(live_in(tracked).size() == 3);

        tracked.deallocate(middle, layout(2, 1));
        REQUIRE(live_in(tracked).size() == 2);
        CHECK(live_in(tracked).front().block == first);
        CHECK(live_in(tracked).back().block == last);
        tracked.deallocate(first, layout(1, 1));
        REQUIRE(live_in(tracked).size() == 1);
        CHECK(live_in(tracked).front().block == last);
        tracked.deallocate(last, layout(3, 1));
        CHECK(live_in(tracked).empty());
    }

    TEST_CASE("an address that is handed out again stands where the new block stands") {
        Upstream upstream;
        Watching tracked{upstream};
        void* const first = tracked.allocate(layout(8, 8));
        void* const second = tracked.allocate(layout(8, 8));
        REQUIRE(second != nullptr);
        tracked.deallocate(first, layout(8, 8));
        void* const third = tracked.allocate(layout(8, 8));
        REQUIRE(third == first);

        const std::vector<Record> live = live_in(tracked);

        REQUIRE(live.size() == 2);
        CHECK(live[0].block == second);
        CHECK(live[0].number == 2);
        CHECK(live[1].block == third);
        CHECK(live[1].number == 3);
    }

    TEST_CASE("after misuse, reset and a change of size it shows what is live now") {
        Upstream upstream;
        Watching tracked{upstream};
        tracked.on_misuse([](const Misuse&, void*) {});
        REQUIRE(tracked.allocate(layout(1, 1)) != nullptr);
        tracked.reset();
        CHECK(live_in(tracked).empty());
        void* const block = tracked.allocate(layout(8, 8));
        void* const other = tracked.allocate(layout(16, 8));
        REQUIRE(other != nullptr);

        REQUIRE(tracked.try_resize(block, layout(8, 8), layout(30, 8)));
        tracked.deallocate(other, layout(15, 8));

        const std::vector<Record> live = live_in(tracked);
        REQUIRE(live.size() == 2);
        CHECK(live[0].block == block);
        CHECK(live[0].layout == layout(30, 8));
        CHECK(live[1].block == other);
        CHECK(live[1].layout == layout(16, 8));
    }

    TEST_CASE("who visits the live blocks may give them back") {
        Upstream upstream;
        Watching tracked{upstream};
        for (size_t i = 0; i < 2500; ++i) {
            REQUIRE(tracked.allocate(layout(i % 64, 1)) != nullptr);
        }

        size_t visited = 0;
        tracked.for_each_live([&](const Record& record) {
            visited += 1;
            CHECK(record.number == visited);
            tracked.deallocate(const_cast<void*>(record.block), record.layout);
        });

        CHECK(visited == 2500);
        CHECK(tracked.live_blocks() == 0);
        CHECK(live_in(tracked).empty());
    }

    TEST_CASE("the report begins with the counters") {
        Upstream upstream;
        Counting tracked{upstream};
        void* const block = tracked.allocate(layout(40, 8));
        REQUIRE(tracked.allocate(layout(2, 1)) != nullptr);
        REQUIRE(tracked.allocate(layout(0, 1)) != nullptr);
        tracked.deallocate(block, layout(40, 8));
        upstream.refuse = true;
        REQUIRE(tracked.allocate(layout(7, 1)) == nullptr);

        const std::string text = text_of(tracked);

        CHECK(text.ends_with('\n'));
        CHECK(numbers_behind(text, "live") == Numbers{2, 2});
        CHECK(numbers_behind(text, "peak") == Numbers{42});
        CHECK(numbers_behind(text, "total") == Numbers{3, 42});
        CHECK(numbers_behind(text, "failed") == Numbers{1});
    }

    TEST_CASE("a line for each size class that was asked for, smallest first") {
        Upstream upstream;
        Counting tracked{upstream};
        allocate_many(tracked, 3, 100);
        allocate_many(tracked, 2, 64);
        allocate_many(tracked, 1, 33);
        allocate_many(tracked, 4, 0);
        allocate_many(tracked, 5, 1);
        allocate_many(tracked, 6, 3);

        const std::vector<std::string> bars = bars_of(text_of(tracked));

        REQUIRE(bars.size() == 5);
        CHECK(numbers_in(bars[0]) == Numbers{0, 4});
        CHECK(numbers_in(bars[1]) == Numbers{1, 5});
        CHECK(numbers_in(bars[2]) == Numbers{3, 4, 6});
        CHECK(numbers_in(bars[3]) == Numbers{33, 64, 3});
        CHECK(numbers_in(bars[4]) == Numbers{65, 128, 3});
    }

    TEST_CASE("the longest bar is 40 wide, the others in proportion, none is empty") {
        Upstream upstream;
        Counting tracked{upstream};
        allocate_many(tracked, 400, 1);
        allocate_many(tracked, 200, 2);
        allocate_many(tracked, 100, 4);
        allocate_many(tracked, 1, 8);

        const std::vector<std::string> bars = bars_of(text_of(tracked));

        REQUIRE(bars.size() == 4);
        CHECK(length_of_bar(bars[0]) == 40);
        CHECK(length_of_bar(bars[1]) == 20);
        CHECK(length_of_bar(bars[2]) == 10);
        CHECK(length_of_bar(bars[3]) == 1);
    }

    TEST_CASE("a bar of few blocks is 40 wide too, where no other is longer") {
        Upstream upstream;
        Counting tracked{upstream};
        allocate_many(tracked, 1, 1);
        allocate_many(tracked, 3, 2);

        const std::vector<std::string> bars = bars_of(text_of(tracked));

        REQUIRE(bars.size() == 2);
        CHECK(length_of_bar(bars[0]) >= 13);  // 40/3, rounded either way
        CHECK(length_of_bar(bars[0]) <= 14);
        CHECK(length_of_bar(bars[1]) == 40);
    }

    TEST_CASE("a leak is named: number, bytes and place of each live block") {
        Upstream upstream;
        Watching tracked{upstream};
        void* blocks[4];
        const int line = __LINE__ + 2;
        for (size_t i = 0; i < 4; ++i) {
            blocks[i] = tracked.allocate(layout(100 + i, 4));
            REQUIRE(blocks[i] != nullptr);
        }
        tracked.deallocate(blocks[0], layout(100, 4));
        tracked.deallocate(blocks[2], layout(102, 4));

        const std::string text = text_of(tracked);
        const std::vector<std::string> leaks = blocks_of(text);

        REQUIRE(leaks.size() == 2);
        const std::string place = "3_report.cpp:" + std::to_string(line);
        CHECK(leaks[0].ends_with(place));
        CHECK(leaks[1].ends_with(place));
        CHECK(numbers_in(leaks[0])[0] == 2);
        CHECK(numbers_in(leaks[0])[1] == 101);
        CHECK(numbers_in(leaks[1])[0] == 4);
        CHECK(numbers_in(leaks[1])[1] == 103);
        CHECK(bars_of(text).size() == 1);
        CHECK(numbers_behind(text, "live") == Numbers{2, 204});
    }

    TEST_CASE("a report of nothing is four counters, all 0") {
        Upstream upstream;
        Watching tracked{upstream};

        const std::string text = text_of(tracked);

        CHECK(numbers_behind(text, "live") == Numbers{0, 0});
        CHECK(numbers_behind(text, "peak") == Numbers{0});
        CHECK(numbers_behind(text, "total") == Numbers{0, 0});
        CHECK(numbers_behind(text, "failed") == Numbers{0});
        CHECK(bars_of(text).empty());
        CHECK(blocks_of(text).empty());
    }

    TEST_CASE("with Checks::off the report has the counters and the bars") {
        Upstream upstream;
        Counting tracked{upstream};
        REQUIRE(tracked.allocate(layout(20, 4)) != nullptr);

        const std::string text = text_of(tracked);

        CHECK(numbers_behind(text, "live") == Numbers{1, 20});
        CHECK(bars_of(text).size() == 1);
        CHECK(blocks_of(text).empty());
    }

    TEST_CASE("a place is told whole, however long its file's name is") {
        Upstream upstream;
        Watching tracked{upstream};
        const std::string file = std::string(5000, 'x') + "/a.cpp";
        REQUIRE(tracked.allocate(layout(20, 4), Place{file.c_str(), 12345}) != nullptr);

        const std::vector<std::string> leaks = blocks_of(text_of(tracked));

        REQUIRE(leaks.size() == 1);
        CHECK(leaks[0].ends_with(file + ":12345"));
    }

    TEST_CASE("the largest numbers there are fit in") {
        Upstream upstream;
        Watching tracked{upstream};
        REQUIRE(tracked.allocate(layout(largest, 1), Place{"a.cpp", 2147483647}) != nullptr);
        REQUIRE(tracked.allocate(layout(largest, 1), Place{"a.cpp", 1}) != nullptr);

        const std::string text = text_of(tracked);

        CHECK(numbers_behind(text, "live") == Numbers{2, 2 * largest});
        CHECK(numbers_behind(text, "peak") == Numbers{2 * largest});
        REQUIRE(bars_of(text).size() == 1);
        CHECK(numbers_in(bars_of(text)[0]) == Numbers{largest / 2 + 2, largest + 1, 2});
        REQUIRE(blocks_of(text).size() == 2);
        CHECK(numbers_in(blocks_of(text)[0]) == Numbers{1, largest, 2147483647});
    }

    TEST_CASE("the same calls give the same report, wherever the blocks lie") {
        std::string texts[2];
        Upstream elsewhere[3];
        for (size_t i = 0; i < 2; ++i) {
            Watching tracked{elsewhere[2 * i]};
            void* blocks[100];
            for (size_t j = 0; j < 100; ++j) {
                blocks[j] = tracked.allocate(layout(j * j % 61, 8));
                REQUIRE(blocks[j] != nullptr);
            }
            for (size_t j = 0; j < 100; j += 3) {
                const size_t k = j * 37 % 100;
                tracked.deallocate(blocks[k], layout(k * k % 61, 8));
            }
            texts[i] = text_of(tracked);
        }

        CHECK(blocks_of(texts[0]).size() == 66);
        CHECK(texts[0] == texts[1]);
    }

    TEST_CASE("a report changes nothing and asks upstream for nothing") {
        Upstream upstream;
        Watching tracked{upstream};
        REQUIRE(tracked.allocate(layout(20, 4)) != nullptr);
        const Stats before = tracked.stats();

        const std::string text = text_of(tracked);

        CHECK(text == text_of(tracked));
        CHECK(bars_of(text).size() == 1);
        CHECK(tracked.stats() == before);
        CHECK(upstream.allocations == 1);
        CHECK(upstream.deallocations == 0);
    }

    TEST_CASE("who writes the report may use the tracker") {
        Upstream upstream;
        Watching tracked{upstream};
        for (int i = 0; i < 3; ++i) {
            REQUIRE(tracked.allocate(layout(20, 4)) != nullptr);
        }
        std::string text;
        size_t live = 0;

        tracked.report([&](std::string_view piece) {
            void* const block = tracked.allocate(layout(8, 8));
            text += piece;
            tracked.deallocate(block, layout(8, 8));
            live = tracked.stats().live_bytes;
        });

        CHECK(live == 60);
        CHECK(numbers_behind(text, "live") == Numbers{3, 60});
        CHECK(blocks_of(text).size() == 3);
    }

    TEST_CASE("whoever hears of a misuse may ask for a report") {
        struct Reporter {
            static void hear(const Misuse&, void* context) {
                Reporter& self = *static_cast<Reporter*>(context);
                self.text = text_of(self.tracked);
                self.live = live_in(self.tracked).size();
            }
            const Watching& tracked;
            std::string text;
            size_t live = 0;
        };
        Upstream upstream;
        Watching tracked{upstream};
        Reporter reporter{tracked, {}};
        tracked.on_misuse(&Reporter::hear, &reporter);
        void* const block = tracked.allocate(layout(20, 4));
        REQUIRE(block != nullptr);

        tracked.deallocate(block, layout(19, 4));

        CHECK(reporter.live == 1);
        CHECK(numbers_behind(reporter.text, "live") == Numbers{1, 20});
        CHECK(blocks_of(reporter.text).size() == 1);
    }
}

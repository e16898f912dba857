// Pictures of heaps, and the page of a part.

#include "../../bench/page.hpp"
#include "../../bench/heap.hpp"
#include "contains.hpp"
#include "well_formed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace bench;
using traces_tests::contains;
using traces_tests::count;
using traces_tests::well_formed;

namespace {

// A block of the lower half for the first half of the time, one of 16 bytes for good.
const std::string a_heap =
    "workshop-heap 1\n"
    "heap\tone\tbins\t4096\t640\n"
    "0 0 2048\n"
    "0 4080 16\n"
    "320 0 0\n";

std::string heap_complaint(const std::string& text) {
    try {
        read_heaps(text);
    } catch (const FindingsError& error) {
        return error.what();
    }
    return {};
}

Heap the_heap() {
    return read_heaps(a_heap).front();
}

}  // namespace

TEST_CASE("blocks have a place and a time") {
    const Heap heap = the_heap();

    CHECK(heap.trace == "one");
    CHECK(heap.contender == "bins");
    CHECK(heap.bytes == 4096);
    CHECK(heap.operations == 640);
    REQUIRE(heap.blocks.size() == 2);
    CHECK(heap.blocks[0].last == 320);
    CHECK(heap.blocks[1].first == 0);
    CHECK(heap.blocks[1].last == 640);  // it is live at the end
    CHECK(heap.blocks[1].offset == 4080);
}

TEST_CASE("a file that is no heap is refused") {
    CHECK(heap_complaint("hello\n") == "heap, line 1: expected `workshop-heap 1`");
    CHECK(heap_complaint("workshop-heap 1\n1 2 3\n") == "heap, line 2: expected heap");
    CHECK(heap_complaint("workshop-heap 1\nheap\ta\tb\t0\t5\n") ==
          "heap, line 2: expected bytes and operations");
    CHECK(heap_complaint("workshop-heap 1\nheap\ta\tb\t9\t5\n1 2\n") ==
          "heap, line 3: expected 3 numbers");
    CHECK(heap_complaint("workshop-heap 1\nheap\ta\tb\t9\t5\n1 2 0\n") ==
          "heap, line 3: expected the offset of a live block");
    CHECK(read_heaps("").empty());
}

TEST_CASE("the picture shows each block where and when it was") {
    const HeapPicture picture{the_heap()};
    const auto colour = [](std::size_t size_class, std::size_t shade) {
        return 1 + size_class * HeapPicture::shades + shade;
    };

    CHECK(picture.cell(0, 0) == colour(3, 2));
    CHECK(picture.cell(159, 63) == colour(3, 2));
    CHECK(picture.cell(160, 0) == 0);
    CHECK(picture.cell(0, 64) == 0);
    CHECK(picture.cell(0, 127) == colour(0, 1));  // 16 bytes in a row of 32
    CHECK(picture.cell(319, 127) == colour(0, 1));
    CHECK(picture.cell(319, 126) == 0);
}

TEST_CASE("many short blocks make cells that are partly full") {
    std::string text = "workshop-heap 1\nheap\tone\tbins\t128\t64000\n";
    for (int i = 0; i < 64000; i += 4) {
        text += std::to_string(i) + " 0 128\n" + std::to_string(i + 2) + " 0 0\n";
    }
    const HeapPicture picture{read_heaps(text).front()};

    for (std::size_t column = 0; column < HeapPicture::columns; column += 13) {
        CHECK(picture.cell(column, 50) == 1 + 1 * HeapPicture::shades + 1);
    }
}

TEST_CASE("utilisation is the most of each stretch of time") {
    const std::vector<double> values = utilisation_over_time(the_heap(), 10);

    REQUIRE(values.size() == 10);
    CHECK(values[0] == doctest::Approx(2064.0 / 4096));
    CHECK(values[4] == doctest::Approx(2064.0 / 4096));
    CHECK(values[6] == doctest::Approx(16.0 / 4096));
    CHECK(values[9] == doctest::Approx(16.0 / 4096));
}

TEST_CASE("with fewer operations than stretches, what is live stays live") {
    const Heap heap = read_heaps("workshop-heap 1\nheap\ta\tb\t100\t2\n0 0 50\n1 0 0\n").front();

    const std::vector<double> values = utilisation_over_time(heap, 8);

    CHECK(values[0] == doctest::Approx(0.5));
    CHECK(values[3] == doctest::Approx(0.5));
}

TEST_CASE("a PNG is one by its frame and its checksums") {
    const std::string png = HeapPicture{the_heap()}.png();

    CHECK(png.substr(0, 8) == "\x89PNG\r\n\x1a\n");
    CHECK(png.substr(12, 4) == "IHDR");
    // The checksum of an empty IEND is the same in every PNG.
    CHECK(png.substr(png.size() - 12) == std::string("\0\0\0\0IEND\xAE\x42\x60\x82", 12));
}

TEST_CASE("base64") {
    CHECK(base64("") == "");
    CHECK(base64("M") == "TQ==");
    CHECK(base64("Ma") == "TWE=");
    CHECK(base64("Man") == "TWFu");
    CHECK(base64("\xFF\xFE\xFD") == "//79");
}

TEST_CASE("a page has all that was measured, and stands by itself") {
    const Findings findings = read_findings(
        "workshop-bench 1\n"
        "part\tStep <4>\n"
        "about\tcommand\t./workshop bench 4\n"
        "name\tpairs/malloc\nname\tpairs/bins\nname\tlatency/bins\n"
        "tree\t0\tsolution\ntree\t1\tyours\n"
        "case\t0\tpairs/malloc\t20\ncase\t0\tpairs/bins\t10\n"
        "case\t0\tpairs/malloc\t20\ncase\t0\tpairs/bins\t5\n"
        "case\t1\tpairs/malloc\t20\n"
        "failed-case\t1\tpairs/bins\tto do\ttodo() in steps/4_free_list/bins.hpp:7\n"
        "case\t0\tlatency/bins\t50\tallocate p50\t31\tallocate p99\t90\tallocate p99.9\t120"
        "\tallocate max\t7777\toverhead\t21\n"
        "replay\t0\ttrace\tone\t640\t2064\t2064\n"
        "replay\t0\ttime\tone\tmalloc\t20\n"
        "replay\t0\ttime\tone\tbins\t8\n"
        "replay\t0\tuse\tone\tbins\t4096\t4096\n"
        "replay\t0\tother\tone\tmimalloc\t40\n"
        "replay\t1\ttrace\tone\t640\t2064\t2064\n"
        "replay\t1\tfailed\tone\tbins\tcrashed\tsignal 11\n");

    const std::string page = page_of(findings, {{"solution", read_heaps(a_heap)}});

    CHECK(well_formed(page));
    CHECK(contains(page, "<title>Step &lt;4&gt;, measured</title>"));
    CHECK(contains(page, "3.00<small>2.00 to 4.00</small>"));
    CHECK(contains(page, "<td>to do</td>"));
    CHECK(contains(page, "yours, pairs/bins: to do. todo() in steps/4_free_list/bins.hpp:7"));
    CHECK(contains(page, "<td>7777 ns</td>"));
    CHECK(contains(page, "takes 21.0 ns"));
    CHECK(contains(page, "<td>2.50</td>"));  // bins on the trace
    CHECK(contains(page, "<td>0.50</td>"));  // mimalloc, and utilisation
    CHECK(contains(page, "<td>crashed</td>"));
    CHECK(contains(page, "alt=\"Blocks of one on bins, solution, offsets over time\""));
    CHECK(contains(page, "<code>./workshop bench 4</code>"));
    CHECK(contains(page, "prefers-color-scheme:dark"));
    CHECK(contains(page, "@media print"));
    CHECK_FALSE(contains(page, "<script"));
    CHECK(count(page, "src=\"http") + count(page, "url(") + count(page, "@import") == 0);
    CHECK(count(page, "role=\"img\"") == count(page, "<svg"));
}

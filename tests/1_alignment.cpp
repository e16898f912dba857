// The judge of step 1.

#include <alignment.hpp>

#include <harness/compile_time.hpp>
#include <harness/judge.hpp>

using harness::at_compile_time;
using std::size_t;
using workshop::Layout;

namespace {

constexpr size_t highest_power = SIZE_MAX / 2 + 1;

// A layout that this judge needs where it judges something else.
using harness::layout;

struct Mixed {  // the struct of lesson 1.4
    char c;
    double d;
    short s;
    int i;
};

struct Three {  // larger than its alignment
    char c[3];
};

}  // namespace

TEST_SUITE("1.1 powers of two" * doctest::description("CONCEPTS.md, 'Alignment'")) {
    TEST_CASE("every power of two is one") {
        for (size_t power = 1; power != 0; power *= 2) {
            CAPTURE(power);
            CHECK(workshop::is_power_of_two(power));
        }
    }

    TEST_CASE("zero is no power of two") {
        REQUIRE(workshop::is_power_of_two(1));

        CHECK_FALSE(workshop::is_power_of_two(0));
    }

    TEST_CASE("a number between two powers of two is none") {
        REQUIRE(workshop::is_power_of_two(4));

        for (size_t power = 4; power != 0; power *= 2) {
            for (const size_t value : {power - 1, power + 1, power + power / 2, power ^ 1}) {
                CAPTURE(value);
                CHECK_FALSE(workshop::is_power_of_two(value));
            }
        }
        CHECK_FALSE(workshop::is_power_of_two(SIZE_MAX));
    }

    TEST_CASE("the largest power of two that divides a number is its lowest bit") {
        CHECK(workshop::largest_power_of_two_dividing(1) == 1);
        CHECK(workshop::largest_power_of_two_dividing(12) == 4);
        CHECK(workshop::largest_power_of_two_dividing(4096 + 64) == 64);
        CHECK(workshop::largest_power_of_two_dividing(SIZE_MAX) == 1);
        CHECK(workshop::largest_power_of_two_dividing(highest_power) == highest_power);
        CHECK(workshop::largest_power_of_two_dividing(0) == 0);
    }

    TEST_CASE("both work at compile time") {
        REQUIRE(workshop::is_power_of_two(8));

        CHECK(at_compile_time([] { return workshop::is_power_of_two(8); }));
        CHECK(at_compile_time([] { return workshop::largest_power_of_two_dividing(24) == 8; }));
        static_assert(noexcept(workshop::is_power_of_two(8)), "is_power_of_two is noexcept");
    }
}

TEST_SUITE("1.2 align" * doctest::description("CONCEPTS.md, 'Alignment'")) {
    TEST_CASE("align_down goes to the multiple below, and stays on one") {
        CHECK(workshop::align_down(size_t{13}, 8) == 8);
        CHECK(workshop::align_down(size_t{16}, 8) == 16);
        CHECK(workshop::align_down(size_t{7}, 8) == 0);
        CHECK(workshop::align_down(size_t{7}, 1) == 7);
        CHECK(workshop::align_down(SIZE_MAX, highest_power) == highest_power);
    }

    TEST_CASE("padding is the way to the next multiple, and none on one") {
        CHECK(workshop::padding_for(size_t{13}, 8) == 3);
        CHECK(workshop::padding_for(size_t{16}, 8) == 0);
        CHECK(workshop::padding_for(size_t{0}, 8) == 0);
        CHECK(workshop::padding_for(size_t{7}, 1) == 0);
        CHECK(workshop::padding_for(size_t{1}, 4096) == 4095);
    }

    TEST_CASE("align_up goes to the next multiple, and stays on one") {
        CHECK(workshop::align_up(size_t{13}, 8) == 16);
        CHECK(workshop::align_up(size_t{16}, 8) == 16);
        CHECK(workshop::align_up(size_t{0}, 8) == 0);
        CHECK(workshop::align_up(size_t{1}, 4096) == 4096);
        CHECK(workshop::align_up(size_t{7}, 1) == 7);
    }

    TEST_CASE("is_aligned is true for the multiples and nothing else") {
        CHECK(workshop::is_aligned(size_t{16}, 8));
        CHECK(workshop::is_aligned(size_t{0}, 4096));
        CHECK(workshop::is_aligned(size_t{7}, 1));
        CHECK_FALSE(workshop::is_aligned(size_t{13}, 8));
        CHECK_FALSE(workshop::is_aligned(size_t{4}, 8));
    }

    TEST_CASE("all four agree, for every alignment, around each multiple") {
        REQUIRE(workshop::align_up(size_t{13}, 8) == 16);

        for (size_t alignment = 1; alignment <= size_t{1} << 40; alignment *= 2) {
            for (const size_t multiple : {size_t{0}, alignment, 3 * alignment, 10 * alignment}) {
                for (const size_t distance : {size_t{0}, size_t{1}, alignment / 2, alignment - 1}) {
                    const size_t value = multiple + distance % alignment;
                    const size_t up = value == multiple ? multiple : multiple + alignment;
                    CAPTURE(value);
                    CAPTURE(alignment);
                    CHECK(workshop::align_up(value, alignment) == up);
                    CHECK(workshop::checked_align_up(value, alignment).value_or(1) == up);
                    CHECK(workshop::align_down(value, alignment) == multiple);
                    CHECK(workshop::padding_for(value, alignment) == up - value);
                    CHECK(workshop::is_aligned(value, alignment) == (value == multiple));
                }
            }
        }
    }

    TEST_CASE("padding is right up to SIZE_MAX, where the next multiple does not exist") {
        CHECK(workshop::padding_for(SIZE_MAX, 8) == 1);
        CHECK(workshop::padding_for(SIZE_MAX - 7, 8) == 0);
        CHECK(workshop::padding_for(SIZE_MAX - 6, 8) == 7);
        CHECK(workshop::padding_for(SIZE_MAX, highest_power) == 1);
        CHECK(workshop::is_aligned(SIZE_MAX - 7, 8));
        CHECK_FALSE(workshop::is_aligned(SIZE_MAX, 2));
    }

    TEST_CASE("checked_align_up fails where the result does not fit, and only there") {
        REQUIRE(workshop::checked_align_up(13, 8).has_value());

        for (size_t alignment = 2; alignment != 0; alignment *= 2) {
            const size_t last_multiple = SIZE_MAX - (alignment - 1);
            CAPTURE(alignment);
            CAPTURE(last_multiple);
            CHECK(workshop::checked_align_up(last_multiple, alignment).value_or(1) ==
                  last_multiple);
            CHECK_FALSE(workshop::checked_align_up(last_multiple + 1, alignment).has_value());
            CHECK_FALSE(workshop::checked_align_up(SIZE_MAX, alignment).has_value());
        }
        CHECK(workshop::checked_align_up(SIZE_MAX, 1).value_or(1) == SIZE_MAX);
    }

    TEST_CASE("the same for addresses") {
        const harness::GuardedBuffer buffer{3 * 4096, 0};
        std::byte* const middle = buffer.data() + 4096;
        REQUIRE(workshop::is_aligned(middle, 4096));

        for (size_t alignment = 2; alignment <= 4096; alignment *= 2) {
            CAPTURE(alignment);
            CHECK(workshop::align_up(middle, alignment) == middle);
            CHECK(workshop::align_up(middle + 1, alignment) == middle + alignment);
            CHECK(workshop::align_down(middle, alignment) == middle);
            CHECK(workshop::align_down(middle - 1, alignment) == middle - alignment);
            CHECK(workshop::padding_for(middle + 1, alignment) == alignment - 1);
            CHECK(workshop::padding_for(middle, alignment) == 0);
            CHECK_FALSE(workshop::is_aligned(middle + 1, alignment));
            CHECK_FALSE(workshop::is_aligned(middle + alignment / 2, alignment));
        }
    }

    TEST_CASE("numbers are aligned at compile time too") {
        REQUIRE(workshop::align_up(size_t{13}, 8) == 16);
        REQUIRE(workshop::checked_align_up(13, 8).has_value());

        CHECK(at_compile_time([] { return workshop::align_up(size_t{13}, 8) == 16; }));
        CHECK(at_compile_time([] { return workshop::align_down(size_t{13}, 8) == 8; }));
        CHECK(at_compile_time([] { return workshop::padding_for(size_t{13}, 8) == 3; }));
        CHECK(at_compile_time([] { return !workshop::is_aligned(size_t{13}, 8); }));
        CHECK(at_compile_time([] { return !workshop::checked_align_up(SIZE_MAX, 8); }));
    }
}

TEST_SUITE("1.3 Layout" * doctest::description("CONCEPTS.md, 'Layout and padding'")) {
    TEST_CASE("make keeps size and alignment as they are") {
        const auto made = Layout::make(24, 8);
        REQUIRE(made.has_value());
        CHECK(made->size() == 24);
        CHECK(made->alignment() == 8);
        CHECK(made->block_size() == 24);

        const auto odd = Layout::make(13, 4096);
        REQUIRE(odd.has_value());
        CHECK(odd->size() == 13);
        CHECK(odd->alignment() == 4096);
    }

    TEST_CASE("a size of zero is a layout too") {
        const auto empty = Layout::make(0, 16);

        REQUIRE(empty.has_value());
        CHECK(empty->size() == 0);
        CHECK(empty->block_size() == 1);
    }

    TEST_CASE("an alignment that is no power of two is refused") {
        REQUIRE(Layout::make(8, 4).has_value());

        for (const size_t alignment : {size_t{0}, size_t{3}, size_t{6}, size_t{12}, size_t{24},
                                       size_t{4095}, highest_power - 1, SIZE_MAX}) {
            CAPTURE(alignment);
            CHECK_FALSE(Layout::make(8, alignment).has_value());
            CHECK_FALSE(Layout::make(0, alignment).has_value());
        }
    }

    TEST_CASE("a size that, rounded up, passes PTRDIFF_MAX is refused, and the one before is not") {
        REQUIRE(Layout::make(8, 4).has_value());

        for (size_t alignment = 1; alignment != 0; alignment *= 2) {
            const size_t largest = size_t{PTRDIFF_MAX} - (alignment - 1);
            CAPTURE(alignment);
            CAPTURE(largest);
            CHECK(Layout::make(largest, alignment).has_value());
            CHECK_FALSE(Layout::make(largest + 1, alignment).has_value());
            CHECK_FALSE(Layout::make(SIZE_MAX, alignment).has_value());
            CHECK_FALSE(Layout::make(SIZE_MAX - alignment + 1, alignment).has_value());
        }
    }

    TEST_CASE("of<T> is what the compiler says of T") {
        struct alignas(64) Line {
            char bytes[100];
        };

        CHECK(Layout::of<char>().size() == 1);
        CHECK(Layout::of<double>().size() == sizeof(double));
        CHECK(Layout::of<double>().alignment() == alignof(double));
        CHECK(Layout::of<Mixed>().size() == sizeof(Mixed));
        CHECK(Layout::of<Mixed>().alignment() == alignof(Mixed));
        CHECK(Layout::of<Line>().size() == 128);
        CHECK(Layout::of<Line>().alignment() == 64);
    }

    TEST_CASE("equal layouts are equal") {
        REQUIRE(Layout::make(8, 4).has_value());

        CHECK(Layout::make(8, 4) == Layout::make(8, 4));
        CHECK_FALSE(Layout::make(8, 4) == Layout::make(8, 8));
        CHECK_FALSE(Layout::make(4, 4) == Layout::make(8, 4));
    }

    TEST_CASE("a layout is made at compile time too") {
        REQUIRE(Layout::make(24, 8).has_value());

        CHECK(at_compile_time([] { return Layout::make(24, 8)->size() == 24; }));
        CHECK(at_compile_time([] { return !Layout::make(24, 7); }));
        CHECK(at_compile_time([] { return Layout::of<int>().size() == sizeof(int); }));
    }
}

TEST_SUITE("1.4 array, padded, extend" *
           doctest::description("CONCEPTS.md, 'Layout and padding'")) {
    TEST_CASE("array is count times the size of one") {
        const auto ten = Layout::array<int>(10);
        REQUIRE(ten.has_value());
        CHECK(ten->size() == 10 * sizeof(int));
        CHECK(ten->alignment() == alignof(int));

        const auto none = Layout::array<double>(0);
        REQUIRE(none.has_value());
        CHECK(none->size() == 0);
        CHECK(none->alignment() == alignof(double));

        CHECK(Layout::array<Mixed>(3) == layout(3 * sizeof(Mixed), alignof(Mixed)));
        CHECK(Layout::array<Three>(2) == layout(6, 1));
    }

    TEST_CASE("array fails where the product is too large, also where it would wrap around") {
        REQUIRE(Layout::array<int>(10).has_value());

        const size_t most = (size_t{PTRDIFF_MAX} - (alignof(int) - 1)) / sizeof(int);
        CAPTURE(most);
        CHECK(Layout::array<int>(most).has_value());
        CHECK_FALSE(Layout::array<int>(most + 1).has_value());
        CHECK_FALSE(Layout::array<int>(SIZE_MAX / sizeof(int) + 1).has_value());  // wraps to 0
        CHECK_FALSE(Layout::array<int>(SIZE_MAX / sizeof(int) + 2).has_value());  // wraps to 4
        CHECK_FALSE(Layout::array<int>(SIZE_MAX).has_value());
        CHECK(Layout::array<char>(size_t{PTRDIFF_MAX}).has_value());
        CHECK_FALSE(Layout::array<char>(size_t{PTRDIFF_MAX} + 1).has_value());
        // These wrap around to more than the count, and to less than PTRDIFF_MAX.
        CHECK_FALSE(Layout::array<int>(SIZE_MAX / 20 * 7).has_value());
        CHECK_FALSE(Layout::array<Mixed>(SIZE_MAX / 1000 * 44).has_value());
    }

    TEST_CASE("padded rounds the size up to the alignment") {
        CHECK(layout(5, 4).padded() == layout(8, 4));
        CHECK(layout(8, 4).padded() == layout(8, 4));
        CHECK(layout(0, 8).padded() == layout(0, 8));
        CHECK(layout(1, 4096).padded() == layout(4096, 4096));
        CHECK(layout(size_t{PTRDIFF_MAX} - 7, 8).padded().size() == size_t{PTRDIFF_MAX} - 7);
    }

    TEST_CASE("extend puts the next field at its first aligned offset") {
        const auto one = layout(1, 1).extend(layout(4, 4));
        REQUIRE(one.has_value());
        CHECK(one->offset == 4);
        CHECK(one->layout == layout(8, 4));

        const auto close = layout(8, 8).extend(layout(1, 1));
        REQUIRE(close.has_value());
        CHECK(close->offset == 8);
        CHECK(close->layout == layout(9, 8));

        const auto nothing = layout(5, 1).extend(layout(0, 8));
        REQUIRE(nothing.has_value());
        CHECK(nothing->offset == 8);
        CHECK(nothing->layout == layout(8, 8));

        const auto odd = layout(1, 1).extend(layout(9, 8));
        REQUIRE(odd.has_value());
        CHECK(odd->layout == layout(17, 8));
    }

    TEST_CASE("fields worked out with extend lie where offsetof says") {
        const auto d = Layout::of<char>().extend(Layout::of<double>());
        REQUIRE(d.has_value());
        const auto s = d->layout.extend(Layout::of<short>());
        REQUIRE(s.has_value());
        const auto i = s->layout.extend(Layout::of<int>());
        REQUIRE(i.has_value());

        CHECK(d->offset == offsetof(Mixed, d));
        CHECK(s->offset == offsetof(Mixed, s));
        CHECK(i->offset == offsetof(Mixed, i));
        CHECK(i->layout.padded() == Layout::of<Mixed>());
    }

    TEST_CASE("extend fails where the whole is too large, also where the sum would wrap around") {
        REQUIRE(layout(1, 1).extend(layout(4, 4)).has_value());

        const size_t half = size_t{PTRDIFF_MAX} / 2;
        CAPTURE(half);
        CHECK(layout(half, 1).extend(layout(half + 1, 1)).has_value());
        CHECK_FALSE(layout(half, 1).extend(layout(half + 2, 1)).has_value());
        CHECK_FALSE(layout(PTRDIFF_MAX, 1).extend(layout(PTRDIFF_MAX, 1)).has_value());
        CHECK_FALSE(layout(PTRDIFF_MAX, 1).extend(layout(1, 1)).has_value());
        CHECK_FALSE(layout(PTRDIFF_MAX, 1).extend(layout(0, 8)).has_value());
        CHECK_FALSE(layout(size_t{PTRDIFF_MAX} - 2, 1).extend(layout(1, 4)).has_value());
        // The sum is at most PTRDIFF_MAX, but not when it is rounded up to the new alignment.
        CHECK(layout(size_t{PTRDIFF_MAX} - 15, 8).extend(layout(8, 1)).has_value());
        CHECK(layout(size_t{PTRDIFF_MAX} - 7, 1).extend(layout(0, 8)).has_value());
        CHECK_FALSE(layout(size_t{PTRDIFF_MAX} - 7, 8).extend(layout(1, 1)).has_value());
        CHECK_FALSE(layout(size_t{PTRDIFF_MAX} - 7, 1).extend(layout(1, 8)).has_value());
        CHECK_FALSE(layout(1, 1).extend(layout(0, highest_power)).has_value());
        CHECK(layout(0, 1).extend(layout(0, highest_power)).has_value());
    }

    TEST_CASE("they work at compile time too") {
        REQUIRE(Layout::array<int>(10).has_value());
        REQUIRE(layout(1, 1).extend(layout(4, 4)).has_value());

        CHECK(at_compile_time([] { return Layout::array<int>(2)->size() == 2 * sizeof(int); }));
        CHECK(at_compile_time([] { return Layout::make(5, 4)->padded().size() == 8; }));
        CHECK(at_compile_time(
            [] { return Layout::of<char>().extend(Layout::of<int>())->offset == alignof(int); }));
    }
}

// The judge of step 3, tasks 3.3 and 3.4: misuse, and the report.

#include <tracking.hpp>

#include <harness/compile_time.hpp>
#include <harness/explorer.hpp>
#include <harness/judge.hpp>
#include <harness/report_text.hpp>
#include <harness/threads.hpp>
#include <harness/upstream.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>

using harness::at_compile_time;
using harness::in_two_threads;
using harness::layout;
using harness::Overlap;
using harness::Play;
using harness::ReportText;
using harness::Upstream;
using std::size_t;
using workshop::Checks;
using workshop::Layout;
using workshop::Misuse;
using workshop::Place;
using workshop::Record;
using workshop::Stats;

namespace {

using Watching = workshop::Tracking<Upstream, Checks::on>;
using Counting = workshop::Tracking<Upstream, Checks::off>;

/// The same, to be played through every order in which two threads can come.
using Explored = workshop::Tracking<Upstream, Checks::on, harness::Explored>;

using Kind = Misuse::Kind;

constexpr size_t largest = PTRDIFF_MAX;

/// Hears of misuses.
struct Listener {
    template <class Tracker>
    explicit Listener(Tracker& tracked) {
        tracked.on_misuse(&Listener::hear, this);
    }

    static void hear(const Misuse& misuse, void* listener) {
        Listener& self = *static_cast<Listener*>(listener);
        self.told += 1;
        self.last = misuse;
    }

    bool heard(size_t times, Kind kind) const { return told == times && last->kind == kind; }

    size_t told = 0;
    std::optional<Misuse> last;
};

struct Pair {
    size_t size;
    size_t alignment;
};

bool is_here(Place place, int line) {
    return place.line == line && std::string_view{place.file}.ends_with("3_misuse.cpp");
}

/// A function between the program and the tracker that says for whom it asks.
void* wrapped(Watching& tracked, Layout asked, Place place = Place::here()) {
    return tracked.allocate(asked, place);
}

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
        tracked.for_each_live([this](const Record& record) {
            if (count < 16) {
                blocks[count] = {record.block,  record.layout.size(), record.layout.alignment(),
                                 record.number, record.place.line,    record.live};
            }
            count += 1;
        });
    }

    const Block& operator[](size_t index) const { return blocks[index]; }

    size_t count = 0;
    Block blocks[16];
};

void allocate_many(Watching& tracked, size_t count, size_t size) {
    for (size_t i = 0; i < count; ++i) {
        REQUIRE(tracked.allocate(layout(size, 1)) != nullptr);
    }
}

// The program's operator new, which a tracker can be made to watch.

Watching* watch = nullptr;
bool inside = false;
bool recursed = false;

void* new_block(size_t size) {
    if (watch == nullptr || inside) {
        recursed = recursed || inside;
        return std::malloc(size == 0 ? 1 : size);
    }
    inside = true;
    void* const block = watch->allocate(*Layout::make(size, 1));
    inside = false;
    return block;
}

}  // namespace

void* operator new(size_t size) {
    void* const block = new_block(size);
    if (block == nullptr) {
        std::abort();
    }
    return block;
}
void operator delete(void* block) noexcept {
    std::free(block);
}
void operator delete(void* block, size_t) noexcept {
    std::free(block);
}

TEST_SUITE("3.3 misuse" * doctest::description("CONCEPTS.md, 'Tracking'")) {
    TEST_CASE("who uses it well hears nothing") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* blocks[200];

        for (int round = 0; round < 3; ++round) {
            for (size_t i = 0; i < 200; ++i) {
                blocks[i] = tracked.allocate(layout(i % 40, size_t{1} << i % 7));
                REQUIRE(blocks[i] != nullptr);
            }
            for (size_t i = 0; i < 200; ++i) {
                const size_t j = i * 77 % 200;
                tracked.deallocate(blocks[j], layout(j % 40, size_t{1} << j % 7));
            }
        }
        tracked.deallocate(nullptr, layout(8, 8));

        CHECK(listener.told == 0);
        CHECK(upstream.deallocations() == 600);
        CHECK(tracked.live_blocks() == 0);
    }

    TEST_CASE("checks are on in a debug build") {
        Upstream upstream;
        Watching tracked{upstream};
        tracked.on_misuse(nullptr);  // so that a starter is red here

        CHECK(workshop::default_checks == Checks::on);
        CHECK(std::is_same_v<workshop::Tracking<Upstream>, Watching>);
    }

    TEST_CASE("a block given back twice is told, and nothing else happens") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(tracked.allocate(layout(5, 1)) != nullptr);
        tracked.deallocate(block, layout(24, 8));
        CHECK(listener.told == 0);

        tracked.deallocate(block, layout(24, 8));

        CHECK(listener.heard(1, Kind::double_free));
        CHECK(listener.last->pointer == block);
        CHECK(listener.last->layout == layout(24, 8));
        CHECK(upstream.deallocations() == 1);
        CHECK(tracked.live_blocks() == 1);
        CHECK(tracked.live_bytes() == 5);
        tracked.deallocate(block, layout(24, 8));
        CHECK(listener.heard(2, Kind::double_free));
        CHECK(upstream.deallocations() == 1);
    }

    TEST_CASE("a block given back twice is told also when much has happened in between") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(block != nullptr);
        tracked.deallocate(block, layout(24, 8));

        for (size_t i = 0; i < 300; ++i) {
            REQUIRE(tracked.allocate(layout(i + 25, 1)) != nullptr);
        }
        tracked.deallocate(block, layout(24, 8));

        CHECK(listener.heard(1, Kind::double_free));
        CHECK(tracked.live_blocks() == 300);
    }

    TEST_CASE("an address that is handed out again is a new block") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const old = tracked.allocate(layout(24, 8));
        tracked.deallocate(old, layout(24, 8));
        const int line = __LINE__ + 1;
        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(block == old);

        tracked.deallocate(block, layout(24, 8));
        CHECK(listener.told == 0);
        CHECK(upstream.deallocations() == 2);

        tracked.deallocate(block, layout(24, 8));
        CHECK(listener.heard(1, Kind::double_free));
        REQUIRE(listener.last->block.has_value());
        CHECK(is_here(listener.last->block->place, line));
        CHECK(listener.last->block->number == 2);
        CHECK(upstream.deallocations() == 2);
    }

    TEST_CASE("an address that is handed out with another layout is known by the new one") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const old = tracked.allocate(layout(24, 8));
        REQUIRE(old != nullptr);
        tracked.deallocate(old, layout(24, 8));
        upstream.reset();
        void* const block = tracked.allocate(layout(7, 2));
        REQUIRE(block == old);

        tracked.deallocate(block, layout(24, 8));
        CHECK(listener.heard(1, Kind::wrong_layout));
        tracked.deallocate(block, layout(7, 2));
        CHECK(listener.told == 1);
        CHECK(tracked.live_blocks() == 0);
    }

    TEST_CASE("a pointer that was never handed out is told, and nothing else happens") {
        Upstream upstream;
        Upstream elsewhere;
        Watching tracked{upstream};
        Watching other{elsewhere};
        const Listener listener{tracked};
        std::byte local{};
        tracked.deallocate(&local, layout(1, 1));  // before there is any block
        CHECK(listener.heard(1, Kind::foreign_pointer));
        auto* const block = static_cast<std::byte*>(tracked.allocate(layout(24, 8)));
        REQUIRE(block != nullptr);

        tracked.deallocate(&local, layout(1, 1));
        CHECK(listener.heard(2, Kind::foreign_pointer));
        CHECK(listener.last->pointer == &local);
        CHECK_FALSE(listener.last->block.has_value());
        tracked.deallocate(block + 1, layout(24, 8));
        CHECK(listener.heard(3, Kind::foreign_pointer));
        tracked.deallocate(block + 8, layout(16, 8));
        CHECK(listener.heard(4, Kind::foreign_pointer));
        tracked.deallocate(block + 24, layout(24, 8));
        CHECK(listener.heard(5, Kind::foreign_pointer));
        tracked.deallocate(other.allocate(layout(24, 8)), layout(24, 8));
        CHECK(listener.heard(6, Kind::foreign_pointer));

        CHECK(upstream.deallocations() == 0);
        CHECK(tracked.live_blocks() == 1);
        CHECK(tracked.live_bytes() == 24);
        CHECK(tracked.total_blocks() == 1);
        CHECK(tracked.failures() == 0);
    }

    TEST_CASE("a layout other than the one asked with is told, and the block stays live") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked.allocate(layout(24, 8));
        void* const nothing = tracked.allocate(layout(0, 1));
        REQUIRE(nothing != nullptr);
        const Stats before = tracked.stats();

        size_t times = 0;
        for (const auto& [size, alignment] : {Pair{23, 8}, {25, 8}, {0, 8}, {24, 4}, {24, 16}}) {
            tracked.deallocate(block, layout(size, alignment));
            CHECK(listener.heard(++times, Kind::wrong_layout));
            CHECK(listener.last->pointer == block);
            CHECK(listener.last->layout == layout(size, alignment));
            REQUIRE(listener.last->block.has_value());
            CHECK(listener.last->block->layout == layout(24, 8));
        }
        tracked.deallocate(nothing, layout(1, 1));
        CHECK(listener.heard(6, Kind::wrong_layout));
        CHECK(upstream.deallocations() == 0);
        CHECK(tracked.stats() == before);

        tracked.deallocate(block, layout(24, 8));
        tracked.deallocate(nothing, layout(0, 1));
        CHECK(listener.told == 6);
        CHECK(upstream.deallocations() == 2);
        CHECK(tracked.live_bytes() == 0);
    }

    TEST_CASE("the place of the allocation and of the misuse are the caller's lines") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        const int line = __LINE__ + 1;
        void* const first = tracked.allocate(layout(24, 8));
        void* const second = tracked.allocate(layout(24, 8));
        REQUIRE(second != nullptr);

        int line_of_misuse = __LINE__ + 1;
        tracked.deallocate(first, layout(1, 1));
        REQUIRE(listener.heard(1, Kind::wrong_layout));
        CHECK(is_here(listener.last->place, line_of_misuse));
        CHECK(is_here(listener.last->block->place, line));
        CHECK(listener.last->block->number == 1);
        CHECK(listener.last->block->block == first);

        line_of_misuse = __LINE__ + 1;
        tracked.deallocate(second, layout(1, 1));
        CHECK(is_here(listener.last->place, line_of_misuse));
        CHECK(is_here(listener.last->block->place, line + 1));
        CHECK(listener.last->block->number == 2);
    }

    TEST_CASE("a place that is passed on is the one that is told") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        const int line = __LINE__ + 1;
        void* const block = wrapped(tracked, layout(24, 8));
        REQUIRE(block != nullptr);

        tracked.deallocate(block, layout(1, 1), Place{"elsewhere.cpp", 42});
        REQUIRE(listener.heard(1, Kind::wrong_layout));
        CHECK(is_here(listener.last->block->place, line));
        CHECK(listener.last->place.line == 42);
        CHECK(std::string_view{listener.last->place.file} == "elsewhere.cpp");
    }

    TEST_CASE("in a stack of trackers the inner one is told the place of the outer one's caller") {
        Upstream upstream;
        Watching inner{upstream};
        workshop::Tracking<Watching, Checks::off> outer{inner};
        const Listener listener{inner};
        const int line = __LINE__ + 1;
        void* const block = outer.allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        const int line_of_misuse = __LINE__ + 1;
        outer.deallocate(block, layout(1, 1));

        REQUIRE(listener.heard(1, Kind::wrong_layout));
        CHECK(is_here(listener.last->block->place, line));
        CHECK(is_here(listener.last->place, line_of_misuse));
    }

    TEST_CASE("a refused request leaves no record") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        upstream.refuse = true;
        REQUIRE(tracked.allocate(layout(24, 8)) == nullptr);
        upstream.refuse = false;
        CHECK(tracked.failures() == 1);
        tracked.deallocate(nullptr, layout(24, 8));
        CHECK(listener.told == 0);

        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(block != nullptr);
        tracked.deallocate(block, layout(1, 1));
        CHECK(listener.heard(1, Kind::wrong_layout));
        CHECK(listener.last->block->number == 1);
    }

    TEST_CASE("after reset the blocks of before are misuse, and new ones are not") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const first = tracked.allocate(layout(24, 8));
        void* const second = tracked.allocate(layout(24, 8));
        REQUIRE(second != nullptr);

        tracked.reset();
        tracked.deallocate(second, layout(24, 8));
        CHECK(listener.told == 1);
        CHECK(tracked.live_blocks() == 0);
        CHECK(upstream.deallocations() == 0);

        REQUIRE(tracked.allocate(layout(24, 8)) == first);
        tracked.deallocate(first, layout(24, 8));
        CHECK(listener.told == 1);
        tracked.deallocate(first, layout(24, 8));
        CHECK(listener.heard(2, Kind::double_free));
    }

    TEST_CASE("a block that changed its size goes back with its new layout") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        REQUIRE(tracked.try_resize(block, layout(24, 8), layout(40, 8)));
        CHECK(upstream.old_size == 24);
        CHECK(upstream.last_size == 40);
        CHECK(upstream.last_alignment == 8);
        tracked.deallocate(block, layout(24, 8));
        CHECK(listener.heard(1, Kind::wrong_layout));
        upstream.refuse = true;
        CHECK_FALSE(tracked.try_resize(block, layout(40, 8), layout(1, 8)));
        CHECK(upstream.resizes() == 2);

        CHECK_FALSE(tracked.try_resize(block, layout(24, 8), layout(50, 8)));
        CHECK(listener.heard(2, Kind::wrong_layout));
        tracked.deallocate(block, layout(40, 8));
        CHECK(listener.told == 2);
        CHECK_FALSE(tracked.try_resize(block, layout(40, 8), layout(50, 8)));
        CHECK(listener.heard(3, Kind::double_free));
        CHECK(upstream.resizes() == 2);
        CHECK(tracked.live_bytes() == 0);
    }

    TEST_CASE("thousands of blocks are all remembered") {
        constexpr size_t count = 10000;
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        static void* blocks[count];
        for (void*& block : blocks) {
            block = tracked.allocate(layout(16, 16));
            REQUIRE(block != nullptr);
        }

        for (void* const block : blocks) {
            tracked.deallocate(block, layout(16, 16));
        }
        CHECK(listener.told == 0);
        CHECK(upstream.deallocations() == count);
        CHECK(tracked.live_blocks() == 0);
        for (void* const block : blocks) {
            tracked.deallocate(block, layout(16, 16));
        }
        CHECK(listener.told == count);
        CHECK(upstream.deallocations() == count);
    }

    TEST_CASE("the handler may use the tracker") {
        struct Busy {
            static void hear(const Misuse&, void* context) {
                Busy& self = *static_cast<Busy*>(context);
                self.told += 1;
                self.block = self.tracked.allocate(*Layout::make(100, 4));
                self.tracked.deallocate(self.tracked.allocate(*Layout::make(3, 1)),
                                        *Layout::make(3, 1));
                self.live = self.tracked.live_bytes();
            }
            Watching& tracked;
            int told = 0;
            void* block = nullptr;
            size_t live = 0;
        };
        Upstream upstream;
        Watching tracked{upstream};
        Busy busy{tracked};
        tracked.on_misuse(&Busy::hear, &busy);
        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        tracked.deallocate(block, layout(23, 8));
        CHECK(busy.told == 1);
        CHECK(busy.live == 124);
        CHECK(busy.block != nullptr);
        tracked.deallocate(block, layout(24, 8));
        tracked.deallocate(busy.block, layout(100, 4));
        CHECK(busy.told == 1);
        CHECK(tracked.live_blocks() == 0);
    }

    TEST_CASE("each tracker tells its own handler, the latest that was set") {
        Upstream upstream;
        Upstream elsewhere;
        Watching tracked{upstream};
        Watching other{elsewhere};
        const Listener replaced{tracked};
        const Listener listener{tracked};
        const Listener others{other};
        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        other.deallocate(block, layout(24, 8));
        CHECK(others.heard(1, Kind::foreign_pointer));
        CHECK(listener.told == 0);
        tracked.deallocate(block, layout(1, 1));
        CHECK(listener.heard(1, Kind::wrong_layout));
        CHECK(replaced.told == 0);
        CHECK(others.told == 1);
    }

    TEST_CASE("a misuse that nobody listens to ends the program") {
        Upstream upstream;
        Watching tracked{upstream};
        { const Listener listener{tracked}; }
        tracked.on_misuse(nullptr);
        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        const pid_t child = fork();
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            tracked.deallocate(block, layout(1, 1));
            _exit(0);
        }
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);

        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == SIGABRT);
    }

    TEST_CASE("its own records never come from the allocator it watches") {
        Upstream upstream{Upstream::Serves::heap};
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked.allocate(layout(24, 8));
        REQUIRE(block != nullptr);
        const size_t before = tracked.total_blocks();

        watch = &tracked;  // from here on it serves every `new` of the program
        for (int i = 0; i < 5000; ++i) {
            (void)operator new(8);
        }
        tracked.deallocate(block, *Layout::make(24, 8));
        tracked.deallocate(block, *Layout::make(24, 8));
        watch = nullptr;

        CHECK_FALSE(recursed);
        CHECK(tracked.total_blocks() == before + 5000);
        CHECK(listener.heard(1, Kind::double_free));
    }

    TEST_CASE("each request reaches upstream once: no record is kept there") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        for (size_t i = 0; i < 3000; ++i) {
            REQUIRE(tracked.allocate(layout(8, 8)) != nullptr);
        }

        CHECK(upstream.allocations() == 3000);
        CHECK(upstream.deallocations() == 0);
        CHECK(upstream.last_size == 8);
        CHECK(upstream.last_alignment == 8);
        CHECK(tracked.live_blocks() == 3000);
        CHECK(listener.told == 0);
    }

    TEST_CASE("two threads with blocks of their own do not disturb each other") {
        Upstream upstream{Upstream::Serves::heap};
        Watching tracked{upstream};
        const Listener listener{tracked};
        const Layout small = layout(24, 8);
        REQUIRE(tracked.allocate(small) != nullptr);
        Overlap overlap;

        in_two_threads([&](size_t thread) {
            void* blocks[16] = {};
            for (size_t i = 0; overlap.go_on(thread); ++i) {
                void*& block = blocks[(i * 7 + thread) % 16];
                tracked.deallocate(block, small);
                block = tracked.allocate(small);
            }
            for (void* const block : blocks) {
                tracked.deallocate(block, small);
            }
        });

        CHECK(listener.told == 0);
        CHECK(tracked.live_blocks() == 1);
        CHECK(tracked.total_blocks() == overlap.rounds() + 1);
    }

    TEST_CASE("of two threads that give the same block back, one is told") {
        harness::explore({.preemptions = 2}, [](Play& play) {
            Upstream upstream;
            Explored tracked{upstream};
            const Listener listener{tracked};
            void* const block = tracked.allocate(layout(24, 8));
            const auto give_back = [&] { tracked.deallocate(block, layout(24, 8)); };
            play.threads(give_back, give_back);

            play.expect(listener.told == 1, "one misuse is told");
            play.expect(upstream.deallocations() == 1, "the block reaches upstream once");
            play.expect(tracked.live_blocks() == 0, "no block is live in the end");
            play.expect(tracked.live_bytes() == 0, "no byte is live in the end");
        });
    }

    TEST_CASE("a block on its way to upstream may be another thread's before the call returns") {
        harness::explore({.preemptions = 2}, [](Play& play) {
            Upstream upstream;
            Explored tracked{upstream};
            const Listener listener{tracked};
            void* const block = tracked.allocate(layout(24, 8));
            void* others_block = nullptr;
            play.threads([&] { tracked.deallocate(block, layout(24, 8)); },
                         [&] { others_block = tracked.allocate(layout(24, 8)); });

            play.expect(listener.told == 0, "no misuse is told");
            play.expect(tracked.live_blocks() == 1, "the other thread's block is live");
            play.expect(tracked.live_bytes() == 24, "its 24 bytes are live");
            tracked.deallocate(others_block, layout(24, 8));
            play.expect(listener.told == 0, "it can be given back");
        });
    }
}

TEST_SUITE("3.4 the report" * doctest::description("CONCEPTS.md, 'Tracking'")) {
    TEST_CASE("size_class: each class ends with a power of two") {
        CHECK(Watching::size_class(0) == 0);
        CHECK(Watching::size_class(1) == 1);
        CHECK(Watching::size_class(2) == 2);
        CHECK(Watching::size_class(3) == 3);
        CHECK(Watching::size_class(4) == 3);
        CHECK(Watching::size_class(5) == 4);
        CHECK(Watching::size_class(8) == 4);
        CHECK(Watching::size_class(9) == 5);
        for (size_t power = 4; power < 63; ++power) {
            const size_t size = size_t{1} << power;
            CAPTURE(size);
            CHECK(Watching::size_class(size - 1) == power + 1);
            CHECK(Watching::size_class(size) == power + 1);
            CHECK(Watching::size_class(size + 1) == power + 2);
        }
        CHECK(Watching::size_class(largest) == 64);
        CHECK(at_compile_time([] { return Watching::size_class(100) == 8; }));
    }

    TEST_CASE("a block counts in its size class, whatever becomes of it") {
        Upstream upstream;
        Watching tracked{upstream};
        void* const block = tracked.allocate(layout(3, 8));
        REQUIRE(tracked.allocate(layout(4, 1)) != nullptr);
        REQUIRE(tracked.allocate(layout(5, 1)) != nullptr);
        REQUIRE(tracked.allocate(layout(0, 1)) != nullptr);
        REQUIRE(tracked.allocate(layout(largest, 1)) != nullptr);
        CHECK(Watching::size_class(3) == 3);

        tracked.deallocate(block, layout(3, 8));
        upstream.refuse = true;
        REQUIRE(tracked.allocate(layout(4, 1)) == nullptr);

        size_t blocks = 0;
        for (size_t i = 0; i < Watching::size_classes; ++i) {
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
        CHECK(Live{tracked}.count == 0);
        void* blocks[10];
        const int line = __LINE__ + 2;
        for (size_t i = 0; i < 10; ++i) {
            blocks[i] = tracked.allocate(layout(10 * i, 4));
            REQUIRE(blocks[i] != nullptr);
        }
        for (const size_t i : {1u, 2u, 4u, 7u, 8u}) {
            tracked.deallocate(blocks[i], layout(10 * i, 4));
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
        void* const first = tracked.allocate(layout(1, 1));
        void* const middle = tracked.allocate(layout(2, 1));
        void* const last = tracked.allocate(layout(3, 1));
        REQUIRE(last != nullptr);
        CHECK(Live{tracked}.count == 3);

        tracked.deallocate(middle, layout(2, 1));
        REQUIRE(Live{tracked}.count == 2);
        CHECK(Live{tracked}[0].block == first);
        CHECK(Live{tracked}[1].block == last);
        tracked.deallocate(first, layout(1, 1));
        REQUIRE(Live{tracked}.count == 1);
        CHECK(Live{tracked}[0].block == last);
        tracked.deallocate(last, layout(3, 1));
        CHECK(Live{tracked}.count == 0);
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
        tracked.on_misuse([](const Misuse&, void*) {});
        REQUIRE(tracked.allocate(layout(1, 1)) != nullptr);
        tracked.reset();
        CHECK(Live{tracked}.count == 0);
        void* const block = tracked.allocate(layout(8, 8));
        void* const other = tracked.allocate(layout(16, 8));
        REQUIRE(other != nullptr);

        REQUIRE(tracked.try_resize(block, layout(8, 8), layout(30, 8)));
        tracked.deallocate(other, layout(15, 8));

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
        CHECK(Live{tracked}.count == 0);
    }

    TEST_CASE("the report begins with the counters") {
        Upstream upstream;
        Watching tracked{upstream};
        void* const block = tracked.allocate(layout(40, 8));
        REQUIRE(tracked.allocate(layout(2, 1)) != nullptr);
        REQUIRE(tracked.allocate(layout(0, 1)) != nullptr);
        tracked.deallocate(block, layout(40, 8));
        upstream.refuse = true;
        REQUIRE(tracked.allocate(layout(7, 1)) == nullptr);

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
            blocks[i] = tracked.allocate(layout(100 + i, 4));
            REQUIRE(blocks[i] != nullptr);
        }
        tracked.deallocate(blocks[0], layout(100, 4));
        tracked.deallocate(blocks[2], layout(102, 4));

        const ReportText text{tracked};

        REQUIRE(text.blocks() == 2);
        char place[32];
        std::snprintf(place, sizeof place, "3_misuse.cpp:%d", line);
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
        REQUIRE(tracked.allocate(layout(20, 4)) != nullptr);

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
        REQUIRE(tracked.allocate(layout(20, 4), Place{file, 12345}) != nullptr);

        const ReportText text{tracked};

        REQUIRE(text.blocks() == 1);
        CHECK(text.block_ends_with(0, "x/a.cpp:12345"));
        CHECK(text.block_contains(0, file));
    }

    TEST_CASE("the largest numbers there are fit in") {
        Upstream upstream;
        Watching tracked{upstream};
        REQUIRE(tracked.allocate(layout(largest, 1), Place{"a.cpp", 2147483647}) != nullptr);
        REQUIRE(tracked.allocate(layout(largest, 1), Place{"a.cpp", 1}) != nullptr);

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
        for (Watching* const tracked : {&first, &second}) {
            for (size_t j = 0; j < 100; ++j) {
                blocks[j] = tracked->allocate(layout(j * j % 61, 8));
                REQUIRE(blocks[j] != nullptr);
            }
            for (size_t j = 0; j < 100; j += 3) {
                const size_t k = j * 37 % 100;
                tracked->deallocate(blocks[k], layout(k * k % 61, 8));
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
        REQUIRE(tracked.allocate(layout(20, 4)) != nullptr);
        const Stats before = tracked.stats();

        const ReportText text{tracked};
        const ReportText again{tracked};

        CHECK((text == again));
        CHECK(text.bars() == 1);
        CHECK(tracked.stats() == before);
        CHECK(upstream.allocations() == 1);
        CHECK(upstream.deallocations() == 0);
    }

    TEST_CASE("who writes the report may use the tracker") {
        Upstream upstream;
        Watching tracked{upstream};
        for (int i = 0; i < 3; ++i) {
            REQUIRE(tracked.allocate(layout(20, 4)) != nullptr);
        }
        size_t live = 0;

        const auto meanwhile = [&] {
            tracked.deallocate(tracked.allocate(layout(8, 8)), layout(8, 8));
            live = tracked.live_bytes();
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
        tracked.on_misuse(&Reporter::hear, &reporter);
        void* const block = tracked.allocate(layout(20, 4));
        REQUIRE(block != nullptr);

        tracked.deallocate(block, layout(19, 4));

        CHECK(reporter.live == 1);
        CHECK(reporter.blocks == 1);
        CHECK(reporter.visited == 1);
    }
}

// The judge of step 3, task 3.3.

#include "3_trackers.hpp"

#include <harness/threads.hpp>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <string_view>

using bridge::Misuse;
using harness::in_two_threads;
using harness::Overlap;

namespace {

using Watching = Made<bridge::Tracker, bridge::watching>;

/// The same, to be played through every order in which two threads can come.
using Explored = Made<bridge::Watcher, bridge::watching_explored>;

using Kind = Misuse::Kind;

/// Hears of misuses.
struct Listener {
    template <class T>
    explicit Listener(const bridge::Owner<T>& tracked) {
        tracked->on_misuse(&Listener::hear, this);
    }

    static void hear(const Misuse& misuse, void* listener) {
        Listener& self = *static_cast<Listener*>(listener);
        self.told += 1;
        self.last = misuse;
        if (misuse.block != nullptr) {
            self.block = *misuse.block;
            self.last->block = &self.block;
        }
    }

    bool heard(size_t times, Kind kind) const { return told == times && last->kind == kind; }

    size_t told = 0;
    std::optional<Misuse> last;

private:
    bridge::Record block;
};

struct Pair {
    size_t size;
    size_t alignment;
};

bool is_here(Place place, int line) {
    return place.line == line && std::string_view{place.file}.ends_with("3_misuse.cpp");
}

bool is_here(Place place, Place expected) {
    return place.line == expected.line &&
           std::string_view{place.file} == std::string_view{expected.file};
}

/// A function between the program and the tracker that says for whom it asks.
void* wrapped(const Watching& tracked, Layout asked, Place place = Place::here()) {
    return tracked->allocate(asked, place);
}

// The program's operator new, which a tracker can be made to watch.

bridge::Tracker* watch = nullptr;
bool inside = false;
bool recursed = false;

void* new_block(size_t size) {
    if (watch == nullptr || inside) {
        recursed = recursed || inside;
        return std::malloc(size == 0 ? 1 : size);
    }
    inside = true;
    void* const block = watch->allocate(layout(size, 1));
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
                blocks[i] = tracked->allocate(layout(i % 40, size_t{1} << i % 7));
                REQUIRE(blocks[i] != nullptr);
            }
            for (size_t i = 0; i < 200; ++i) {
                const size_t j = i * 77 % 200;
                tracked->deallocate(blocks[j], layout(j % 40, size_t{1} << j % 7));
            }
        }
        tracked->deallocate(nullptr, layout(8, 8));

        CHECK(listener.told == 0);
        CHECK(upstream.deallocations() == 600);
        CHECK(tracked->live_blocks() == 0);
    }

    TEST_CASE("checks are on in a debug build") {
        Upstream upstream;
        Watching tracked{upstream};
        tracked->on_misuse(nullptr);  // so that a starter is red here

        CHECK(bridge::checks_are_on_by_default());
    }

    TEST_CASE("a block given back twice is told, and nothing else happens") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(tracked->allocate(layout(5, 1)) != nullptr);
        tracked->deallocate(block, layout(24, 8));
        CHECK(listener.told == 0);

        tracked->deallocate(block, layout(24, 8));

        CHECK(listener.heard(1, Kind::double_free));
        CHECK(listener.last->pointer == block);
        CHECK(listener.last->layout == layout(24, 8));
        CHECK(upstream.deallocations() == 1);
        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->live_bytes() == 5);
        tracked->deallocate(block, layout(24, 8));
        CHECK(listener.heard(2, Kind::double_free));
        tracked->deallocate(block, layout(25, 8));
        CHECK(listener.heard(3, Kind::double_free));
        CHECK(upstream.deallocations() == 1);
    }

    TEST_CASE("a block given back twice is told also when much has happened in between") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block != nullptr);
        tracked->deallocate(block, layout(24, 8));

        for (size_t i = 0; i < 300; ++i) {
            REQUIRE(tracked->allocate(layout(i + 25, 1)) != nullptr);
        }
        tracked->deallocate(block, layout(24, 8));

        CHECK(listener.heard(1, Kind::double_free));
        CHECK(tracked->live_blocks() == 300);
    }

    TEST_CASE("an address that is handed out again is a new block") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const old = tracked->allocate(layout(24, 8));
        tracked->deallocate(old, layout(24, 8));
        const int line = __LINE__ + 1;
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block == old);

        tracked->deallocate(block, layout(24, 8));
        CHECK(listener.told == 0);
        CHECK(upstream.deallocations() == 2);

        tracked->deallocate(block, layout(24, 8));
        CHECK(listener.heard(1, Kind::double_free));
        REQUIRE(listener.last->block != nullptr);
        CHECK(is_here(listener.last->block->place, line));
        CHECK(listener.last->block->number == 2);
        CHECK(upstream.deallocations() == 2);
    }

    TEST_CASE("an address that is handed out with another layout is known by the new one") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const old = tracked->allocate(layout(24, 8));
        REQUIRE(old != nullptr);
        tracked->deallocate(old, layout(24, 8));
        upstream.reset();
        void* const block = tracked->allocate(layout(7, 2));
        REQUIRE(block == old);

        tracked->deallocate(block, layout(24, 8));
        CHECK(listener.heard(1, Kind::wrong_layout));
        tracked->deallocate(block, layout(7, 2));
        CHECK(listener.told == 1);
        CHECK(tracked->live_blocks() == 0);
    }

    TEST_CASE("a pointer that was never handed out is told, and nothing else happens") {
        Upstream upstream;
        Upstream elsewhere;
        Watching tracked{upstream};
        Watching other{elsewhere};
        const Listener listener{tracked};
        std::byte local{};
        tracked->deallocate(&local, layout(1, 1));  // before there is any block
        CHECK(listener.heard(1, Kind::foreign_pointer));
        auto* const block = static_cast<std::byte*>(tracked->allocate(layout(24, 8)));
        REQUIRE(block != nullptr);

        const int line = __LINE__ + 1;
        tracked->deallocate(&local, layout(1, 1));
        CHECK(listener.heard(2, Kind::foreign_pointer));
        CHECK(listener.last->pointer == &local);
        CHECK(is_here(listener.last->place, line));
        CHECK(listener.last->block == nullptr);
        tracked->deallocate(block + 1, layout(24, 8));
        CHECK(listener.heard(3, Kind::foreign_pointer));
        tracked->deallocate(block + 8, layout(16, 8));
        CHECK(listener.heard(4, Kind::foreign_pointer));
        tracked->deallocate(block + 24, layout(24, 8));
        CHECK(listener.heard(5, Kind::foreign_pointer));
        tracked->deallocate(other->allocate(layout(24, 8)), layout(24, 8));
        CHECK(listener.heard(6, Kind::foreign_pointer));

        CHECK(upstream.deallocations() == 0);
        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->live_bytes() == 24);
        CHECK(tracked->total_blocks() == 1);
        CHECK(tracked->failures() == 0);
    }

    TEST_CASE("a layout other than the one asked with is told, and the block stays live") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked->allocate(layout(24, 8));
        void* const nothing = tracked->allocate(layout(0, 1));
        REQUIRE(nothing != nullptr);
        const Stats before = tracked->stats();

        size_t times = 0;
        for (const auto& [size, alignment] : {Pair{23, 8}, {25, 8}, {0, 8}, {24, 4}, {24, 16}}) {
            tracked->deallocate(block, layout(size, alignment));
            CHECK(listener.heard(++times, Kind::wrong_layout));
            CHECK(listener.last->pointer == block);
            CHECK(listener.last->layout == layout(size, alignment));
            REQUIRE(listener.last->block != nullptr);
            CHECK(listener.last->block->layout == layout(24, 8));
        }
        tracked->deallocate(nothing, layout(1, 1));
        CHECK(listener.heard(6, Kind::wrong_layout));
        CHECK(upstream.deallocations() == 0);
        CHECK(tracked->stats() == before);

        tracked->deallocate(block, layout(24, 8));
        tracked->deallocate(nothing, layout(0, 1));
        CHECK(listener.told == 6);
        CHECK(upstream.deallocations() == 2);
        CHECK(tracked->live_bytes() == 0);
    }

    TEST_CASE("the place of the allocation and of the misuse are the caller's lines") {
        Upstream upstream;
        const Watching tracked{upstream};
        const Listener listener{tracked};
        const auto [first, place] = tracked->allocate_here(layout(24, 8));
        const int line_of_second = __LINE__ + 1;
        void* const second = tracked->allocate(layout(24, 8));
        REQUIRE(second != nullptr);

        const Place place_of_misuse = tracked->deallocate_here(first, layout(1, 1));
        REQUIRE(listener.heard(1, Kind::wrong_layout));
        CHECK(is_here(listener.last->place, place_of_misuse));
        CHECK(is_here(listener.last->block->place, place));
        CHECK(listener.last->block->number == 1);
        CHECK(listener.last->block->block == first);

        const int line_of_misuse = __LINE__ + 1;
        tracked->deallocate(second, layout(1, 1));
        CHECK(is_here(listener.last->place, line_of_misuse));
        CHECK(is_here(listener.last->block->place, line_of_second));
        CHECK(listener.last->block->number == 2);
    }

    TEST_CASE("a place that is passed on is the one that is told") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        const int line = __LINE__ + 1;
        void* const block = wrapped(tracked, layout(24, 8));
        REQUIRE(block != nullptr);

        tracked->deallocate(block, layout(1, 1), Place{"elsewhere.cpp", 42});
        REQUIRE(listener.heard(1, Kind::wrong_layout));
        CHECK(is_here(listener.last->block->place, line));
        CHECK(listener.last->place.line == 42);
        CHECK(std::string_view{listener.last->place.file} == "elsewhere.cpp");
    }

    TEST_CASE("upstream is told the place of the caller, where it wants to know it") {
        Upstream upstream;
        const Watching tracked{upstream};
        int line = __LINE__ + 1;
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block != nullptr);
        CHECK(is_here(upstream.last_place, line));

        line = __LINE__ + 1;
        tracked->deallocate(block, layout(24, 8));
        CHECK(is_here(upstream.last_place, line));
    }

    TEST_CASE("a refused request leaves no record") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        upstream.refuse = true;
        REQUIRE(tracked->allocate(layout(24, 8)) == nullptr);
        upstream.refuse = false;
        CHECK(tracked->failures() == 1);
        tracked->deallocate(nullptr, layout(24, 8));
        CHECK(listener.told == 0);

        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block != nullptr);
        tracked->deallocate(block, layout(1, 1));
        CHECK(listener.heard(1, Kind::wrong_layout));
        CHECK(listener.last->block->number == 1);
    }

    TEST_CASE("a block for whose record the kernel has no memory is refused, and goes back") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        rlimit before{};
        REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
        const rlimit nothing_more{1, before.rlim_max};

        REQUIRE(setrlimit(RLIMIT_AS, &nothing_more) == 0);
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);

        CHECK(block == nullptr);
        CHECK(upstream.allocations() == 1);
        CHECK(upstream.deallocations() == 1);
        CHECK(tracked->failures() == 1);
        CHECK(tracked->live_blocks() == 0);
        CHECK(tracked->total_blocks() == 0);
        CHECK(listener.told == 0);
        CHECK(tracked->allocate(layout(24, 8)) != nullptr);
    }

    TEST_CASE("after reset the blocks of before are misuse, and new ones are not") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const first = tracked->allocate(layout(24, 8));
        void* const second = tracked->allocate(layout(24, 8));
        REQUIRE(second != nullptr);

        tracked->reset();
        tracked->deallocate(second, layout(24, 8));
        CHECK(listener.told == 1);
        CHECK(tracked->live_blocks() == 0);
        CHECK(upstream.deallocations() == 0);

        REQUIRE(tracked->allocate(layout(24, 8)) == first);
        tracked->deallocate(first, layout(24, 8));
        CHECK(listener.told == 1);
        tracked->deallocate(first, layout(24, 8));
        CHECK(listener.heard(2, Kind::double_free));
    }

    TEST_CASE("a block that changed its size goes back with its new layout") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        REQUIRE(tracked->try_resize(block, layout(24, 8), layout(40, 8)));
        CHECK(upstream.old_size == 24);
        CHECK(upstream.last_size == 40);
        CHECK(upstream.last_alignment == 8);
        tracked->deallocate(block, layout(24, 8));
        CHECK(listener.heard(1, Kind::wrong_layout));
        upstream.refuse = true;
        CHECK_FALSE(tracked->try_resize(block, layout(40, 8), layout(1, 8)));
        CHECK(upstream.resizes() == 2);

        CHECK_FALSE(tracked->try_resize(block, layout(24, 8), layout(50, 8)));
        CHECK(listener.heard(2, Kind::wrong_layout));
        tracked->deallocate(block, layout(40, 8));
        CHECK(listener.told == 2);
        CHECK_FALSE(tracked->try_resize(block, layout(40, 8), layout(50, 8)));
        CHECK(listener.heard(3, Kind::double_free));
        CHECK(upstream.resizes() == 2);
        CHECK(tracked->live_bytes() == 0);
    }

    TEST_CASE("thousands of blocks are all remembered") {
        constexpr size_t count = 10000;
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        static void* blocks[count];
        for (void*& block : blocks) {
            block = tracked->allocate(layout(16, 16));
            REQUIRE(block != nullptr);
        }

        for (void* const block : blocks) {
            tracked->deallocate(block, layout(16, 16));
        }
        CHECK(listener.told == 0);
        CHECK(upstream.deallocations() == count);
        CHECK(tracked->live_blocks() == 0);
        for (void* const block : blocks) {
            tracked->deallocate(block, layout(16, 16));
        }
        CHECK(listener.told == count);
        CHECK(upstream.deallocations() == count);
    }

    TEST_CASE("the handler may use the tracker") {
        struct Busy {
            static void hear(const Misuse&, void* context) {
                Busy& self = *static_cast<Busy*>(context);
                self.told += 1;
                self.block = self.tracked->allocate(layout(100, 4));
                self.tracked->deallocate(self.tracked->allocate(layout(3, 1)), layout(3, 1));
                self.live = self.tracked->live_bytes();
            }
            const Watching& tracked;
            int told = 0;
            void* block = nullptr;
            size_t live = 0;
        };
        Upstream upstream;
        Watching tracked{upstream};
        Busy busy{tracked};
        tracked->on_misuse(&Busy::hear, &busy);
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        tracked->deallocate(block, layout(23, 8));
        CHECK(busy.told == 1);
        CHECK(busy.live == 124);
        CHECK(busy.block != nullptr);
        tracked->deallocate(block, layout(24, 8));
        tracked->deallocate(busy.block, layout(100, 4));
        CHECK(busy.told == 1);
        CHECK(tracked->live_blocks() == 0);
    }

    TEST_CASE("each tracker tells its own handler, the latest that was set") {
        Upstream upstream;
        Upstream elsewhere;
        Watching tracked{upstream};
        Watching other{elsewhere};
        const Listener replaced{tracked};
        const Listener listener{tracked};
        const Listener others{other};
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        other->deallocate(block, layout(24, 8));
        CHECK(others.heard(1, Kind::foreign_pointer));
        CHECK(listener.told == 0);
        tracked->deallocate(block, layout(1, 1));
        CHECK(listener.heard(1, Kind::wrong_layout));
        CHECK(replaced.told == 0);
        CHECK(others.told == 1);
    }

    TEST_CASE("a misuse that nobody listens to ends the program") {
        Upstream upstream;
        Watching tracked{upstream};
        { const Listener listener{tracked}; }
        tracked->on_misuse(nullptr);
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block != nullptr);

        const pid_t child = fork();
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            tracked->deallocate(block, layout(1, 1));
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
        void* const block = tracked->allocate(layout(24, 8));
        REQUIRE(block != nullptr);
        const size_t before = tracked->total_blocks();

        watch = &*tracked;  // from here on it serves every `new` of the program
        for (int i = 0; i < 5000; ++i) {
            (void)operator new(8);
        }
        tracked->deallocate(block, layout(24, 8));
        tracked->deallocate(block, layout(24, 8));
        watch = nullptr;

        CHECK_FALSE(recursed);
        // Valgrind puts an operator new of its own in the place of ours.
        const bool ours = tracked->total_blocks() != before;
        CHECK((!ours || tracked->total_blocks() == before + 5000));
        CHECK(listener.heard(1, Kind::double_free));
    }

    TEST_CASE("each request reaches upstream once: no record is kept there") {
        Upstream upstream;
        Watching tracked{upstream};
        const Listener listener{tracked};
        for (size_t i = 0; i < 3000; ++i) {
            REQUIRE(tracked->allocate(layout(8, 8)) != nullptr);
        }

        CHECK(upstream.allocations() == 3000);
        CHECK(upstream.deallocations() == 0);
        CHECK(upstream.last_size == 8);
        CHECK(upstream.last_alignment == 8);
        CHECK(tracked->live_blocks() == 3000);
        CHECK(listener.told == 0);
    }

    TEST_CASE("two threads with blocks of their own do not disturb each other") {
        Upstream upstream{Upstream::Serves::heap};
        Watching tracked{upstream};
        const Listener listener{tracked};
        const Layout small = layout(24, 8);
        REQUIRE(tracked->allocate(small) != nullptr);
        Overlap overlap;

        in_two_threads([&](size_t thread) {
            void* blocks[16] = {};
            for (size_t i = 0; overlap.go_on(thread); ++i) {
                void*& block = blocks[(i * 7 + thread) % 16];
                tracked->deallocate(block, small);
                block = tracked->allocate(small);
            }
            for (void* const block : blocks) {
                tracked->deallocate(block, small);
            }
        });

        CHECK(listener.told == 0);
        CHECK(tracked->live_blocks() == 1);
        CHECK(tracked->total_blocks() == overlap.rounds() + 1);
    }

    TEST_CASE("of two threads that give the same block back, one is told") {
        harness::explore({.preemptions = 2}, [](Play& play) {
            Upstream upstream;
            Explored tracked{upstream};
            const Listener listener{tracked};
            void* const block = tracked->allocate(layout(24, 8));
            const auto give_back = [&] { tracked->deallocate(block, layout(24, 8)); };
            play.threads(give_back, give_back);

            play.expect(listener.told == 1, "one misuse is told");
            play.expect(upstream.deallocations() == 1, "the block reaches upstream once");
            play.expect(tracked->live_blocks() == 0, "no block is live in the end");
            play.expect(tracked->live_bytes() == 0, "no byte is live in the end");
        });
    }

    TEST_CASE("a block on its way to upstream may be another thread's before the call returns") {
        harness::explore({.preemptions = 2}, [](Play& play) {
            Upstream upstream;
            Explored tracked{upstream};
            const Listener listener{tracked};
            void* const block = tracked->allocate(layout(24, 8));
            void* others_block = nullptr;
            play.threads([&] { tracked->deallocate(block, layout(24, 8)); },
                         [&] { others_block = tracked->allocate(layout(24, 8)); });

            play.expect(listener.told == 0, "no misuse is told");
            play.expect(tracked->live_blocks() == 1, "the other thread's block is live");
            play.expect(tracked->live_bytes() == 24, "its 24 bytes are live");
            tracked->deallocate(others_block, layout(24, 8));
            play.expect(listener.told == 0, "it can be given back");
        });
    }
}

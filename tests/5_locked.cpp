// The judge of step 5, task 5.2.

#include <free_list.hpp>
#include <locked.hpp>
#include <memory_resource.hpp>
#include <spin_lock.hpp>
#include <tracking.hpp>

#include <harness/churn.hpp>
#include <harness/containers.hpp>
#include <harness/explorer.hpp>
#include <harness/judge.hpp>
#include <harness/random_judge.hpp>
#include <harness/subject_of.hpp>

#include <cstdlib>
#include <new>
#include <type_traits>

using harness::Cell;
using harness::ExploredMutex;
using harness::GuardedBuffer;
using harness::layout;
using harness::Play;
using harness::Stamps;
using harness::Watched;
using std::size_t;
using workshop::BlockState;
using workshop::Checks;
using workshop::FreeListAllocator;
using workshop::Layout;
using workshop::Locked;
using workshop::Place;

namespace {

/// A mutex that says when it is used in a way that would hang or break.
class Witness {
public:
    HARNESS_OWN void lock() {
        if (held) {
            harness::wrong("the lock is taken by who has it already: that thread waits for ever");
        }
        held = true;
        ++times;
    }
    HARNESS_OWN bool try_lock() {
        if (held) {
            return false;
        }
        lock();
        return true;
    }
    HARNESS_OWN void unlock() {
        if (!held) {
            harness::wrong("a lock is given back that nobody has");
        }
        held = false;
        if (!plan.empty()) {
            pieces = plan.front();
            plan = plan.subspan(1);
        }
    }

    static inline bool held = false;
    static inline int times = 0;
    // As if another thread came as soon as the lock is free, and split and merged upstream's
    // pieces: how many there are, and how many after each unlock().
    static inline size_t pieces = 0;
    static inline std::span<const size_t> plan;
};

bool memory_asked_for_under_lock = false;

/// Looks at each call whether the lock is held, and remembers what it was asked.
struct Upstream {
    HARNESS_OWN void* allocate(Layout asked, Place place = Place::here()) noexcept {
        note("allocate", place);
        last_layout = asked;
        return refuse ? nullptr : storage;
    }
    HARNESS_OWN void deallocate(void* block, Layout asked, Place place = Place::here()) noexcept {
        note("deallocate", place);
        last_block = block;
        last_layout = asked;
    }
    HARNESS_OWN bool try_resize(void* block, Layout from, Layout to,
                                Place place = Place::here()) noexcept {
        note("try_resize", place);
        last_block = block;
        old_layout = from;
        last_layout = to;
        return !refuse;
    }
    void reset() noexcept { note("reset", {}); }
    HARNESS_OWN bool owns(const void* pointer) const noexcept {
        note("owns", {});
        return pointer == storage;
    }
    HARNESS_OWN bool check() const noexcept {
        note("check", {});
        return !refuse;
    }
    template <class Visit>
    HARNESS_OWN void for_each_block(Visit&& visit) const {
        note("for_each_block", {});
        const size_t pieces = Witness::pieces;
        size_t offset = 0;
        for (size_t i = 0; i < pieces; ++i) {
            const size_t size = (buffer_size - offset) / (pieces - i);
            visit(offset, size, i % 3 == 0 ? BlockState::free : BlockState::live);
            offset += size;
        }
    }

    HARNESS_OWN void note(const char* call, Place place) const {
        if (!Witness::held) {
            harness::wrong("upstream is called while the lock is free");
        }
        last_call = call;
        last_place = place;
        ++calls;
    }

    alignas(64) std::byte storage[64];
    bool refuse = false;
    size_t buffer_size = 1'000'000;
    mutable int calls = 0;
    mutable const char* last_call = "";
    mutable Place last_place;
    void* last_block = nullptr;
    Layout old_layout = Layout::of<char>();
    Layout last_layout = Layout::of<char>();
};

/// An allocator with nothing but what the concept asks for.
struct Plain {
    void* allocate(Layout) noexcept { return nullptr; }
    void deallocate(void*, Layout) noexcept {}
};

/// Every call looks at the same ordinary variable.
struct Shared {
    HARNESS_OWN void* allocate(Layout) noexcept {
        state.write();
        return this;
    }
    void deallocate(void*, Layout) noexcept { state.write(); }
    HARNESS_OWN bool try_resize(void*, Layout, Layout) noexcept {
        state.write();
        return true;
    }
    void reset() noexcept { state.write(); }
    HARNESS_OWN bool owns(const void*) const noexcept {
        state.read();
        return true;
    }
    HARNESS_OWN bool check() const noexcept {
        state.read();
        return true;
    }
    template <class Visit>
    HARNESS_OWN void for_each_block(Visit&& visit) const {
        state.read();
        visit(size_t{0}, size_t{1}, BlockState::free);
    }
    mutable Cell state{"upstream's state"};
};

using Tracked = workshop::Tracking<FreeListAllocator<>, Checks::off>;

/// A whole stack in one buffer, as Watched and the random judge want it.
template <class Mutex>
struct Stack {
    HARNESS_OWN explicit Stack(std::span<std::byte> buffer) : list{buffer} {}

    void* allocate(Layout asked) noexcept { return locked.allocate(asked); }
    void deallocate(void* block, Layout asked) noexcept { locked.deallocate(block, asked); }
    HARNESS_OWN bool try_resize(void* block, Layout from, Layout to) noexcept {
        return locked.try_resize(block, from, to);
    }
    void reset() noexcept { locked.reset(); }
    bool check() const noexcept { return locked.check(); }
    bool owns(const void* block) const noexcept { return locked.owns(block); }
    size_t capacity() const noexcept { return list.capacity(); }

    FreeListAllocator<> list;
    Tracked tracked{list};
    Locked<Tracked, Mutex> locked{tracked};
};

struct RandomSubject final : harness::SubjectOf<Stack<workshop::SpinLock<>>> {
    using SubjectOf::SubjectOf;
};

}  // namespace

#ifndef WORKSHOP_UNDER_TSAN  // clang's brings its own
// The program's own allocator may be the one behind the lock, so nobody who holds the lock may ask
// for memory.
void* operator new(size_t size) {
    memory_asked_for_under_lock |= Witness::held;
    if (void* const block = std::malloc(size == 0 ? 1 : size)) {
        return block;
    }
    throw std::bad_alloc{};
}
void operator delete(void* block) noexcept {
    std::free(block);
}
void operator delete(void* block, size_t) noexcept {
    std::free(block);
}
#endif

TEST_SUITE("5.2 Locked" * doctest::description("CONCEPTS.md, 'Locks'")) {
    TEST_CASE("requests and blocks are passed on untouched, under the lock") {
        Upstream upstream;
        Locked<Upstream, Witness> locked{upstream};

        CHECK(locked.allocate(layout(24, 8)) == upstream.storage);
        CHECK(upstream.last_layout == layout(24, 8));
        CHECK(upstream.calls == 1);
        CHECK_FALSE(Witness::held);

        locked.deallocate(upstream.storage, layout(24, 8));
        CHECK(upstream.last_block == upstream.storage);
        CHECK(upstream.last_layout == layout(24, 8));
        CHECK(upstream.calls == 2);
        CHECK_FALSE(Witness::held);
    }

    TEST_CASE("the lock is free again after a request that was refused") {
        Upstream upstream;
        Locked<Upstream, Witness> locked{upstream};
        REQUIRE(locked.allocate(layout(1, 1)) != nullptr);
        upstream.refuse = true;

        CHECK(locked.allocate(layout(8, 8)) == nullptr);
        CHECK_FALSE(Witness::held);
        CHECK_FALSE(locked.try_resize(upstream.storage, layout(8, 8), layout(9, 8)));
        CHECK_FALSE(Witness::held);
        CHECK_FALSE(locked.check());
        CHECK_FALSE(Witness::held);
    }

    TEST_CASE("whatever else upstream offers is offered, under the lock") {
        Upstream upstream;
        Locked<Upstream, Witness> locked{upstream};
        const auto& only_read = locked;
        REQUIRE(locked.allocate(layout(8, 8)) == upstream.storage);

        CHECK(only_read.owns(upstream.storage));
        CHECK_FALSE(only_read.owns(&locked));
        CHECK(only_read.check());
        CHECK(locked.try_resize(upstream.storage, layout(8, 8), layout(16, 8)));
        CHECK(upstream.old_layout == layout(8, 8));
        CHECK(upstream.last_layout == layout(16, 8));
        const int calls = upstream.calls;
        locked.reset();
        CHECK(upstream.calls == calls + 1);
        CHECK_FALSE(Witness::held);
        CHECK(Witness::times == upstream.calls);
    }

    TEST_CASE("what upstream does not offer is not offered") {
        using Bare = Locked<Plain, Witness>;
        Upstream upstream;
        Locked<Upstream, Witness> locked{upstream};
        REQUIRE(locked.allocate(layout(8, 8)) != nullptr);  // so that a starter is red here

        CHECK(workshop::HasReset<Locked<Upstream, Witness>>);
        CHECK_FALSE(workshop::HasReset<Bare>);
        CHECK_FALSE(workshop::HasOwns<Bare>);
        CHECK_FALSE(workshop::HasCheck<Bare>);
        CHECK_FALSE(workshop::HasTryResize<Bare>);
    }

    TEST_CASE("for_each_block shows every piece, and the visitor may use the allocator") {
        for (const size_t pieces : {0, 1, 7, 100, 5000}) {
            Upstream upstream;
            Locked<Upstream, Witness> locked{upstream};
            upstream.buffer_size = 10 * pieces;
            Witness::pieces = pieces;
            size_t visited = 0;
            size_t free = 0;
            REQUIRE(locked.allocate(layout(8, 8)) != nullptr);

            locked.for_each_block([&](size_t offset, size_t size, BlockState state) HARNESS_OWN {
                CHECK(offset == visited * 10);
                CHECK(size == 10);
                CHECK_FALSE(Witness::held);
                CHECK(locked.allocate(layout(1, 1)) != nullptr);
                free += state == BlockState::free ? 1 : 0;
                ++visited;
            });

            CHECK(visited == pieces);
            CHECK_FALSE(memory_asked_for_under_lock);
            CHECK(free == (pieces + 2) / 3);
            CHECK_FALSE(Witness::held);
        }
    }

    TEST_CASE(
        "for_each_block shows one moment, also when other threads split and merge meanwhile") {
        constexpr size_t splits[] = {21, 41, 61, 81};
        constexpr size_t merges[] = {40, 3, 50, 2};
        const std::span<const size_t> splitting{splits};
        const std::span<const size_t> merging{merges};
        for (const std::span<const size_t> plan :
             {splitting.first(0), splitting.first(1), splitting.first(3), splitting,
              merging.first(2), merging}) {
            CAPTURE(plan.size());
            Upstream upstream;
            Locked<Upstream, Witness> locked{upstream};
            Witness::pieces = 1;
            Witness::plan = plan;
            size_t shown = 0;
            memory_asked_for_under_lock = false;

            locked.for_each_block([&](size_t offset, size_t size, BlockState) HARNESS_OWN {
                CHECK(offset == shown);  // where the last piece ended
                shown += size;
            });

            CHECK(shown == upstream.buffer_size);
            CHECK_FALSE(memory_asked_for_under_lock);
        }
    }

    TEST_CASE("upstream is told the place of the call, not one inside the lock") {
        Upstream upstream;
        Locked<Upstream, Witness> locked{upstream};

        REQUIRE(locked.allocate(layout(8, 8), {"here", 42}) != nullptr);
        CHECK(upstream.last_place.line == 42);
        locked.deallocate(upstream.storage, layout(8, 8), {"here", 43});
        CHECK(upstream.last_place.line == 43);
        CHECK(locked.try_resize(upstream.storage, layout(8, 8), layout(8, 8), {"here", 44}));
        CHECK(upstream.last_place.line == 44);
        const int line = __LINE__ + 1;
        (void)locked.allocate(layout(8, 8));
        CHECK(upstream.last_place.line == line);
    }

    TEST_CASE("it keeps the contract: an Allocator that neither copies nor moves") {
        using Type = Locked<Upstream>;
        Upstream upstream;
        Locked<Upstream, Witness> locked{upstream};
        REQUIRE(locked.allocate(layout(8, 8)) != nullptr);

        CHECK(workshop::Allocator<Type>);
        CHECK_FALSE(std::is_copy_constructible_v<Type>);
        CHECK_FALSE(std::is_copy_assignable_v<Type>);
        CHECK_FALSE(std::is_move_constructible_v<Type>);
        CHECK_FALSE(std::is_move_assignable_v<Type>);
    }

    TEST_CASE("a tracked free list behind it serves as well as without it") {
        GuardedBuffer buffer{2000, 5};
        Watched<Stack<std::mutex>> stack{buffer};
        std::byte* const first = stack.allocate(100, 8);
        REQUIRE(first != nullptr);

        for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
            CHECK(stack.allocate(30, alignment) != nullptr);
        }
        stack.deallocate(first, 100, 8);
        CHECK(stack->check());
        CHECK(stack->tracked.live_blocks() == 7);
        CHECK(stack->tracked.live_bytes() == stack.shadow().live_bytes());
        stack.reset();
        CHECK(stack.allocate(stack->list.capacity(), 1) != nullptr);
    }

    TEST_CASE("random sequences of operations keep the contract",
              {.skip = !harness::has_random_judge || harness::under_tsan}) {
        harness::play_random_sequences<RandomSubject>({.type = "Stack"});
    }

    TEST_CASE("containers of the standard library live behind it") {
        GuardedBuffer buffer{8192};
        Stack<std::mutex> stack{buffer.span()};
        workshop::MemoryResource resource{stack.locked};
        {
            harness::NumberVector numbers{resource};
            for (int i = 0; i < 100; ++i) {
                numbers.push_back(i);
            }
            CHECK(stack.owns(numbers.data()));
            CHECK(numbers[99] == 99);
        }
        CHECK(stack.tracked.live_blocks() == 0);
    }

    TEST_CASE("every interleaving of two threads: one at a time is inside",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 2}, [](Play& play) HARNESS_OWN {
            Shared shared;
            Locked<Shared, ExploredMutex> locked{shared};
            const Layout some = layout(8, 8);
            play.threads(
                [&]() HARNESS_OWN {
                    void* const block = locked.allocate(some);
                    play.expect(block == &shared, "the block is upstream's");
                    locked.try_resize(block, some, some);
                    locked.deallocate(block, some);
                },
                [&]() HARNESS_OWN {
                    locked.reset();
                    (void)locked.owns(&shared);
                    (void)locked.check();
                    locked.for_each_block([&](size_t, size_t, BlockState) HARNESS_OWN {
                        locked.deallocate(locked.allocate(some), some);
                    });
                });
        });
    }

    TEST_CASE("every interleaving of the members that only ask, with those that change",
              {.skip = !harness::has_explorer}) {
        harness::explore({.preemptions = 2}, [](Play& play) HARNESS_OWN {
            Shared shared;
            Locked<Shared, workshop::SpinLock<harness::Explored>> locked{shared};
            const Layout some = layout(8, 8);
            play.threads(
                [&]() HARNESS_OWN {
                    (void)locked.owns(&shared);
                    (void)locked.check();
                },
                [&]() HARNESS_OWN {
                    void* const block = locked.allocate(some);
                    play.expect(block == &shared, "the block is upstream's");
                    locked.deallocate(block, some);
                });
        });
    }

    TEST_CASE("four threads, a std::mutex: no byte is handed out twice") {
        GuardedBuffer buffer{8192};
        Stamps stamps{buffer.span()};
        Stack<std::mutex> stack{buffer.span()};

        CHECK(harness::churn(stack.locked, stamps, {.largest = 100, .strictest = 64},
                             harness::stress_rounds()));
        CHECK(stack.tracked.live_blocks() == 0);
        CHECK(stack.check());
    }

    TEST_CASE("four threads, a SpinLock, blocks given back by another thread") {
        GuardedBuffer buffer{8192};
        Stamps stamps{buffer.span()};
        Stack<workshop::SpinLock<>> stack{buffer.span()};

        CHECK(harness::churn(stack.locked, stamps,
                             {.largest = 100, .strictest = 64, .hand_over = true},
                             harness::stress_rounds()));
        CHECK(stack.tracked.live_blocks() == 0);
        CHECK(stack.check());
    }

    TEST_CASE("threads that exhaust it get nullptr, and everything is there in the end") {
        GuardedBuffer buffer{1000};
        Stamps stamps{buffer.span()};
        Stack<std::mutex> stack{buffer.span()};

        CHECK(harness::churn(stack.locked, stamps, {.largest = 200}, harness::stress_rounds()));
        CHECK(stack.locked.allocate(layout(stack.list.capacity(), 1)) != nullptr);
    }
}

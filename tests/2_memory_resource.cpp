// The judge of step 2, task 2.4.

#include <bump.hpp>
#include <memory_resource.hpp>

#include <harness/containers.hpp>
#include <harness/judge.hpp>

#include <memory_resource>

using harness::GuardedBuffer;
using std::size_t;
using workshop::BumpAllocator;
using workshop::Layout;
using workshop::MemoryResource;

namespace {

/// Remembers what it was asked, and says no when told to.
struct Recorder {
    HARNESS_OWN void* allocate(Layout layout) noexcept {
        ++allocations;
        last = layout;
        return refuse ? nullptr : storage;
    }
    HARNESS_OWN void deallocate(void* block, Layout layout) noexcept {
        ++deallocations;
        last_block = block;
        last = layout;
    }

    alignas(64) std::byte storage[64];
    bool refuse = false;
    int allocations = 0;
    int deallocations = 0;
    void* last_block = nullptr;
    Layout last = Layout::of<int>();
};

HARNESS_OWN void needs_task_1_3() {
    (void)harness::layout(24, 8);
}

}  // namespace

TEST_SUITE("2.4 MemoryResource" *
           doctest::description("CONCEPTS.md, 'What an allocator promises'")) {
    TEST_CASE("size and alignment reach the allocator untouched") {
        needs_task_1_3();
        Recorder recorder;
        MemoryResource resource{recorder};

        void* const block = resource.allocate(32, 8);

        CHECK(recorder.last == harness::layout(32, 8));
        CHECK(recorder.allocations == 1);
        CHECK(block == recorder.storage);
        CHECK(resource.allocate(1, 4096) == recorder.storage);
        CHECK(recorder.last == harness::layout(1, 4096));
        CHECK(resource.allocate(0, 1) == recorder.storage);
        CHECK(recorder.last.size() <= 1);  // size 0 is served as 1, so both will do
    }

    TEST_CASE("a block goes back with the layout it was asked with") {
        needs_task_1_3();
        Recorder recorder;
        MemoryResource resource{recorder};
        void* const block = resource.allocate(64, 16);

        resource.deallocate(block, 64, 16);

        CHECK(recorder.deallocations == 1);
        CHECK(recorder.last_block == block);
        CHECK(recorder.last == harness::layout(64, 16));
    }

    TEST_CASE("where the allocator returns nullptr, the resource throws std::bad_alloc") {
        needs_task_1_3();
        Recorder recorder;
        MemoryResource resource{recorder};
        REQUIRE(resource.allocate(8, 8) == recorder.storage);
        recorder.refuse = true;

        CHECK_THROWS_AS((void)resource.allocate(8, 8), std::bad_alloc);
    }

    TEST_CASE("where no layout describes the request, it throws and asks nobody") {
        needs_task_1_3();
        Recorder recorder;
        MemoryResource resource{recorder};
        REQUIRE(resource.allocate(8, 8) == recorder.storage);

        volatile size_t too_much = SIZE_MAX;  // volatile: the compiler would warn of the size
        volatile size_t no_power = 3;
        CHECK_THROWS_AS((void)resource.allocate(too_much, 1), std::bad_alloc);
        CHECK_THROWS_AS((void)resource.allocate(too_much / 2 + 1, 1), std::bad_alloc);
        CHECK_THROWS_AS((void)resource.allocate(too_much / 2, 16), std::bad_alloc);
        CHECK_THROWS_AS((void)resource.allocate(8, no_power), std::bad_alloc);
        CHECK(recorder.allocations == 1);
    }

    TEST_CASE("two resources are equal when they serve from one allocator") {
        Recorder recorder;
        Recorder other;
        MemoryResource first{recorder};
        MemoryResource second{recorder};
        MemoryResource elsewhere{other};

        CHECK(first == first);
        CHECK(first == second);
        CHECK_FALSE(first == elsewhere);
        CHECK_FALSE(first == *std::pmr::new_delete_resource());
    }

    TEST_CASE("a std::pmr::vector lives in the buffer") {
        GuardedBuffer buffer{4096};
        BumpAllocator bump{buffer.span()};
        MemoryResource resource{bump};
        harness::NumberVector numbers{resource};

        for (int i = 0; i < 100; ++i) {
            numbers.push_back(i);
        }

        CHECK(bump.owns(numbers.data()));
        CHECK(bump.owns(numbers.data() + 99));
        for (int i = 0; i < 100; ++i) {
            CHECK(numbers[size_t(i)] == i);
        }
    }

    TEST_CASE("a vector that outgrows the buffer gets std::bad_alloc and keeps its content") {
        GuardedBuffer buffer{256};
        BumpAllocator bump{buffer.span()};
        MemoryResource resource{bump};
        harness::NumberVector numbers{resource};
        numbers.push_back(7);

        CHECK_THROWS_AS(numbers.resize(1000), std::bad_alloc);
        CHECK(numbers.size() == 1);
        CHECK(numbers[0] == 7);
    }

    TEST_CASE("strings in a vector live in the buffer too") {
        GuardedBuffer buffer{4096};
        BumpAllocator bump{buffer.span()};
        MemoryResource resource{bump};
        harness::StringVector words{resource};

        words.push_back("a string that is too long to be kept inside the object itself");
        words.push_back("short");

        CHECK(bump.owns(words.characters(0)));
        CHECK(bump.owns(words.characters(1)));
    }
}

// Step 6: a test suite for allocators that it has never seen.
//
//   suite ── allocate(24, 8) ──> Subject ──> an allocator: a correct one, or one with a bug
//         <─────── block ──────            which of them, the suite is not told
//
// It knows a contract and nothing else. See CONCEPTS.md, "What can be tested".

#include <suite/suite.hpp>

#include <todo.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <span>
#include <thread>
#include <vector>

using suite::Runs;
using suite::Step;
using suite::Subject;
using workshop::todo;

namespace {

/// Addresses as numbers: `<` means nothing between pointers into different buffers.
std::uintptr_t address(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

}  // namespace

/// 6.1 Unit tests: one promise each, on the smallest example that can break it.
TEST_SUITE("6.1 unit tests") {
    // An example. Each test case makes a subject, does something, and checks what came of it.
    TEST_CASE("a block is aligned as it was asked for") {
        for (std::size_t alignment = 1; alignment <= 64; alignment *= 2) {
            Subject subject{1000};

            const std::byte* const block = subject.allocate(24, alignment);

            // May it say no? Only where it did not promise to have room for this request.
            CHECK((block != nullptr || !subject.makes_room_for(24, alignment)));
            CHECK(address(block) % alignment == 0);
        }
    }

    TEST_CASE("(yours)") {
        // TODO 6.1: for each promise in tests/suite/subject.hpp, a test that fails where it is
        // broken.
        todo<void>();
    }
}

/// 6.2 Integration tests: what programs do with an allocator, against what must come out.
TEST_SUITE("6.2 integration tests") {
    // An example. Whatever a container does with its memory, in the end the numbers must be right.
    TEST_CASE("a vector that grows keeps its elements") {
        Subject subject{10'000};
        std::pmr::vector<std::size_t> numbers{&subject.resource()};

        for (std::size_t i = 0; i < 100; ++i) {
            numbers.push_back(i * i);
        }

        for (std::size_t i = 0; i < 100; ++i) {
            CHECK(numbers[i] == i * i);
        }
    }

    TEST_CASE("(yours)") {
        // TODO 6.2: other containers, strings, a word count, a replay of
        // suite::recorded_trace("bash").
        todo<void>();
    }
}

/// 6.3 Stress tests: several threads, who write down what they find and let one thread judge.
TEST_SUITE("6.3 stress tests") {
    // An example. Each thread writes into its blocks what no other thread writes.
    TEST_CASE("a block has the bytes that its thread wrote, until it gives it back") {
        Subject subject{1000};
        std::atomic<int> damaged = 0;
        const auto work = [&](unsigned char own) {
            for (int round = 0; round < 100; ++round) {
                std::byte* const block = subject.allocate(24, 8);
                if (block != nullptr) {
                    std::memset(block, own, 24);
                    damaged += block[0] != std::byte{own} || block[23] != std::byte{own};
                    subject.deallocate(block, 24, 8);
                }
            }
        };

        std::thread one{work, static_cast<unsigned char>(1)};
        std::thread other{work, static_cast<unsigned char>(2)};
        one.join();
        other.join();

        CHECK(damaged == 0);
    }

    TEST_CASE("(yours)") {
        // TODO 6.3: more blocks at a time, other threads that give them back, questions meanwhile.
        todo<void>();
    }
}

/// 6.4 Property-based tests: whatever is done, in whatever order, the model agrees.
TEST_SUITE("6.4 property-based tests") {
    // An example. The operations are "take" and "give back"; the model is a list of blocks; the
    // property is that no two blocks begin at the same address.
    TEST_CASE("no two live blocks begin at the same address") {
        for_all_steps(Runs{.count = 20, .steps = 30}, [](std::span<Step> steps) {
            Subject subject{1000};
            std::vector<std::byte*> blocks;
            for (Step& step : steps) {
                if (step.between(0, 2) == 0 && !blocks.empty()) {
                    subject.deallocate(blocks.back(), 24, 8);
                    blocks.pop_back();
                } else if (std::byte* const block = subject.allocate(24, 8)) {
                    CHECK(std::find(blocks.begin(), blocks.end(), block) == blocks.end());
                    blocks.push_back(block);
                }
            }
        });
    }

    TEST_CASE("(yours)") {
        // TODO 6.4: all operations, of all sizes and alignments, and a model that knows every byte.
        todo<void>();
    }
}

/// 6.5 Tests under scarcity: the k-th request is the one that fails, for every k, and nothing is
/// lost.
TEST_SUITE("6.5 tests under scarcity") {
    // An example. In a buffer that is a little larger each time, another request is the first that
    // fails.
    TEST_CASE("whichever request fails, the first block keeps its bytes") {
        for (std::size_t size = 32; size < 300; size += 8) {
            Subject subject{size};
            std::byte* const first = subject.allocate(16, 8);
            if (first == nullptr) {
                continue;
            }
            std::memset(first, 0x11, 16);

            for (int i = 0; i < 10; ++i) {
                if (std::byte* const block = subject.allocate(24, 8)) {
                    std::memset(block, 0x22, 24);
                }
            }

            CHECK(std::all_of(first, first + 16, [](std::byte b) { return b == std::byte{0x11}; }));
        }
    }

    TEST_CASE("(yours)") {
        // TODO 6.5: a sequence of requests in buffers of every size; and what is possible
        // afterwards.
        todo<void>();
    }
}

// Step 6: a test suite for allocators that it has never seen.
//
//   suite ── allocate(24, 8) ──> Subject ──> an allocator: a correct one, or one with a bug
//         <─────── block ──────            which of them, the suite is not told
//
// It knows a contract and nothing else. See CONCEPTS.md, "What can be tested".

#include <suite/suite.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory_resource>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

using suite::Piece;
using suite::Runs;
using suite::Step;
using suite::Subject;
using suite::TraceStep;

namespace {

/// Addresses as numbers: `<` means nothing between pointers into different buffers.
std::uintptr_t address(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

/// A block that a test holds, with a copy of what it wrote into it.
struct Block {
    std::byte* start;
    std::size_t size;  // as it was asked for
    std::size_t alignment;
    std::vector<std::byte> content;

    std::size_t bytes() const { return size == 0 ? 1 : size; }
    bool is_intact() const { return std::memcmp(start, content.data(), content.size()) == 0; }
};

bool is_inside(const Subject& subject, const Block& block) {
    const std::uintptr_t offset = address(block.start) - address(subject.buffer().data());
    return offset < subject.buffer().size() && block.bytes() <= subject.buffer().size() - offset;
}

/// Also where one of them encloses the other.
bool overlap(const Block& left, const Block& right) {
    return address(left.start) < address(right.start) + right.bytes() &&
           address(right.start) < address(left.start) + left.bytes();
}

/// The shadow model: what a correct allocator would have done so far. It looks at everything after
/// every operation, so that damage is noticed that is repaired later.
class Model {
public:
    explicit Model(Subject& subject) : subject_{subject} {}

    /// Of a subject that others have used, and to which all has come back.
    static Model after_use(Subject& subject) {
        Model model{subject};
        model.pristine_ = false;
        return model;
    }

    /// Asks for a block, and checks the answer. False for nullptr.
    bool allocate(std::size_t size, std::size_t alignment) {
        const bool owed = is_empty() && subject_.makes_room_for(size, alignment);
        std::byte* const start = subject_.allocate(size, alignment);
        if (start == nullptr) {
            CHECK_FALSE(owed);
            check();
            return false;
        }
        Block block{start, size, alignment, {}};
        CHECK(std::has_single_bit(alignment));
        CHECK(address(start) % alignment == 0);
        CHECK(is_inside(subject_, block));
        CHECK_FALSE(overlaps_another(block));
        check();
        write(block, 0);
        blocks_.push_back(std::move(block));
        pristine_ = false;
        return true;
    }

    void deallocate(std::size_t which) {
        const Block block = std::move(blocks_[which]);
        blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(which));
        subject_.deallocate(block.start, block.size, block.alignment);
        check();
    }

    void deallocate_null(std::size_t size, std::size_t alignment) {
        subject_.deallocate(nullptr, size, alignment);
        check();
    }

    bool try_resize(std::size_t which, std::size_t new_size) {
        Block& block = blocks_[which];
        const bool done = subject_.try_resize(block.start, block.size, block.alignment, new_size);
        if (done) {
            const std::size_t kept = std::min(block.size, new_size);
            block.size = new_size;
            block.content.resize(std::min(block.content.size(), std::max<std::size_t>(kept, 1)));
            CHECK(is_inside(subject_, block));
            CHECK_FALSE(overlaps_another(block));
            CHECK(block.is_intact());
            write(block, kept);
        }
        check();
        return done;
    }

    void reset() {
        blocks_.clear();
        pristine_ = true;
        subject_.reset();
        check();
    }

    /// Newest first; then the subject must be as good as new.
    void give_all_back() {
        while (!blocks_.empty()) {
            deallocate(blocks_.size() - 1);
        }
        if (!subject_.reuses_any_block() && subject_.has_reset()) {
            reset();
        }
        if (is_empty()) {
            take_all();
        }
    }

    /// The strongest single check there is: whatever was lost is missing now.
    void take_all() {
        const std::size_t capacity = subject_.capacity();
        if (capacity != 0) {
            CHECK(allocate(capacity, 1));
            deallocate(0);
        }
    }

    std::size_t size() const { return blocks_.size(); }
    const Block& operator[](std::size_t which) const { return blocks_[which]; }

    void check() const {
        bool intact = true;
        bool owned = true;
        for (const Block& block : blocks_) {
            intact = intact && block.is_intact();
            owned = owned && (!subject_.has_owns() || subject_.owns(block.start));
        }
        CHECK(intact);
        CHECK(owned);
        CHECK((!subject_.has_check() || subject_.check()));
        CHECK((!subject_.has_misuses() || subject_.misuses() == 0));
    }

private:
    bool overlaps_another(const Block& block) const {
        for (const Block& other : blocks_) {
            if (&other != &block && overlap(block, other)) {
                return true;
            }
        }
        return false;
    }

    bool is_empty() const { return blocks_.empty() && (pristine_ || subject_.reuses_any_block()); }

    /// From `first` on. No two blocks of more than a few bytes look alike: with one byte for all,
    /// two blocks that are one look right.
    void write(Block& block, std::size_t first) {
        block.content.resize(block.bytes());
        std::byte* const content = block.content.data();
        for (std::size_t i = std::min(first, block.bytes() - 1); i < block.bytes(); ++i) {
            written_ = written_ * 1664525U + 1013904223U;  // its high bits repeat after 2^32 times
            content[i] = std::byte{static_cast<unsigned char>(written_ >> 24U)};
        }
        std::memcpy(block.start, block.content.data(), block.bytes());
    }

    Subject& subject_;
    std::vector<Block> blocks_;
    bool pristine_ = true;  // nothing was ever handed out, or since reset()
    unsigned written_ = 1;
};

}  // namespace

/// 6.1 Unit tests: one promise each, on the smallest example that can break it.
TEST_SUITE("6.1 unit tests") {
    TEST_CASE("a block is aligned, wherever the buffer begins") {
        for (const std::size_t misalignment : {0, 1, 8, 40}) {
            for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
                Subject subject{16'384, misalignment};
                Model model{subject};

                model.allocate(3, 1);

                CHECK((model.allocate(24, alignment) || !subject.makes_room_for(24, alignment)));
                model.allocate(24, alignment);
            }
        }
    }

    TEST_CASE("a lone request is served as long as there is room for it") {
        for (const std::size_t misalignment : {0, 1, 16, 2000}) {
            for (std::size_t alignment = 1; alignment <= 2048; alignment *= 2) {
                Subject subject{4096, misalignment};
                const std::size_t capacity = subject.capacity();
                const std::size_t size = capacity - std::min(capacity, alignment - 1);

                CHECK((Model{subject}.allocate(size, alignment) ||
                       !subject.makes_room_for(size, alignment)));
            }
        }
    }

    TEST_CASE("as many blocks as there is room for, and then nullptr, all inside and apart") {
        for (const std::size_t size : {0, 1, 8, 24, 33, 100}) {
            Subject subject{500};
            Model model{subject};

            while (model.allocate(size, 8)) {
            }

            CHECK(model.size() >= subject.room_for(size));
        }
    }

    TEST_CASE("what is no layout is refused") {
        Subject subject{4096, 8};
        Model model{subject};
        model.allocate(3, 1);

        for (const std::size_t alignment : {0, 3, 6, 24, 4095}) {
            CHECK_FALSE(model.allocate(8, alignment));
        }
        for (const std::size_t alignment : {1, 2, 8, 16, 64, 4096}) {
            for (std::size_t less = 0; less < 40; ++less) {
                CHECK_FALSE(model.allocate(SIZE_MAX - less, alignment));
                CHECK_FALSE(model.allocate(SIZE_MAX / 2 + 1 + less, alignment));
            }
        }
    }

    TEST_CASE("what is too large is refused, also where half of a number would fit") {
        Subject subject{2000, 8};
        Model model{subject};
        model.allocate(3, 1);

        for (const int bits : {16, 31, 32, 33, 36, 40, 62}) {
            for (const std::size_t more : {0, 1, 16, 64, 1000}) {
                CHECK_FALSE(model.allocate((std::size_t{1} << bits) + more, 8));
            }
        }
        for (std::size_t alignment = 1; alignment <= 1U << 20; alignment *= 2) {
            CHECK_FALSE(model.allocate(subject.buffer().size() + 1, alignment));
            CHECK_FALSE(model.allocate(PTRDIFF_MAX - alignment, alignment));
        }
    }

    TEST_CASE("giving back nullptr does nothing") {
        Subject subject{1000};
        Model model{subject};
        model.deallocate_null(8, 8);
        model.allocate(24, 8);

        for (const std::size_t size : {24, 0, 1}) {
            model.deallocate_null(size, 8);
            model.allocate(24, 8);
        }

        model.give_all_back();
    }

    TEST_CASE("the room of a block that came back is used again") {
        for (const std::size_t size : {0, 1, 24, 40}) {
            Subject subject{600};
            Model model{subject};
            model.allocate(8, 8);

            const bool served = model.allocate(size, 8);
            for (int i = 0; served && i < 60; ++i) {
                model.deallocate(1);
                CHECK(model.allocate(size, 8));
            }

            model.give_all_back();
        }
    }

    TEST_CASE("blocks that come back in any order leave one piece") {
        std::vector<std::size_t> order = {0, 1, 2, 3};
        do {
            Subject subject{600};
            Model model{subject};
            std::vector<std::byte*> blocks;
            for (std::size_t i = 0; i < order.size(); ++i) {
                blocks.push_back(model.allocate(24, 8) ? model[i].start : nullptr);
            }

            for (const std::size_t which : order) {
                for (std::size_t i = 0; i < model.size(); ++i) {
                    if (model[i].start == blocks[which]) {
                        model.deallocate(i);
                        break;
                    }
                }
            }

            model.give_all_back();
        } while (std::next_permutation(order.begin(), order.end()));
    }

    TEST_CASE("owns() knows the blocks, and nothing outside of the buffer") {
        Subject subject{500, 8};
        Subject other{500};
        if (!subject.has_owns()) {
            return;
        }
        std::byte* const block = subject.allocate(24, 8);
        REQUIRE(block != nullptr);

        CHECK(subject.owns(block));
        CHECK(subject.owns(block + 23));
        const std::byte* const begin = subject.buffer().data();
        CHECK_FALSE(subject.owns(begin - 1));
        CHECK_FALSE(subject.owns(begin + 500));
        CHECK_FALSE(subject.owns(other.buffer().data()));
        CHECK_FALSE(other.owns(block));
        CHECK_FALSE(subject.owns(nullptr));
        CHECK_FALSE(subject.owns(reinterpret_cast<const std::byte*>(UINTPTR_MAX)));
    }

    TEST_CASE("after reset() it is as good as new, again and again") {
        Subject subject{800};
        if (!subject.has_reset()) {
            return;
        }
        Model model{subject};
        for (int round = 0; round < 3; ++round) {
            while (model.allocate(24, 8)) {
            }
            CHECK(model.size() >= subject.room_for(24));
            model.deallocate(model.size() / 2);
            model.reset();
            model.take_all();
            model.reset();
        }
    }

    TEST_CASE("for_each_block() tiles the buffer, and live blocks lie in live pieces") {
        Subject subject{700, 3};
        if (!subject.has_for_each_block()) {
            return;
        }
        Model model{subject};
        for (const std::size_t size : {1, 40, 0, 100, 24}) {
            model.allocate(size, 8);
        }
        model.deallocate(1);

        std::size_t end = 0;
        std::vector<bool> live(subject.buffer().size());
        subject.for_each_block([&](std::size_t offset, std::size_t size, Piece piece) {
            CHECK(offset == end);
            CHECK(size != 0);
            REQUIRE(size <= live.size() - offset);
            end = offset + size;
            std::fill_n(live.begin() + static_cast<std::ptrdiff_t>(offset), size,
                        piece == Piece::live);
        });

        CHECK(end == subject.buffer().size());
        for (std::size_t i = 0; i < model.size(); ++i) {
            const std::size_t offset = address(model[i].start) - address(subject.buffer().data());
            CHECK((live[offset] && live[offset + model[i].bytes() - 1]));
        }
    }

    TEST_CASE("a block that changes its size keeps its content, and leaves the others alone") {
        Subject subject{1000};
        if (!subject.has_try_resize()) {
            return;
        }
        for (const std::size_t size : {0, 1, 24, 64}) {
            for (const std::size_t new_size : {0, 1, 8, 40, 100, 2000}) {
                Model model{subject};
                CHECK(model.allocate(size, 8));
                CHECK(model.allocate(size, 8));
                CHECK(model.allocate(40, 8));
                model.deallocate(1);

                CHECK((!model.try_resize(0, new_size) || new_size <= 1000));
                model.allocate(24, 8);
                model.try_resize(1, new_size);
                model.try_resize(0, size);

                model.give_all_back();
            }
        }
    }

    TEST_CASE("a misuse is told, and does nothing") {
        Subject subject{2000};
        if (!subject.has_misuses()) {
            return;
        }
        std::size_t misuses = 0;
        const auto refused = [&](void* block, std::size_t size, std::size_t alignment) {
            subject.deallocate(block, size, alignment);
            CHECK(subject.misuses() == ++misuses);
            if (subject.has_try_resize()) {
                CHECK_FALSE(subject.try_resize(block, size, alignment, size));
                CHECK(subject.misuses() == ++misuses);
            }
        };
        std::byte* const block = subject.allocate(32, 8);
        std::byte* const empty = subject.allocate(0, 8);
        int elsewhere = 0;

        refused(block, 24, 8);
        refused(block, 33, 8);
        refused(block, 32, 16);
        refused(block + 8, 24, 8);
        refused(empty, 1, 8);
        refused(&elsewhere, sizeof elsewhere, alignof(int));
        subject.deallocate(nullptr, 32, 8);
        CHECK(subject.misuses() == misuses);

        subject.deallocate(block, 32, 8);
        CHECK(subject.misuses() == misuses);
        refused(block, 32, 8);

        // The same address, but another block.
        std::byte* const next = subject.allocate(16, 8);
        refused(block, 32, 8);
        subject.deallocate(next, 16, 8);
        CHECK(subject.misuses() == misuses);
        if (subject.has_reset()) {
            subject.reset();
            refused(empty, 0, 8);
        }
    }
}

/// 6.2 Integration tests: what programs do with an allocator, against what must come out.
TEST_SUITE("6.2 integration tests") {
    constexpr std::string_view text =
        "the list inside free memory is made of what it lists and the bits beside it say where a "
        "block that is free begins and where it ends so that each block that comes back can grow "
        "together with what is free in front of it and with what is free behind it";

    /// The words of the text, each counted, in a map that lives in the subject.
    template <class Count>
    void count_words(Count & count) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            ++count[typename Count::key_type{text.substr(at, end - at)}];
            at = end + 1;
        }
    }

    TEST_CASE("a word count is right, however often it is repeated") {
        std::map<std::string, int> expected;
        count_words(expected);

        Subject subject{32'768};
        for (int round = 0; round < 12; ++round) {
            if (!subject.reuses_any_block()) {
                subject.reset();
            }
            std::pmr::unordered_map<std::pmr::string, int> count{&subject.resource()};
            count_words(count);
            CHECK(count.size() == expected.size());
            for (const auto& [word, times] : expected) {
                CHECK(count[std::pmr::string{word}] == times);
            }
        }
        Model::after_use(subject).give_all_back();
    }

    TEST_CASE("vectors that grow in turns keep what is in them") {
        Subject subject{65'536};
        for (int round = 0; round < 5; ++round) {
            if (!subject.reuses_any_block()) {
                subject.reset();
            }
            std::pmr::vector<std::size_t> even{&subject.resource()};
            std::pmr::vector<std::size_t> odd{&subject.resource()};
            for (std::size_t i = 0; i < 1000; i += 2) {
                even.push_back(i);
                odd.push_back(i + 1);
            }
            for (std::size_t i = 0; i < 500; ++i) {
                CHECK(even[i] == 2 * i);
                CHECK(odd[i] == 2 * i + 1);
            }
        }
    }

    TEST_CASE("a type with a wish for alignment gets it in a container") {
        struct alignas(64) Line {
            char bytes[64];
        };
        Subject subject{32'768, 8};

        std::pmr::vector<char> in_the_way(3, &subject.resource());
        std::pmr::vector<Line> lines{&subject.resource()};
        for (int i = 0; i < 20; ++i) {
            lines.push_back({});
            CHECK(address(lines.data()) % 64 == 0);
        }
    }

    TEST_CASE("a request that cannot be met throws bad_alloc, and the container stays as it was") {
        Subject subject{2000};
        std::pmr::vector<int> numbers{{1, 2, 3}, &subject.resource()};

        CHECK_THROWS_AS(numbers.reserve(100'000), std::bad_alloc);
        [[maybe_unused]] volatile std::size_t no_power_of_two = 3;
        CHECK_THROWS_AS((void)subject.resource().allocate(8, no_power_of_two), std::bad_alloc);
        CHECK_THROWS_AS((void)subject.resource().allocate(SIZE_MAX - 7, 8), std::bad_alloc);

        CHECK(numbers.size() == 3);
        CHECK(numbers[2] == 3);
    }

    TEST_CASE("two resources are equal when one allocator is behind both") {
        Subject subject{1000};
        Subject other{1000};

        CHECK(subject.resource() == subject.resource());
        CHECK_FALSE(subject.resource() == other.resource());
        CHECK_FALSE(subject.resource().is_equal(*std::pmr::new_delete_resource()));
    }

    TEST_CASE("a list that moves between two allocators is copied") {
        Subject subject{4000};
        Subject other{4000};
        std::pmr::vector<std::pmr::string> words{&subject.resource()};
        words.emplace_back("a string that is too long to lie in the object itself");

        std::pmr::vector<std::pmr::string> moved{&other.resource()};
        moved = std::move(words);

        CHECK(moved[0].starts_with("a string that"));
        CHECK(address(moved.data()) - address(other.buffer().data()) < 4000);
    }

    TEST_CASE("what a shell once asked of malloc is served, and every byte kept") {
        Subject subject{1U << 19U, 8};
        std::vector<Block> blocks;
        unsigned char key = 0;
        const auto take = [&](Block& block, std::size_t size, std::size_t alignment) {
            std::byte* const start = subject.allocate(size, alignment);
            REQUIRE(start != nullptr);
            CHECK(address(start) % alignment == 0);
            block = {start, size, alignment, {}};
            block.content.assign(block.bytes(), std::byte{++key});
            std::memcpy(start, block.content.data(), block.bytes());
        };
        const auto give_back = [&](const Block& block) {
            CHECK(block.is_intact());
            subject.deallocate(block.start, block.size, block.alignment);
        };

        const std::vector<TraceStep> trace = suite::recorded_trace("bash");
        for (const TraceStep& step : std::span{trace}.first(4000)) {
            blocks.resize(std::max(blocks.size(), step.block + 1));
            Block& block = blocks[step.block];
            switch (step.what) {
                case TraceStep::What::allocate:
                    take(block, step.size, step.alignment);
                    break;
                case TraceStep::What::resize: {
                    const Block old = block;
                    take(block, step.size, step.alignment);
                    give_back(old);
                    break;
                }
                case TraceStep::What::deallocate:
                    give_back(block);
                    break;
            }
        }

        CHECK((!subject.has_check() || subject.check()));
        CHECK((!subject.has_misuses() || subject.misuses() == 0));
    }
}

/// 6.3 Stress tests: several threads, who write down what they find and let one thread judge.
TEST_SUITE("6.3 stress tests") {
    constexpr unsigned threads = 2;
    constexpr std::size_t size = 40;

    /// Calls work(0), work(1), ... at the same moment, each in a thread of its own.
    template <class Work>
    void in_threads(Work work) {
        std::atomic<unsigned> ready = 0;
        std::vector<std::thread> running;
        for (unsigned thread = 0; thread < threads; ++thread) {
            running.emplace_back([&, thread] {
                ++ready;
                while (ready < threads) {
                    std::this_thread::yield();
                }
                work(thread);
            });
        }
        for (std::thread& thread : running) {
            thread.join();
        }
    }

    /// Writes the thread's own byte, and later looks whether it is still there.
    void mark(std::byte * block, unsigned thread, unsigned round) {
        std::memset(block, static_cast<int>(thread * 101 + round % 101), size);
    }
    bool is_marked(const std::byte* block, unsigned thread, unsigned round) {
        return std::all_of(block, block + size, [&](std::byte byte) {
            return byte == std::byte{static_cast<unsigned char>(thread * 101 + round % 101)};
        });
    }

    TEST_CASE("nobody's block is anybody else's") {
        Subject subject{1600};
        std::atomic<unsigned> damaged = 0;
        std::atomic<unsigned> misplaced = 0;

        in_threads([&](unsigned thread) {
            for (unsigned round = 0; round < 800; ++round) {
                std::byte* mine[3] = {};
                for (std::byte*& block : mine) {
                    block = subject.allocate(size, 8);
                    if (block != nullptr) {
                        misplaced += !is_inside(subject, {block, size, 8, {}});
                        misplaced += address(block) % 8 != 0;
                        mark(block, thread, round);
                    }
                }
                for (std::byte* const block : {mine[1], mine[2], mine[0]}) {
                    damaged += block != nullptr && !is_marked(block, thread, round);
                    subject.deallocate(block, size, 8);
                }
            }
        });

        CHECK(damaged == 0);
        CHECK(misplaced == 0);
        CHECK((!subject.has_check() || subject.check()));
        CHECK((!subject.has_misuses() || subject.misuses() == 0));
        Model::after_use(subject).give_all_back();
    }

    TEST_CASE("the blocks that all threads hold in the end do not overlap") {
        for (int round = 0; round < 12; ++round) {
            Subject subject{1500};
            std::vector<std::byte*> blocks[threads];

            in_threads([&](unsigned thread) {
                while (std::byte* const block = subject.allocate(size, 8)) {
                    blocks[thread].push_back(block);
                }
            });

            std::vector<std::byte*> all;
            for (const std::vector<std::byte*>& some : blocks) {
                all.insert(all.end(), some.begin(), some.end());
            }
            std::sort(all.begin(), all.end());
            CHECK(all.size() >= subject.room_for(size));
            for (std::size_t i = 1; i < all.size(); ++i) {
                CHECK(all[i] - all[i - 1] >= static_cast<std::ptrdiff_t>(size));
            }
        }
    }

    TEST_CASE("a block may go back from another thread") {
        Subject subject{2000};
        std::atomic<std::byte*> mailbox = nullptr;
        std::atomic<unsigned> damaged = 0;
        std::atomic<bool> done = false;

        in_threads([&](unsigned thread) {
            for (unsigned round = 0; thread == 0 && round < 300; ++round) {
                if (std::byte* const block = subject.allocate(size, 8)) {
                    mark(block, 0, 7);
                    if (std::byte* const unread = mailbox.exchange(block)) {
                        subject.deallocate(unread, size, 8);
                    }
                }
            }
            if (thread == 0) {
                done = true;
            }
            while (thread == 1 && !done) {
                std::this_thread::yield();
                if (std::byte* const block = mailbox.exchange(nullptr)) {
                    damaged += !is_marked(block, 0, 7);
                    subject.deallocate(block, size, 8);
                }
            }
        });
        subject.deallocate(mailbox, size, 8);

        CHECK(damaged == 0);
        Model::after_use(subject).give_all_back();
    }

    TEST_CASE("questions may be asked while others are at work") {
        Subject subject{2000};
        std::atomic<unsigned> wrong = 0;

        in_threads([&](unsigned thread) {
            for (unsigned round = 0; round < 300; ++round) {
                std::byte* const block = subject.allocate(size, 8);
                std::size_t live = size;
                if (block != nullptr) {
                    mark(block, thread, round);
                    wrong += subject.has_owns() && !subject.owns(block);
                    if (subject.has_try_resize() && subject.try_resize(block, size, 8, 100)) {
                        live = 100;
                    }
                    wrong += !is_marked(block, thread, round);
                }
                wrong += subject.has_check() && !subject.check();
                if (subject.has_for_each_block() && round % 8 == 0) {
                    std::size_t end = 0;
                    subject.for_each_block([&](std::size_t offset, std::size_t bytes, Piece) {
                        wrong += offset != end;
                        end = offset + bytes;
                    });
                    wrong += end != subject.buffer().size();
                }
                subject.deallocate(block, live, 8);
            }
        });

        CHECK(wrong == 0);
        Model::after_use(subject).give_all_back();
    }

    TEST_CASE("one thread's refusals are not the other's") {
        Subject subject{600};
        std::atomic<unsigned> refused = 0;

        in_threads([&](unsigned thread) {
            for (unsigned round = 0; round < 300; ++round) {
                if (thread == 0) {
                    (void)subject.allocate(100'000, 8);
                } else {
                    std::byte* const block = subject.allocate(size, 8);
                    refused += block == nullptr;
                    subject.deallocate(block, size, 8);
                }
            }
        });

        CHECK(refused == 0);
    }
}

namespace {

/// Small sizes mostly; and those at which something changes.
std::size_t any_size(Step& step, std::size_t buffer) {
    switch (step.between(0, 9)) {
        case 0:
            return step.one_of<std::size_t>({0, 1, 15, 16, 17});
        case 1:
            return step.between(0, buffer + 8);
        case 2:
            return step.between(buffer / 2 - 40, buffer / 2);
        case 3:
            return step.one_of<std::size_t>({PTRDIFF_MAX, SIZE_MAX, 1U << 31U,
                                             std::size_t{1} << 32U, (std::size_t{1} << 32U) + 8,
                                             (std::size_t{1} << 36U) + 16});
        default:
            return step.between(0, 64);
    }
}

std::size_t any_alignment(Step& step) {
    return std::size_t{1} << step.one_of({3, 4, 0, 1, 2, 5, 6, 7, 3, 12});
}

void take_a_step(Subject& subject, Model& model, Step& step) {
    const auto which = [&] { return step.between(0, model.size() - 1); };
    switch (step.between(0, 11)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4: {
            const std::size_t alignment = any_alignment(step);
            model.allocate(any_size(step, subject.buffer().size()), alignment);
            break;
        }
        case 5:
        case 6:
        case 7:
            if (model.size() != 0) {
                model.deallocate(which());
            }
            break;
        case 8:
            if (model.size() != 0) {
                model.deallocate(model.size() - 1);
            }
            break;
        case 9:
            model.deallocate_null(step.between(0, 40), any_alignment(step));
            break;
        case 10:
            if (model.size() != 0 && subject.has_try_resize()) {
                const std::size_t block = which();
                model.try_resize(block, any_size(step, subject.buffer().size()));
            }
            break;
        case 11:
            if (subject.has_reset() && step.between(0, 3) == 3) {
                model.reset();
            }
            break;
    }
}

}  // namespace

/// 6.4 Property-based tests: whatever is done, in whatever order, the model agrees.
TEST_SUITE("6.4 property-based tests") {
    TEST_CASE("in a buffer that is soon full") {
        for_all_steps(Runs{.count = 70, .steps = 60}, [](std::span<Step> steps) {
            // The address, too, is one of the choices that are made smaller.
            Subject subject{1000, steps.empty() ? 0 : 8 * steps.front().between(0, 8)};
            Model model{subject};
            for (Step& step : steps) {
                take_a_step(subject, model, step);
            }
            model.give_all_back();
        });
    }

    TEST_CASE("in a buffer with room for many blocks") {
        for_all_steps(Runs{.count = 5, .steps = 250}, [](std::span<Step> steps) {
            Subject subject{16'384};
            Model model{subject};
            for (Step& step : steps) {
                take_a_step(subject, model, step);
            }
            model.give_all_back();
        });
    }
}

/// 6.5 Tests under scarcity: the k-th request is the one that fails, for every k, and nothing is
/// lost.
TEST_SUITE("6.5 tests under scarcity") {
    /// In a buffer that is a little larger each time, another request is the first that fails.
    template <class Test>
    void for_each_buffer(std::size_t largest, Test test) {
        for (std::size_t size = 0; size <= largest; size += size < 64 ? 1 : 5) {
            Subject subject{size};
            test(subject);
        }
    }

    TEST_CASE("whichever request is the first that fails, the others do not notice") {
        for_each_buffer(400, [](Subject& subject) {
            Model model{subject};
            for (const std::size_t size : {24, 1, 100, 0, 8, 40, 64}) {
                model.allocate(size, 8);
                model.allocate(size, 64);
            }
            model.give_all_back();
        });
    }

    TEST_CASE("a request that fails takes nothing with it") {
        for_each_buffer(200, [](Subject& subject) {
            Model model{subject};
            for (int i = 0; i < 8; ++i) {
                model.allocate(10'000, 8);
                model.allocate(1, 4096);
            }
            CHECK((model.size() != 0 || model.allocate(24, 8) || !subject.makes_room_for(24, 8)));
            model.give_all_back();
        });
    }

    TEST_CASE("a full allocator has room again for what came back") {
        for_each_buffer(150, [](Subject& subject) {
            Model model{subject};
            while (model.allocate(8, 8)) {
            }
            if (model.size() != 0) {
                const std::size_t blocks = model.size();
                model.deallocate(blocks - 1);
                CHECK(model.allocate(8, 8));
                CHECK_FALSE(model.allocate(8, 8));
            }
            model.give_all_back();
        });
    }

    TEST_CASE("a block that cannot grow stays as it is") {
        for_each_buffer(250, [](Subject& subject) {
            if (!subject.has_try_resize()) {
                return;
            }
            Model model{subject};
            model.allocate(16, 8);
            model.allocate(24, 16);
            for (std::size_t i = model.size(); i-- > 0;) {
                for (std::size_t size = 8; size < 300; size += 24) {
                    model.try_resize(i, size);
                }
            }
            model.give_all_back();
        });
    }

    TEST_CASE("a container that runs out of memory loses nothing, and gives all back") {
        for_each_buffer(600, [](Subject& subject) {
            std::size_t count = 0;
            try {
                std::pmr::map<int, std::pmr::string> map{&subject.resource()};
                for (; count < 6; ++count) {
                    map.emplace(static_cast<int>(count), "a string too long for its object");
                    CHECK(map.size() == count + 1);
                }
            } catch (const std::bad_alloc&) {
                CHECK(count < 6);
            }
            Model::after_use(subject).give_all_back();
        });
    }
}

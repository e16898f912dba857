// What the shadow model and the guarded buffer find.

#include "in_a_case.hpp"

#include <harness/guarded_buffer.hpp>
#include <harness/random_judge.hpp>
#include <harness/shadow.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

using harness::GuardedBuffer;
using harness::Kind;
using harness::Shadow;
using harness::Verdict;
using harness_tests::contains;
using harness_tests::in_a_case;

namespace {

/// Says that a request of `size` bytes got the block at `offset`.
void hand_out(Shadow& shadow, const GuardedBuffer& buffer, std::size_t offset, std::size_t size,
              std::size_t alignment = 1) {
    shadow.about_to_allocate(size, alignment);
    shadow.allocated(buffer.data() + offset);
}

void take_back(Shadow& shadow, const GuardedBuffer& buffer, std::size_t offset, std::size_t size) {
    shadow.about_to_deallocate(buffer.data() + offset, size, 1);
    shadow.deallocated();
}

}  // namespace

TEST_CASE("a buffer is as long as asked for, and no longer at either end") {
    constexpr std::size_t sizes[] = {1, 13, 4096, 5000};
    for (const std::size_t size : sizes) {
        const GuardedBuffer buffer{size};
        CHECK(buffer.size() == size);
        CHECK(reinterpret_cast<std::uintptr_t>(buffer.data() + size) % 4096 == 0);
        std::memset(buffer.data(), 1, size);
    }
    CHECK(in_a_case([] {
              const GuardedBuffer buffer{13};
              *static_cast<volatile std::byte*>(buffer.data() + 13) = {};
          }).kind == Kind::crashed);
}

TEST_CASE("a buffer begins as far from a multiple as asked for") {
    constexpr std::size_t misalignments[] = {0, 1, 63, 4095, 5000};
    for (const std::size_t misalignment : misalignments) {
        const GuardedBuffer buffer{100, misalignment};
        CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % (1 << 20) == misalignment);
    }
}

TEST_CASE("a byte written beside a misaligned buffer is found") {
    for (const int offset : {-1, -5, 100, 120}) {
        const Verdict verdict = in_a_case([&] {
            const GuardedBuffer buffer{100, 8};
            *static_cast<volatile std::byte*>(buffer.data() + offset) = std::byte{1};
        });
        CHECK(verdict.kind == Kind::wrong);
        CHECK(contains(verdict.summary, "outside the buffer"));
    }
}

TEST_CASE("blocks that keep the contract are fine") {
    const Verdict verdict = in_a_case([] {
        const GuardedBuffer buffer{64, 0};
        Shadow shadow{buffer};
        hand_out(shadow, buffer, 0, 8);
        hand_out(shadow, buffer, 8, 0);
        hand_out(shadow, buffer, 16, 48, 16);
        take_back(shadow, buffer, 0, 8);
        hand_out(shadow, buffer, 1, 7);
    });
    CHECK(verdict.kind == Kind::done);
}

TEST_CASE("a block that is not aligned is found") {
    const Verdict verdict = in_a_case([] {
        const GuardedBuffer buffer{64, 0};
        Shadow shadow{buffer};
        hand_out(shadow, buffer, 12, 8, 8);
    });
    CHECK(verdict.kind == Kind::wrong);
    CHECK(contains(verdict.summary, "not aligned"));
    CHECK(contains(verdict.story, "allocate(8 bytes, alignment 8)"));
}

TEST_CASE("a block outside the buffer is found, before its start and past its end") {
    for (const std::size_t offset : {std::size_t{60}, std::size_t{0} - 4, std::size_t{64}}) {
        const Verdict verdict = in_a_case([&] {
            const GuardedBuffer buffer{64, 16};
            Shadow shadow{buffer};
            hand_out(shadow, buffer, offset, 8);
        });
        CHECK(verdict.kind == Kind::wrong);
        CHECK(contains(verdict.summary, "the buffer ends at +0x040"));
    }
}

TEST_CASE("a block of more bytes than there are addresses is told, in finite time") {
    for (const std::size_t size : {std::size_t{PTRDIFF_MAX}, SIZE_MAX}) {
        const Verdict verdict = in_a_case([&] {
            const GuardedBuffer buffer{100, 16};
            Shadow shadow{buffer};
            hand_out(shadow, buffer, 10, size);
        });
        CHECK(verdict.kind == Kind::wrong);
        CHECK(contains(verdict.story, "before  |"));
    }
}

TEST_CASE("an overlap is found: at either end, enclosing, enclosed, and the same block") {
    struct Second {
        std::size_t offset, size;
    };
    for (const Second second : {Second{16, 9}, {31, 4}, {10, 40}, {20, 2}, {24, 8}, {24, 0}}) {
        const Verdict verdict = in_a_case([&] {
            const GuardedBuffer buffer{64, 0};
            Shadow shadow{buffer};
            hand_out(shadow, buffer, 24, 8);
            hand_out(shadow, buffer, second.offset, second.size);
        });
        if (second.offset == 20) {
            CHECK(verdict.kind == Kind::done);  // the one that does not overlap
        } else {
            CHECK(verdict.kind == Kind::wrong);
            CHECK(contains(verdict.summary, "overlaps"));
            CHECK(contains(verdict.story, "#"));
        }
    }
}

TEST_CASE("a changed byte of a live block is found, whichever it is") {
    constexpr std::size_t offsets[] = {8, 20, 31};
    for (const std::size_t offset : offsets) {
        const Verdict verdict = in_a_case([&] {
            const GuardedBuffer buffer{64, 0};
            Shadow shadow{buffer};
            hand_out(shadow, buffer, 8, 24);
            buffer.data()[offset] ^= std::byte{1};
            hand_out(shadow, buffer, 40, 8);
        });
        CHECK(verdict.kind == Kind::wrong);
        CHECK(contains(verdict.summary, "changed"));
    }
}

TEST_CASE("the bytes of one block copied over another are found: each has its own pattern") {
    const Verdict verdict = in_a_case([] {
        const GuardedBuffer buffer{64, 0};
        Shadow shadow{buffer};
        hand_out(shadow, buffer, 0, 16);
        hand_out(shadow, buffer, 16, 16);
        std::memcpy(buffer.data(), buffer.data() + 16, 16);
        shadow.check_contents();
    });
    CHECK(verdict.kind == Kind::wrong);
}

TEST_CASE("a resize keeps the content up to the smaller size, and finds what does not") {
    const auto resize_to = [](std::size_t new_size, bool damage) {
        return in_a_case([=] {
            const GuardedBuffer buffer{64, 0};
            Shadow shadow{buffer};
            hand_out(shadow, buffer, 0, 16);
            shadow.about_to_resize(buffer.data(), 16, 1, new_size);
            if (damage) {
                buffer.data()[3] ^= std::byte{1};
            }
            shadow.resized(true);
            take_back(shadow, buffer, 0, new_size);
        });
    };
    CHECK(resize_to(40, false).kind == Kind::done);
    CHECK(resize_to(4, false).kind == Kind::done);
    CHECK(resize_to(40, true).kind == Kind::wrong);
    CHECK(resize_to(65, false).kind == Kind::wrong);
}

// ---- The random judge --------------------------------------------------------------------------

namespace {

/// A bump allocator, written down once more, with a switch for each mistake.
class Toy final : public harness::Subject {
public:
    enum class Mistake { none, forgets_zero, crashes_on_thirteen, hangs_on_reset };
    static inline Mistake mistake = Mistake::none;

    explicit Toy(std::span<std::byte> buffer) : buffer_{buffer} {}

    void* allocate(std::size_t size, std::size_t alignment) override {
        const auto address = reinterpret_cast<std::uintptr_t>(buffer_.data() + used_);
        const std::size_t padding = (0 - address) & (alignment - 1);
        const std::size_t left = buffer_.size() - used_;
        const std::size_t needed = size == 0 && mistake != Mistake::forgets_zero ? 1 : size;
        if (mistake == Mistake::crashes_on_thirteen && size == 13) {
            std::abort();
        }
        if (padding > left || needed > left - padding) {
            return nullptr;
        }
        used_ += padding + needed;
        return buffer_.data() + used_ - needed;
    }
    void deallocate(void*, std::size_t, std::size_t) override {}
    bool can_resize() const override { return false; }
    bool try_resize(void*, std::size_t, std::size_t, std::size_t) override { return false; }
    bool can_reset() const override { return true; }
    void reset() override {
        used_ = 0;
        for (volatile bool forever = mistake == Mistake::hangs_on_reset; forever;) {
        }
    }
    bool check() const override { return true; }
    bool owns(const void*) const override { return true; }
    std::size_t room() const override { return buffer_.size() - used_; }
    std::size_t capacity() const override { return buffer_.size(); }

private:
    std::span<std::byte> buffer_;
    std::size_t used_ = 0;
};

Verdict judge_toy(Toy::Mistake mistake) {
    return in_a_case(
        [=] {
            Toy::mistake = mistake;
            harness::play_random_sequences<Toy>({.type = "Toy", .reset_to_empty = true});
        },
        {.time = std::chrono::milliseconds{60000}});
}

}  // namespace

TEST_CASE("random sequences accept a correct allocator" *
          doctest::skip(!harness::has_random_judge)) {
    CHECK(judge_toy(Toy::Mistake::none).kind == Kind::done);
}

TEST_CASE("random sequences find two empty blocks at one address, in at most three operations" *
          doctest::skip(!harness::has_random_judge)) {
    const Verdict verdict = judge_toy(Toy::Mistake::forgets_zero);

    CHECK(verdict.kind == Kind::wrong);
    CHECK(contains(verdict.summary, "overlaps"));
    CHECK(contains(verdict.story, "TEST_CASE(\"found by a random sequence\")"));
    CHECK(contains(verdict.story, "Watched<Toy> subject{buffer};"));
    CHECK_FALSE(contains(verdict.story, "\n     4  "));
}

TEST_CASE("a crash is shrunk too" * doctest::skip(!harness::has_random_judge)) {
    const Verdict verdict = judge_toy(Toy::Mistake::crashes_on_thirteen);

    CHECK(verdict.kind == Kind::crashed);
    CHECK(contains(verdict.story, "1  allocate(13 bytes, alignment 1) -> did not return"));
}

// What the harness reads from the reports of the sanitizers, and how it draws and tells.

#include "in_a_case.hpp"

#include <harness/crash_report.hpp>
#include <harness/guarded_buffer.hpp>
#include <harness/place.hpp>
#include <harness/safety_comments.hpp>
#include <harness/shadow.hpp>
#include <harness/story.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

using harness::BufferEntry;
using harness::Cause;
using harness::Journal;
using harness::Kind;
using harness_tests::contains;
using harness_tests::in_a_case;

TEST_CASE("a path is the project's, however the compiler spells it") {
    CHECK(harness::project_path("../steps/2_bump/bump.hpp") == "steps/2_bump/bump.hpp");
    CHECK(harness::project_path("/home/me/my steps/steps/1_alignment/alignment.hpp") ==
          "steps/1_alignment/alignment.hpp");
    CHECK(harness::project_path("/usr/include/c++/12/vector") == "");
}

TEST_CASE("undefined behaviour is told with the learner's line") {
    const Cause cause = harness::find_cause(
        "../steps/1_alignment/alignment.hpp:41:12: runtime error: shift exponent 64 is too large\n"
        "    #0 0x55 in workshop::align_up(unsigned long) ../steps/1_alignment/alignment.hpp:41\n",
        Journal::current());

    CHECK(cause.summary == "undefined behaviour: shift exponent 64 is too large");
    CHECK(cause.learner_place == "steps/1_alignment/alignment.hpp:41");
}

TEST_CASE("a hang is told with the line in the latest step, not in what that calls") {
    const char* const stack =
        "    #0 0x55 in workshop::Layout::alignment() const "
        "../steps/1_alignment/alignment.hpp:134\n"
        "    #1 0x55 in workshop::BumpAllocator::allocate(...) ../steps/2_bump/bump.hpp:33\n"
        "    #2 0x55 in workshop::BumpAllocator::grow() ../steps/2_bump/bump.hpp:50\n"
        "    #3 0x55 in judge_case_7 ../tests/2_bump.cpp:42\n";

    CHECK(harness::place_of_hang(stack) == "steps/2_bump/bump.hpp:33");
    CHECK(harness::place_of_hang("    #0 0x55 in main ../tests/2_bump.cpp:42\n") == "");
}

TEST_CASE("the address in undefined behaviour is told by its offset, or not at all") {
    Journal::current().clear();
    *Journal::current().add_buffer() = {0x7f0000001000, 64};
    const auto summary = [](const char* report) {
        return harness::find_cause(report, Journal::current()).summary;
    };

    CHECK(summary("x.hpp:1:2: runtime error: load of misaligned address 0x7f0000001004 for type "
                  "'long'\n") ==
          "undefined behaviour: load of misaligned address +0x004 of the buffer for type 'long'");
    CHECK(summary("x.hpp:1:2: runtime error: member access within address 0x7fff00000000 which "
                  "does not point to an object of type 'X'\n") ==
          "undefined behaviour: member access within an address which does not point to an object "
          "of type 'X'");
}

TEST_CASE("an access beside a buffer is told by its distance from it") {
    Journal::current().clear();
    *Journal::current().add_buffer() = {0x7f0000001000, 64};
    const std::string report =
        "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x7f0000001041 (pc 0x55 bp 0x7f)\n"
        "==1==The signal is caused by a WRITE memory access.\n"
        "    #0 0x55 in memset (/lib/libc.so.6+0x1)\n"
        "    #1 0x55 in workshop::BumpAllocator::allocate(workshop::Layout) "
        "../steps/2_bump/bump.hpp:44\n";
    const Cause cause = harness::find_cause(report, Journal::current());

    CHECK(contains(cause.summary, "a write"));
    CHECK(contains(cause.summary, "past the end of the buffer"));
    CHECK(cause.learner_place == "steps/2_bump/bump.hpp:44");
}

TEST_CASE("a data race is told with both of its places") {
    const std::string report =
        "said before\n"
        "==================\n"
        "WARNING: ThreadSanitizer: data race (pid=7)\n"
        "  Write of size 1 at 0x7b0400000800 by thread T2 (mutexes: write M1):\n"
        "    #0 set ../tests/5_locked.cpp:7 (5_locked+0x10)\n"
        "\n"
        "  Previous atomic read of size 8 at 0x7b0400000800 by thread T1:\n"
        "    #0 std::__atomic_base<int>::load() /usr/include/c++/12/bits/atomic_base.h:488 "
        "(5_locked+0x2a)\n"
        "    #1 workshop::SpinLock::lock() ../steps/5_thread_safe/spin_lock.hpp:40:9 "
        "(5_locked+0x2b)\n"
        "\n"
        "  Location is heap block of size 8 at 0x7b0400000800 allocated by main thread:\n"
        "    #0 operator new(unsigned long) ../x.cpp:64 (libtsan.so.2+0x8)\n";
    const Cause cause = harness::find_cause(report, Journal::current());

    CHECK(cause.summary ==
          "a data race: a write of 1 byte at tests/5_locked.cpp:7, and an atomic read of 8 bytes "
          "at steps/5_thread_safe/spin_lock.hpp:40 by another thread, and nothing orders them");
    CHECK(cause.learner_place == "steps/5_thread_safe/spin_lock.hpp:40");
    CHECK(harness::without_reports(report) == "said before\n");
}

TEST_CASE("of several buffers the nearest is named") {
    Journal::current().clear();
    *Journal::current().add_buffer() = {0x7f0000001000, 64};
    *Journal::current().add_buffer() = {0x7f0000009000, 1};
    const Cause cause = harness::find_cause(
        "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x7f0000001040 (pc 0x55 bp 0x7f)\n",
        Journal::current());

    CHECK(contains(cause.summary, "just past the end of the buffer of 64 bytes"));
}

TEST_CASE("a null pointer, a deep recursion and a huge request have words of their own") {
    const auto summary = [](const char* report) {
        return harness::find_cause(report, Journal::current());
    };

    CHECK(contains(summary("==1==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000008 "
                           "(pc 0x5)\n==1==The signal is caused by a READ memory access.\n"
                           "==1==Hint: address points to the zero page.\n")
                       .summary,
                   "null pointer"));
    CHECK(
        contains(summary("==1==ERROR: AddressSanitizer: stack-overflow on address 0x7f\n").summary,
                 "call itself"));
    const Cause huge = summary(
        "==1==ERROR: AddressSanitizer: requested allocation size 0x100000000 (0x100001000 "
        "after adjustments) exceeds maximum supported size of 0x80000000\n");
    CHECK(contains(huge.summary, "4294967296 bytes"));
    CHECK(huge.out_of_memory);
}

TEST_CASE("what is wrong with a free() and with a memcpy() is said in plain words") {
    const auto summary = [](const char* report) {
        return harness::find_cause(report, Journal::current()).summary;
    };

    CHECK(contains(summary("==1==ERROR: AddressSanitizer: attempting double-free on 0x50 in T0:\n"),
                   "called twice for the same memory"));
    CHECK(contains(summary("==1==ERROR: AddressSanitizer: attempting free on address which was not "
                           "malloc()-ed: 0x50 in thread T0\n"),
                   "was not handed out for it"));
    CHECK(contains(summary("==1==ERROR: AddressSanitizer: memcpy-param-overlap: memory ranges "
                           "[0x10,0x20) and [0x18, 0x28) overlap\n"),
                   "memcpy was given two pieces of memory that overlap"));
}

TEST_CASE("assert and std::terminate are told by what they said") {
    CHECK(contains(
        harness::find_cause("judge: bump.hpp:3: f(): Assertion `a && \"sorted\"' failed.\n",
                            Journal::current())
            .summary,
        "sorted"));
    CHECK(contains(
        harness::find_cause("terminate called without an active exception\n", Journal::current())
            .summary,
        "terminate"));
}

TEST_CASE("what the code itself printed is told from the reports behind it") {
    CHECK(harness::without_reports(
              "mine\n=================================================\n==1") == "mine\n");
    CHECK(harness::without_reports("mine\nx.hpp:1:2: runtime error: y\n") == "mine\n");
    CHECK(harness::without_reports("mine\n    #0 0x55 in on_terminate_signal\n") == "mine\n");
    CHECK(harness::without_reports("only mine\n") == "only mine\n");
}

TEST_CASE("the strip shows a letter a block, '#' where two lie, and scales to 64 cells") {
    const BufferEntry small{1000, 8};
    CHECK(harness::draw_strip(small, {{1000, 3, 1, 1, 'a'}, {1002, 4, 1, 2, 'b'}}) == "aa#bbb..");

    const BufferEntry large{4096, 6400};
    const std::string strip = harness::draw_strip(large, {{4096 + 6399, 1, 1, 1, 'z'}});
    CHECK(strip.size() == 64);
    CHECK(strip == std::string(63, '.') + "z");

    CHECK(harness::draw_strip({1000, 0}, {}) == "");
}

TEST_CASE("addresses are told by their offset from the buffer") {
    const BufferEntry buffer{0x1000, 64};
    CHECK(harness::symbolic(0x1000, buffer) == "+0x000");
    CHECK(harness::symbolic(0x1040, buffer) == "+0x040");
    CHECK(harness::symbolic(0x0FFF, buffer) == "-0x001");
}

TEST_CASE("numbers are told as people would say them") {
    CHECK(harness::number_text(0) == "0");
    CHECK(harness::number_text(1000000) == "1000000");
    CHECK(harness::number_text(std::size_t{1} << 30) == "2^30");
    CHECK(harness::number_text((std::size_t{1} << 32) + 1) == "2^32 + 1");
    CHECK(harness::number_text(PTRDIFF_MAX) == "PTRDIFF_MAX");
    CHECK(harness::number_text(std::size_t{PTRDIFF_MAX} - 63) == "PTRDIFF_MAX - 63");
    CHECK(harness::number_text(std::size_t{PTRDIFF_MAX} + 1) == "2^63");
    CHECK(harness::number_text((std::size_t{1} << 63) - (std::size_t{1} << 40)) == "2^63 - 2^40");
    CHECK(harness::number_text((std::size_t{1} << 32) - 1) == "2^32 - 1");
    CHECK(harness::number_text(SIZE_MAX) == "SIZE_MAX");
    CHECK(harness::number_text(std::size_t{0} - 100003) == "2^64 - 100003");
    CHECK(harness::number_text(123456789) == "123456789");
    CHECK(harness::bytes_text(1) == "1 byte");
}

TEST_CASE("what runs past the end is drawn behind the bar, and marked there") {
    const harness::Verdict verdict = in_a_case([] {
        const harness::GuardedBuffer buffer{62, 1};
        harness::Shadow shadow{buffer};
        shadow.about_to_allocate(4, 1);
        shadow.allocated(buffer.data() + 60);
    });

    CHECK(contains(verdict.summary, "runs past the end"));
    CHECK(contains(verdict.story, "..aa|aa\n"));
    CHECK(contains(verdict.story, "^^ outside the buffer"));
}

TEST_CASE("where nothing has changed, one picture is enough") {
    const harness::Verdict verdict = in_a_case([] {
        const harness::GuardedBuffer buffer{8, 0};
        harness::Shadow shadow{buffer};
        shadow.about_to_allocate(9, 1);
        shadow.allocated(nullptr);
        harness::wrong("stop here");
    });

    CHECK(contains(verdict.story, "now     |........|"));
    CHECK_FALSE(contains(verdict.story, "before  |"));
}

TEST_CASE("operations on other buffers are no part of the story") {
    const harness::Verdict verdict = in_a_case([] {
        const harness::GuardedBuffer one{8, 0};
        const harness::GuardedBuffer other{8, 0};
        harness::Shadow first{one};
        harness::Shadow second{other};
        first.about_to_allocate(5, 1);
        first.allocated(one.data());
        second.about_to_allocate(3, 2);
        second.allocated(other.data() + 1);
    });

    CHECK(contains(verdict.story, "1  allocate(3 bytes, alignment 2) -> +0x001 [a]"));
    CHECK_FALSE(contains(verdict.story, "5 bytes"));
}

TEST_CASE("the story numbers the operations, and leaves out the beginning of a long one") {
    const harness::Verdict verdict = in_a_case([] {
        const harness::GuardedBuffer buffer{64, 0};
        harness::Shadow shadow{buffer};
        for (int i = 0; i < 20; ++i) {
            shadow.about_to_allocate(100, 8);
            shadow.allocated(nullptr);
        }
        shadow.about_to_allocate(1, 1);
        shadow.allocated(buffer.data() + 64);
    });

    CHECK(contains(verdict.story, "9 operations before these"));
    CHECK(contains(verdict.story, "20  allocate(100 bytes, alignment 8) -> nullptr"));
    CHECK(contains(verdict.story, "21  allocate(1 byte, alignment 1) -> +0x040"));
}

namespace {

harness::Verdict judge_comment(const std::string& body) {
    std::string path = "/tmp/safety-comment-XXXXXX";
    const int file = mkstemp(path.data());
    std::FILE* const stream = fdopen(file, "w");
    std::fputs(body.c_str(), stream);
    std::fclose(stream);
    const harness::Verdict verdict =
        in_a_case([&] { harness::check_safety_comment(path.c_str(), "allocate"); });
    std::remove(path.c_str());
    return verdict;
}

}  // namespace

TEST_CASE("a SAFETY comment in the function, or just above it, is one") {
    const std::string comment =
        "// SAFETY: the check above leaves at least size bytes in the buffer.\n";

    CHECK(
        judge_comment("void* allocate(int n) {\n    " + comment + "    return p + n;\n}\n").kind ==
        Kind::done);
    CHECK(judge_comment(comment + "void* allocate(int n) {\n    return p + n;\n}\n").kind ==
          Kind::done);
}

TEST_CASE("no SAFETY comment, one elsewhere, or one without a sentence is not enough") {
    const std::string comment = "// SAFETY: a sentence that is long enough to say something\n";

    CHECK(judge_comment("void* allocate(int n) {\n    return p + n;\n}\n").kind == Kind::wrong);
    CHECK(judge_comment("void* allocate(int n) {\n    return p;\n}\nvoid deallocate(void* p) {\n" +
                        comment + "}\n")
              .kind == Kind::wrong);
    CHECK(judge_comment("void* allocate(int n) {\n    // SAFETY: fine\n    return p;\n}\n").kind ==
          Kind::wrong);
    CHECK(judge_comment("void deallocate(void* p) {}\n").kind == Kind::wrong);
}

TEST_CASE("the placeholder of a SAFETY comment is to do") {
    CHECK(
        judge_comment("void* allocate(int n) {\n    // SAFETY: TODO 2.5: why?\n    return p;\n}\n")
            .kind == Kind::to_do);
}

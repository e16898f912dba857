// Tests of what runs and grades a suite, without a suite.

#include <suite/buffer.hpp>
#include <suite/matrix.hpp>
#include <suite/run.hpp>
#include <suite/shrink.hpp>
#include <suite/steps.hpp>
#include <suite/subjects/instance.hpp>

#include <harness/journal.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace {

std::uintptr_t address(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

}  // namespace

TEST_CASE("levels begin at 60 and 80 %, and gold is all") {
    CHECK(suite::level(0, 0).empty());
    CHECK(suite::level(59, 100).empty());
    CHECK(suite::level(60, 100) == "bronze");
    CHECK(suite::level(79, 100) == "bronze");
    CHECK(suite::level(80, 100) == "silver");
    CHECK(suite::level(99, 100) == "silver");
    CHECK(suite::level(100, 100) == "gold");
    CHECK(suite::level(3, 5) == "bronze");
}

TEST_CASE("a choice is in its range, and 0 is the first") {
    suite::Step step{{0, 7, 8, UINT64_MAX, 3, 5}};
    CHECK(step.between(2, 9) == 2);
    CHECK(step.between(2, 9) == 9);
    CHECK(step.between(2, 9) == 2);
    CHECK(step.between(0, SIZE_MAX) == SIZE_MAX);
    CHECK(step.one_of({'a', 'b', 'c'}) == 'a');
    CHECK(step.between(5, 5) == 5);
    CHECK(step.between(4, 9) == 4);  // no choice is left: the simplest
}

TEST_CASE("a run is made as small as can be" * doctest::skip(!suite::can_shrink)) {
    suite::RawSteps run(40, {9, 9, 9, 9, 9, 9});
    run[17][2] = 1000;

    const suite::RawSteps smallest = suite::shrunk(run, [](const suite::RawSteps& steps) {
        return std::any_of(steps.begin(), steps.end(),
                           [](const suite::Step::Raw& step) { return step[2] >= 100; });
    });

    CHECK(smallest == suite::RawSteps{{0, 0, 100, 0, 0, 0}});
}

TEST_CASE("runs are the same each time, and differ among each other") {
    suite::this_run().telling = false;  // all in this process
    const auto sums = [] {
        std::vector<std::size_t> found;
        suite::for_all_steps({.count = 20, .steps = 20}, [&](std::span<suite::Step> steps) {
            std::size_t sum = 0;
            for (suite::Step& step : steps) {
                sum = sum * 31 + step.between(0, 1000) + step.between(0, 1000);
            }
            found.push_back(sum);
        });
        return found;
    };
    const std::vector<std::size_t> first = sums();
    CHECK(first == sums());
    CHECK(std::set<std::size_t>(first.begin(), first.end()).size() > first.size() / 2);
}

TEST_CASE("a buffer ends at a page's end, or begins where it should") {
    for (const std::size_t size : {0U, 1U, 13U, 4096U, 2'000'000U}) {
        const suite::Buffer at_the_end{size};
        CHECK(at_the_end.span().size() == size);
        CHECK((address(at_the_end.span().data()) + size) % 4096 == 0);
        for (const std::size_t misalignment : {0U, 5U, 4095U}) {
            const suite::Buffer buffer{size, misalignment};
            CHECK(address(buffer.span().data()) % (1U << 20U) == misalignment);
            CHECK(buffer.span().data() != at_the_end.span().data());
        }
    }
}

TEST_CASE("the story of a subject that is alone does not tell of those before it") {
    using harness::Operation;
    harness::Journal& journal = harness::Journal::current();
    journal.clear();
    journal.add_operation()->what = Operation::What::note;
    for (int i = 0; i < 100; ++i) {
        const suite::Buffer buffer{64};
        CHECK(buffer.index() == 0);
        CHECK(journal.operation_count() == 1);
        journal.add_operation()->what = Operation::What::allocate;

        const suite::Buffer second{32};
        CHECK(second.index() == 1);
        CHECK(journal.operation_count() == 2);
    }
    CHECK(journal.operation(0).what == Operation::What::note);
    CHECK(journal.operation(1).what == Operation::What::allocate);
}

TEST_CASE("there are enough correct allocators and bugs, and each bug can be told") {
    std::size_t correct = 0;
    std::size_t bugs = 0;
    for (const suite::SubjectType& subject : suite::all_subjects()) {
        INFO(subject.name);
        (subject.is_correct() ? correct : bugs) += 1;
        if (!subject.is_correct()) {
            CHECK(bugs > 0);
            CHECK(std::string{subject.symptom}.size() > 10);
            CHECK(std::string{subject.idea}.size() > 5);
            CHECK(std::string{subject.diff}.find("@@") != std::string::npos);
            CHECK((subject.task != std::string{"6.2"} || subject.any_size));
            CHECK((subject.task != std::string{"6.3"} || subject.for_threads));
        }
    }
    CHECK(correct >= 15);
    CHECK(bugs >= 40);
}

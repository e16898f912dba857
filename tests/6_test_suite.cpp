// The judge of step 6. What it judges are the tests in suite.cpp: it runs them on allocators that
// are correct, and on some that are not.

#include <suite.cpp>

#include <suite/judge.hpp>

using namespace suite;

[[maybe_unused]] static const bool graded =
    judge_the_tests_outside_of(__FILE__, STEP_FOLDER "/../..");

TEST_SUITE("6.1 unit tests" * doctest::description("CONCEPTS.md, 'Oracles'")) {
    TEST_CASE("correct allocators pass") {
        correct_allocators_pass("6.1");
    }
    TEST_CASE("planted bugs are caught") {
        planted_bugs_are_caught("6.1");
    }
}

TEST_SUITE("6.2 integration tests" * doctest::description("CONCEPTS.md, 'Oracles'")) {
    TEST_CASE("correct allocators pass") {
        correct_allocators_pass("6.2");
    }
    TEST_CASE("planted bugs are caught") {
        planted_bugs_are_caught("6.2");
    }
}

TEST_SUITE("6.3 stress tests" * doctest::description("CONCEPTS.md, 'Tests with threads'")) {
    TEST_CASE("correct allocators pass") {
        correct_allocators_pass("6.3");
    }
    TEST_CASE("planted bugs are caught") {
        planted_bugs_are_caught("6.3");
    }
}

TEST_SUITE("6.4 property-based tests" *
           doctest::description("CONCEPTS.md, 'Property-based testing'")) {
    TEST_CASE("correct allocators pass") {
        correct_allocators_pass("6.4");
    }
    TEST_CASE("requests are of every kind") {
        requests_are_of_every_kind("6.4");
    }
    TEST_CASE("the model has memory of its own") {
        model_has_memory_of_its_own("6.4");
    }
    TEST_CASE("failures can be repeated") {
        failures_can_be_repeated("6.4");
    }
    TEST_CASE("planted bugs are caught") {
        planted_bugs_are_caught("6.4");
    }
}

TEST_SUITE("6.5 tests under scarcity" *
           doctest::description("CONCEPTS.md, 'Testing under scarcity'")) {
    TEST_CASE("correct allocators pass") {
        correct_allocators_pass("6.5");
    }
    TEST_CASE("planted bugs are caught") {
        planted_bugs_are_caught("6.5");
    }
}

// The traces made by a seed.

#include "../generate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

using traces::Action;
using traces::Operation;
using traces::Trace;

namespace {

/// A number that tells traces apart.
std::uint64_t digest(const Trace& trace) {
    std::uint64_t sum = 14695981039346656037U;
    for (const char letter : write_trace(trace)) {
        sum = (sum ^ static_cast<unsigned char>(letter)) * 1099511628211U;
    }
    return sum;
}

}  // namespace

TEST_CASE("every trace is read again as it was made, so it is well formed and frees all") {
    for (const Trace& trace : traces::generate_all(3)) {
        CAPTURE(trace.name);
        const Trace again = traces::parse_trace(write_trace(trace), trace.name);
        CHECK(again.operations == trace.operations);
        CHECK(trace.peak_bytes() > 1000);
        CHECK(trace.operations.size() > 1000);
    }
}

TEST_CASE("a seed makes one trace, everywhere") {
    const std::vector<Trace> ones = traces::generate_all(1);
    const std::vector<Trace> again = traces::generate_all(1);
    const std::vector<Trace> twos = traces::generate_all(2);
    for (std::size_t i = 0; i < ones.size(); ++i) {
        CAPTURE(ones[i].name);
        CHECK(ones[i].operations == again[i].operations);
        CHECK(ones[i].operations != twos[i].operations);
    }
    // The same on another machine, with another compiler and library.
    CHECK(digest(traces::power_law(1)) == 9377224041659541467U);
    CHECK(digest(traces::arrays(1)) == 2257342370416064686U);
}

TEST_CASE("each has a name of its own") {
    std::set<std::string> names;
    for (const Trace& trace : traces::generate_all(1)) {
        CHECK(names.insert(trace.name).second);
    }
}

TEST_CASE("power law: twice the size, half as often") {
    std::vector<std::size_t> sizes;
    for (const Operation& operation : traces::power_law(1).operations) {
        if (operation.action == Action::allocate) {
            sizes.push_back(operation.size);
        }
    }
    const auto at_least = [&](std::size_t size) {
        return static_cast<double>(std::count_if(
                   sizes.begin(), sizes.end(), [&](std::size_t other) { return other >= size; })) /
               static_cast<double>(sizes.size());
    };

    CHECK(*std::min_element(sizes.begin(), sizes.end()) == 16);
    CHECK(at_least(32) == doctest::Approx(0.5).epsilon(0.05));
    CHECK(at_least(64) == doctest::Approx(0.25).epsilon(0.05));
    CHECK(at_least(1024) == doctest::Approx(1.0 / 64).epsilon(0.15));
}

TEST_CASE("stack frees the newest block, queue the oldest") {
    std::vector<std::uint32_t> live;
    for (const Operation& operation : traces::stack(5).operations) {
        if (operation.action == Action::allocate) {
            live.push_back(operation.block);
        } else {
            REQUIRE(live.back() == operation.block);
            live.pop_back();
        }
    }
    for (const Operation& operation : traces::queue(5).operations) {
        if (operation.action == Action::allocate) {
            live.push_back(operation.block);
        } else {
            REQUIRE(live.front() == operation.block);
            live.erase(live.begin());
        }
    }
    CHECK(live.empty());
}

TEST_CASE("aligned: the alignments from 32 to 4096 are all there") {
    std::set<std::size_t> alignments;
    for (const Operation& operation : traces::aligned(1).operations) {
        alignments.insert(operation.alignment);
    }
    CHECK(alignments == std::set<std::size_t>{16, 32, 64, 128, 256, 512, 1024, 2048, 4096});
}

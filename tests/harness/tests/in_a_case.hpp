// Runs a piece of code as a judge would run a test case, and says what became of it.

#pragma once

#include <harness/child.hpp>
#include <harness/ending_verdict.hpp>
#include <harness/journal.hpp>
#include <harness/test_case.hpp>

namespace harness_tests {

template <class Body>
harness::Verdict in_a_case(Body body, const harness::Limits& limits = {}) {
    harness::Journal& journal = harness::Journal::current();
    journal.clear();
    const harness::Ending ending = harness::run_in_child(
        [&](int record) {
            harness::send_record_to(record);
            body();
            harness::end_case({.kind = harness::Kind::done});
        },
        limits);
    return harness::verdict_of(ending, limits, journal, {});
}

inline bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace harness_tests

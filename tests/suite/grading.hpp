// Runs a suite's test cases on all subjects, and notes what became of each on each.

#pragma once

#include <suite/run.hpp>

#include <harness/cases.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace suite {

/// What became of one case on one subject.
enum class Fate : unsigned char {
    not_run,
    running,
    passed,
    to_do,    // it came to a todo()
    failed,   // an assertion did not hold
    crashed,  // its process ended in another way
    hung      // it was still not through after a while
};

/// On a bug: the bug was caught.
inline bool rejected(Fate fate) {
    return fate == Fate::failed || fate == Fate::crashed || fate == Fate::hung;
}

struct Cell {
    std::atomic<Fate> fate;
    std::atomic<std::uint32_t> microseconds;
    Sightings sightings;
};

struct Grade {
    std::vector<harness::TestCase> cases;
    std::vector<const SubjectType*> subjects;  // the correct ones first
    const Cell* cells = nullptr;               // subject by subject, case by case

    const Cell& at(std::size_t subject, std::size_t test) const {
        return cells[subject * cases.size() + test];
    }
    /// True when a correct allocator was rejected: what it says of others is worth nothing.
    bool cries_wolf(std::size_t test) const;
    bool is_to_do(std::size_t test) const;
    /// What was seen of this case on all correct subjects together.
    bool saw(std::size_t test, Seen what) const;
};

/// True for a case that this subject is for: those of 6.2 get only what serves any size, those of
/// 6.3 only what is for several threads.
bool is_for(std::string_view task, const SubjectType& subject);

/// Runs everything, as many at once as there are processors and one more. With a task: only its
/// cases and its bugs. A case that cries wolf, or is still to do, is not run on the others; a bug
/// that made one case hang is not run any more. `alive` is called now and then.
Grade grade(const std::vector<harness::TestCase>& cases, std::string_view task, void (*alive)());

}  // namespace suite

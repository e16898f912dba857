#include <suite/steps.hpp>

#include <suite/run.hpp>
#include <suite/shrink.hpp>

#include <harness/child.hpp>
#include <harness/ending_verdict.hpp>
#include <harness/failure.hpp>
#include <harness/journal.hpp>
#include <harness/test_case.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace suite {
namespace {

using harness::Kind;
using std::chrono::milliseconds;

// All in all less than a case may take, so that a run that hangs is shrunk, too.
constexpr auto limit_for_all = milliseconds{2000};
constexpr auto limit_for_one = milliseconds{250};
constexpr auto limit_for_shrinking = milliseconds{1500};

using Property = harness::FunctionRef<std::span<Step>>;

std::uint64_t seed() {
    const char* const text = std::getenv("WORKSHOP_SEED");
    return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed} {}

    std::uint64_t operator()() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }

private:
    std::uint64_t state_;
};

/// Run number `number` of the seed, whatever the others are.
RawSteps random_run(const Runs& runs, unsigned number) {
    Random random{seed() * 0x10001U + number};
    const unsigned longest = 1 + number * runs.steps / std::max(runs.count, 1U);
    // Half of the runs are as long as they may be.
    const std::uint64_t length = number % 2 == 0 ? longest : random() % (longest + 1);
    RawSteps steps(length);
    for (Step::Raw& step : steps) {
        std::generate(step.begin(), step.end(), std::ref(random));
    }
    return steps;
}

void play(const RawSteps& raw, Property property) {
    std::vector<Step> steps{raw.begin(), raw.end()};
    property(std::span{steps});
}

/// True when the property, in a process of its own, holds for this run.
bool holds(const RawSteps& run, Property property, milliseconds limit) {
    return harness::is_done(harness::run_in_child(
        [&](int record) {
            harness::send_record_to(record);
            play(run, property);
            harness::end_case({.kind = Kind::done});
        },
        {.time = limit}));
}

void note_in_journal(const std::string& text) {
    if (harness::Operation* const note = harness::Journal::current().add_operation()) {
        note->what = harness::Operation::What::note;
        note->returned = true;
        std::strncpy(note->text, text.c_str(), sizeof note->text - 1);
    }
}

/// Plays the smallest run that fails, which ends the case.
void tell(const RawSteps& failing, unsigned number, Property property) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + limit_for_shrinking;
    const RawSteps smallest = shrunk(failing, [&](const RawSteps& run) {
        return Clock::now() < end && !holds(run, property, limit_for_one);
    });
    harness::Journal::current().clear_operations();
    note_in_journal(fmt::format("run {} of seed {}: {} step{}, shrunk from {}", number + 1, seed(),
                                smallest.size(), smallest.size() == 1 ? "" : "s", failing.size()));
    play(smallest, property);
    harness::fail({fmt::format("run {} of seed {} failed, and did not when it was repeated: does "
                               "the property depend on something that is not set?",
                               number + 1, seed()),
                   ""});
}

/// Plays all runs in one process.
void play_all(const Runs& runs, Property property) {
    for (unsigned number = 0; number < runs.count; ++number) {
        harness::Journal::current().clear_operations();
        play(random_run(runs, number), property);
    }
}

}  // namespace

void for_all_steps(const Runs& runs, Property property) {
    note(Seen::random_steps);
    if (!this_run().telling) {
        play_all(runs, property);
        return;
    }
    const bool all_hold = harness::is_done(harness::run_in_child(
        [&](int record) {
            harness::send_record_to(record);
            play_all(runs, property);
            harness::end_case({.kind = Kind::done});
        },
        {.time = limit_for_all}));
    for (unsigned number = 0; !all_hold && number < runs.count; ++number) {
        const RawSteps run = random_run(runs, number);
        if (!holds(run, property, limit_for_one)) {
            tell(run, number, property);
        }
    }
}

}  // namespace suite

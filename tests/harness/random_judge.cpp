#include <harness/random_judge.hpp>

#include <harness/child.hpp>
#include <harness/ending_verdict.hpp>
#include <harness/failure.hpp>
#include <harness/guarded_buffer.hpp>
#include <harness/journal.hpp>
#include <harness/shadow.hpp>
#include <harness/story.hpp>
#include <harness/test_case.hpp>

#include <fmt/core.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace harness {
namespace {

struct Step {
    enum class What { allocate, deallocate, deallocate_newest, resize, reset, deallocate_null };

    What what;
    std::size_t size;       // of a new block, or the new size
    std::size_t alignment;  // of a new block
    std::size_t which;      // of the live blocks, counted round and round
};

struct Sequence {
    std::size_t misalignment;
    std::vector<Step> steps;
};

// ---- Making sequences --------------------------------------------------------------------------

rc::Gen<std::size_t> between(std::size_t first, std::size_t last) {
    return rc::gen::inRange(first, last + 1);
}

rc::Gen<std::size_t> power_of_two(std::size_t first_exponent, std::size_t last_exponent) {
    return rc::gen::map(between(first_exponent, last_exponent),
                        [](std::size_t exponent) { return std::size_t{1} << exponent; });
}

rc::Gen<std::size_t> sizes(std::size_t buffer_size) {
    const auto around = [](std::size_t value) {
        return between(value - std::min<std::size_t>(value, 2), value + 2);
    };
    const auto around_a_power =
        rc::gen::map(rc::gen::pair(power_of_two(0, 12), between(0, 2)),
                     [](const auto& pair) { return pair.first + pair.second - 1; });
    const auto huge = rc::gen::map(
        between(0, 80), [](std::size_t less) { return std::size_t{PTRDIFF_MAX} - less; });
    return rc::gen::weightedOneOf<std::size_t>({{10, between(0, 64)},
                                                {6, around_a_power},
                                                {3, between(0, buffer_size)},
                                                {1, around(buffer_size)},
                                                {1, around(buffer_size / 2)},
                                                {1, huge}});
}

rc::Gen<std::size_t> alignments() {
    return rc::gen::weightedOneOf<std::size_t>(
        {{12, power_of_two(0, 5)}, {2, power_of_two(6, 12)}, {1, power_of_two(13, 20)}});
}

rc::Gen<Step::What> kinds() {
    using What = Step::What;
    return rc::gen::weightedElement<What>({{50, What::allocate},
                                           {25, What::deallocate},
                                           {12, What::deallocate_newest},
                                           {10, What::resize},
                                           {1, What::reset},
                                           {2, What::deallocate_null}});
}

rc::Gen<Sequence> sequences(const RandomRules& rules) {
    const auto step = rc::gen::map(
        rc::gen::tuple(kinds(), sizes(rules.buffer_size), alignments(), between(0, 1000)),
        [](const auto& parts) {
            const auto& [what, size, alignment, which] = parts;
            return Step{what, size, alignment, which};
        });
    return rc::gen::map(rc::gen::pair(between(0, 80), rc::gen::container<std::vector<Step>>(step)),
                        [](const auto& pair) {
                            return Sequence{pair.first, pair.second};
                        });
}

// ---- Playing one -------------------------------------------------------------------------------

struct Live {
    void* block;
    std::size_t size;
    std::size_t alignment;
};

class Player {
public:
    Player(const RandomRules& rules, const GuardedBuffer& buffer, Subject& subject)
        : rules_{rules}, subject_{subject}, shadow_{buffer} {}

    void play(const std::vector<Step>& steps) {
        for (const Step& step : steps) {
            play(step);
            examine();
        }
        give_everything_back();
        take_the_whole_buffer();
    }

private:
    void play(const Step& step) {
        const bool any = !live_.empty();
        const std::size_t index = any ? step.which % live_.size() : 0;
        switch (step.what) {
            case Step::What::allocate:
                allocate(step.size, step.alignment);
                break;
            case Step::What::deallocate:
                any ? deallocate(index) : void();
                break;
            case Step::What::deallocate_newest:
                any ? deallocate(live_.size() - 1) : void();
                break;
            case Step::What::resize:
                any ? resize(index, step.size) : void();
                break;
            case Step::What::reset:
                reset();
                break;
            case Step::What::deallocate_null:
                deallocate_null(step.size % 100, step.alignment);
                break;
        }
    }

    void allocate(std::size_t size, std::size_t alignment) {
        size = std::min(size, largest(alignment));
        const std::size_t room = subject_.room();
        shadow_.about_to_allocate(size, alignment);
        void* const block = subject_.allocate(size, alignment);
        shadow_.allocated(block);
        if (block != nullptr) {
            live_.push_back({block, size, alignment});
        } else if (room >= alignment && std::max<std::size_t>(size, 1) <= room - (alignment - 1)) {
            wrong_now(
                fmt::format("the request was refused, although there is room for {} bytes", room));
        }
    }

    void deallocate(std::size_t index) {
        const Live live = live_[index];
        live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(index));
        shadow_.about_to_deallocate(live.block, live.size, live.alignment);
        subject_.deallocate(live.block, live.size, live.alignment);
        shadow_.deallocated();
    }

    void deallocate_null(std::size_t size, std::size_t alignment) {
        shadow_.about_to_deallocate(nullptr, size, alignment);
        subject_.deallocate(nullptr, size, alignment);
        shadow_.deallocated();
    }

    void resize(std::size_t index, std::size_t size) {
        if (!subject_.can_resize()) {
            return;
        }
        Live& live = live_[index];
        size = std::min(size, largest(live.alignment));
        shadow_.about_to_resize(live.block, live.size, live.alignment, size);
        const bool done = subject_.try_resize(live.block, live.size, live.alignment, size);
        shadow_.resized(done);
        live.size = done ? size : live.size;
    }

    void reset() {
        if (!subject_.can_reset()) {
            return;
        }
        shadow_.about_to_reset();
        subject_.reset();
        shadow_.was_reset();
        live_.clear();
    }

    void examine() const {
        if (!subject_.check()) {
            wrong_now("check() says that an invariant is broken");
        }
        for (const Live& live : live_) {
            if (!subject_.owns(live.block)) {
                wrong_now("owns() denies a live block");
            }
        }
    }

    void give_everything_back() {
        while (!live_.empty()) {
            deallocate(live_.size() - 1);
            examine();
        }
        if (rules_.reset_to_empty) {
            reset();
        }
    }

    void take_the_whole_buffer() {
        const std::size_t capacity = subject_.capacity();
        if (capacity == 0) {
            return;
        }
        shadow_.about_to_allocate(capacity, 1);
        void* const block = subject_.allocate(capacity, 1);
        shadow_.allocated(block);
        if (block == nullptr) {
            wrong_now(
                fmt::format("everything was given back, and yet the whole capacity of {} "
                            "bytes cannot be had as one block",
                            capacity));
        }
    }

    /// The largest size that Layout::make takes with this alignment.
    static std::size_t largest(std::size_t alignment) {
        return std::size_t{PTRDIFF_MAX} - (alignment - 1);
    }

    [[noreturn]] static void wrong_now(const std::string& summary) {
        fail({summary, tell_story(Journal::current())});
    }

    const RandomRules& rules_;
    Subject& subject_;
    Shadow shadow_;
    std::vector<Live> live_;
};

struct Play {
    const RandomRules& rules;
    const Sequence& sequence;
    const GuardedBuffer& buffer;
};

void play(const RandomRules& rules, MakeSubject make, const Sequence& sequence) {
    Journal::current().clear_operations();
    const GuardedBuffer buffer{rules.buffer_size, sequence.misalignment};
    Play context{rules, sequence, buffer};
    make(
        buffer.span(),
        [](Subject& subject, void* opaque) {
            const Play& play = *static_cast<Play*>(opaque);
            Player{play.rules, play.buffer, subject}.play(play.sequence.steps);
        },
        &context);
}

// ---- Finding one that fails, and a smaller one -------------------------------------------------

using Shrinkable = rc::Shrinkable<Sequence>;

using std::chrono::milliseconds;

// All in all less than a case may take, so that a sequence that hangs is shrunk, too.
constexpr auto limit_for_all = milliseconds{2000};
constexpr auto limit_for_one = milliseconds{250};
constexpr auto limit_for_shrinking = milliseconds{1500};

/// True when `body`, in a process of its own, comes to its end and finds nothing.
template <class Body>
bool survives(milliseconds limit, Body body) {
    const Limits limits{.time = limit};
    return is_done(run_in_child(
        [&](int record) {
            send_record_to(record);
            body();
            end_case({.kind = Kind::done});
        },
        limits));
}

std::uint64_t seed() {
    const char* const text = std::getenv("WORKSHOP_SEED");
    return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

/// Calls `use(sequence)` for each sequence of the seed, until it returns false.
template <class Use>
void for_each_sequence(const RandomRules& rules, Use use) {
    const rc::Gen<Sequence> generator = sequences(rules);
    rc::Random random{seed()};
    for (int i = 0; i < rules.sequences; ++i) {
        const int size = 1 + i * rules.operations / rules.sequences;  // short ones first
        if (!use(generator(random.split(), size))) {
            return;
        }
    }
}

/// Takes the first smaller sequence that fails too, again and again.
Shrinkable shrink(Shrinkable failing, const RandomRules& rules, MakeSubject make) {
    using std::chrono::steady_clock;
    const auto end = steady_clock::now() + limit_for_shrinking;
    for (bool smaller = true; smaller;) {
        smaller = false;
        rc::Seq<Shrinkable> candidates = failing.shrinks();
        for (auto candidate = candidates.next(); candidate && steady_clock::now() < end;) {
            if (!survives(limit_for_one, [&] { play(rules, make, candidate->value()); })) {
                failing = *candidate;
                smaller = true;
                break;
            }
            candidate = candidates.next();
        }
    }
    return failing;
}

}  // namespace

void play_random_sequences(const RandomRules& rules, MakeSubject make) {
    const bool all_survive = survives(limit_for_all, [&] {
        for_each_sequence(rules, [&](const Shrinkable& sequence) {
            play(rules, make, sequence.value());
            return true;
        });
    });
    if (all_survive) {
        return;
    }
    for_each_sequence(rules, [&](const Shrinkable& sequence) {
        if (survives(limit_for_one, [&] { play(rules, make, sequence.value()); })) {
            return true;
        }
        const Shrinkable smallest = shrink(sequence, rules, make);
        Journal::current().found_by_seed(seed(), rules.type);
        play(rules, make, smallest.value());  // ends the test case, unless it was only slow
        return true;
    });
    fail({fmt::format("a random sequence failed, with seed {}, and did not when it was repeated: "
                      "does the result depend on something that is not set?",
                      seed()),
          ""});
}

}  // namespace harness

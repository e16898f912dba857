// Random sequences of operations, checked against the shadow model, and shrunk when they fail.

#pragma once

#include <harness/own.hpp>
#include <harness/subject.hpp>

#include <cstddef>
#include <span>

namespace harness {

/// True when the harness was built with RapidCheck; a test case that needs it is skipped without.
#ifdef WORKSHOP_RAPIDCHECK
inline constexpr bool has_random_judge = true;
#else
inline constexpr bool has_random_judge = false;
#endif

struct RandomRules {
    const char* type = "";  // the name of the allocator, for the test case that is printed
    std::size_t buffer_size = 2048;
    int sequences = 100;
    int operations = 60;          // at most, in one sequence
    bool reset_to_empty = false;  // giving all blocks back is not enough: reset() ends a sequence
};

/// Makes a subject over a buffer and calls `play` with it.
using MakeSubject = void (*)(std::span<std::byte> buffer, void (*play)(Subject&, void*),
                             void* context);

/// Plays random sequences: sizes 0, 1, around powers of two, around the whole buffer, up to
/// PTRDIFF_MAX; alignments from 1 to 1 MiB; blocks given back in any order; resizes and resets
/// where the subject has them. After each operation: the shadow model's checks, check(), owns().
/// A refusal must be justified by room(). At the end all is given back, and then the whole buffer
/// is asked for as one block: the strongest single check there is.
///
/// The seed is fixed, so that a verdict repeats; WORKSHOP_SEED sets another. A sequence that fails,
/// also by a crash or by hanging, is shrunk; the smallest one is played in the test case, whose
/// story then ends with the seed and a test case to paste.
void play_random_sequences(const RandomRules& rules, MakeSubject make);

/// The same for a subject class, which is made from the buffer.
template <class S>
HARNESS_OWN void play_random_sequences(const RandomRules& rules) {
    const auto make = [](std::span<std::byte> buffer, void (*play)(Subject&, void*), void* context)
                          HARNESS_OWN {
                              S subject{buffer};
                              play(subject, context);
                          };
    play_random_sequences(rules, make);
}

}  // namespace harness

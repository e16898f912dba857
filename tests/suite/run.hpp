// A test case of the suite on one subject: what Subject and for_all_steps need to know, and what
// they note for the grading.

#pragma once

#include <suite/subjects/instance.hpp>

#include <atomic>
#include <cstdint>

namespace suite {

/// What was seen while a case ran: what a suite that misses much has never asked for.
enum class Seen : std::uint32_t {
    size_zero = 1U << 0,
    over_aligned = 1U << 1,      // more than max_align_t
    huge = 1U << 2,              // more than the whole buffer
    nearly_full = 1U << 3,       // refused, although an empty subject would have served it
    use_after_reset = 1U << 4,   // a request after reset()
    random_steps = 1U << 5,      // for_all_steps() was called
    default_resource = 1U << 6,  // a container took memory from the default resource
    resource = 1U << 7           // the subject's own resource was asked for
};

using Sightings = std::atomic<std::uint32_t>;

struct Run {
    const SubjectType* subject = nullptr;  // of which each Subject is one
    Sightings* sightings = nullptr;        // in memory that is shared with who grades
    bool telling = false;                  // a failure is to be told: note each operation
};

/// The run of this process.
Run& this_run();

/// Where the recorded traces are found.
void set_project_folder(const char* folder);
const char* project_folder();

inline void note(Seen what) {
    if (Sightings* const sightings = this_run().sightings; sightings != nullptr) {
        sightings->fetch_or(static_cast<std::uint32_t>(what), std::memory_order_relaxed);
    }
}

}  // namespace suite

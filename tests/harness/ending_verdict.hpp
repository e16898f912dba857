// From the end of a test case's process to its verdict.

#pragma once

#include <harness/child.hpp>
#include <harness/journal.hpp>
#include <harness/verdict.hpp>

namespace harness {

/// Completes `verdict`, of which the names are set, by what the case wrote, what it printed, how
/// its process ended, and what its journal tells.
Verdict verdict_of(const Ending& ending, const Limits& limits, const Journal& journal,
                   Verdict verdict);

/// True when the case came to its end and found nothing.
bool is_done(const Ending& ending);

}  // namespace harness

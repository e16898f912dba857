// Reads why a process died from what it printed last: the reports of the sanitizers, of assert,
// and of std::terminate.

#pragma once

#include <harness/journal.hpp>

#include <string>
#include <string_view>

namespace harness {

struct Cause {
    std::string summary;        // "a write 1 byte past the end of the buffer"; empty: not known
    std::string learner_place;  // the innermost line in the learner's code
    bool out_of_memory = false;
};

/// `output` is what the process printed; `journal` tells the buffers that addresses lie near.
Cause find_cause(std::string_view output, const Journal& journal);

/// Of a hang: the innermost line in the latest step of the stack trace. A loop is seen at any
/// moment, mostly in what it calls, and that may be in an earlier step.
std::string place_of_hang(std::string_view output);

/// The output without the reports: what the code itself printed.
std::string without_reports(std::string_view output);

/// "steps/2_bump/bump.hpp" for any spelling of that path; empty when the file is none of the
/// project's.
std::string project_path(std::string_view path);

/// True for a file of the learner, or of what stands in its place: solutions, planted bugs.
bool is_learners(std::string_view place);

}  // namespace harness

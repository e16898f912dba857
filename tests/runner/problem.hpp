// What the runner cannot do, in one sentence.

#pragma once

#include <stdexcept>

namespace runner {

/// Ends the command with exit code 2. The text is a sentence that says what was expected.
struct Problem : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace runner

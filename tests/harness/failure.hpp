// The one way in which a test case fails.

#pragma once

#include <string>

namespace harness {

/// What is known about a failure where it is found.
struct Failure {
    std::string summary;  // one line
    std::string details;  // lines below it
};

/// Ends the test case as *wrong*, in the process of the case, from any thread. The first failure
/// ends the case: what follows it would only be its echo.
[[noreturn]] void fail(const Failure& failure);

}  // namespace harness

// Runs a function in a process of its own, within bounds of time, memory and output.

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace harness {

struct Limits {
    std::chrono::milliseconds time{5000};        // up to twice that where the machine is busy
    std::size_t memory = std::size_t{1} << 30;   // resident bytes
    std::size_t output = std::size_t{64} << 20;  // bytes written to stdout and stderr together
};

/// How a child ended.
struct Ending {
    enum class Stopped { no, time, memory, output };

    Stopped stopped = Stopped::no;  // by us, for passing that limit
    int status = 0;                 // as from waitpid
    std::string record;             // what it wrote to the record pipe
    std::string output;             // what it printed; the middle of a long output is cut out
    std::chrono::milliseconds duration{};
};

/// Forks. The child calls `body` with a file descriptor to write its record to, and then ends
/// with exit code 0 without running destructors. A child that passes a limit gets SIGTERM, so that
/// it can say where it was, and SIGKILL a second later.
Ending run_in_child(const std::function<void(int record)>& body, const Limits& limits);

}  // namespace harness

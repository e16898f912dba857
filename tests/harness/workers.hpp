// Some processes that share a number of jobs.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace harness {

/// How many cases are judged at the same time: what WORKSHOP_WORKERS says; else as many as there
/// are processors, but no more than four, and not more than the memory has room for if each goes to
/// its limit.
unsigned usual_workers();

/// Calls `job(i)` once for each i below `jobs`, in up to `workers` processes at the same time, and
/// in this one `use(line)` with what it returned, in the order of the jobs. A line is a text
/// without line ends. False when a process was lost, and with it what it was at.
bool share_out(std::size_t jobs, unsigned workers,
               const std::function<std::string(std::size_t)>& job,
               const std::function<void(std::string_view)>& use);

}  // namespace harness

// How much a process has done, whatever else the machine is busy with.

#pragma once

#include <sys/types.h>

#include <chrono>

namespace harness {

/// The time that processors have spent on this process and its threads so far; zero when there is
/// no such process. Where the system does not tell, the time on the clock.
std::chrono::microseconds processor_time(pid_t process);

}  // namespace harness

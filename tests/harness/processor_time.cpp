#include <harness/processor_time.hpp>

#include <ctime>

namespace harness {

using std::chrono::duration_cast;
using std::chrono::microseconds;

std::chrono::microseconds processor_time(pid_t process) {
#ifdef __linux__
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) {
        return microseconds{0};
    }
    return duration_cast<microseconds>(std::chrono::seconds{time.tv_sec} +
                                       std::chrono::nanoseconds{time.tv_nsec});
#else
    static_cast<void>(process);
    return duration_cast<microseconds>(std::chrono::steady_clock::now().time_since_epoch());
#endif
}

}  // namespace harness

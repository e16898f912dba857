#include <harness/child.hpp>

#include <harness/processor_time.hpp>
#include <harness/symbols.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace harness {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto tick = milliseconds{20};
constexpr auto grace = milliseconds{1000};       // between SIGTERM and SIGKILL
constexpr auto short_grace = milliseconds{400};  // where it may take more memory meanwhile
constexpr std::size_t kept_at_each_end = std::size_t{64} << 10;

struct Pipe {
    Pipe() {
        if (pipe(ends.data()) != 0) {
            std::perror("harness: no pipe");
            std::abort();
        }
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        fcntl(ends[0], F_SETFD, FD_CLOEXEC);
        fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    }

    std::array<int, 2> ends{};
};

/// Keeps the beginning and the end of what was written.
class Kept {
public:
    void add(const char* data, std::size_t size) {
        total_ += size;
        text_.append(data, size);
        if (text_.size() > 4 * kept_at_each_end) {
            text_.replace(kept_at_each_end, text_.size() - 2 * kept_at_each_end, "\n[...]\n");
        }
    }

    std::size_t total() const { return total_; }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
    std::size_t total_ = 0;
};

/// Reads what is there; false once the other end is closed.
bool drain(int fd, Kept& kept) {
    std::array<char, 16384> chunk{};
    for (int rounds = 0; rounds < 16; ++rounds) {  // then look at the clock again
        const ssize_t size = read(fd, chunk.data(), chunk.size());
        if (size <= 0) {
            return size < 0;
        }
        kept.add(chunk.data(), static_cast<std::size_t>(size));
    }
    return true;
}

std::size_t resident_bytes(pid_t child) {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/statm", static_cast<int>(child));
    std::size_t total = 0;
    std::size_t resident = 0;
    if (std::FILE* const file = std::fopen(path.data(), "r"); file != nullptr) {
        if (std::fscanf(file, "%zu %zu", &total, &resident) != 2) {
            resident = 0;
        }
        std::fclose(file);
    }
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

[[noreturn]] void be_child(const std::function<void(int)>& body, const Pipe& record,
                           const Pipe& output) {
    setpgid(0, 0);  // so that what it starts is ended with it
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // and so that it ends with who started it
#endif
    dup2(output.ends[1], STDOUT_FILENO);
    dup2(output.ends[1], STDERR_FILENO);
    std::setvbuf(stdout, nullptr, _IONBF, 0);  // nothing is lost in a crash
    body(record.ends[1]);
    _exit(0);
}

/// A descriptor on which poll() wakes when the process ends; -1 where there is no such thing.
int descriptor_of(pid_t process) {
#ifdef SYS_pidfd_open
    return static_cast<int>(syscall(SYS_pidfd_open, process, 0));
#else
    (void)process;
    return -1;
#endif
}

class Watch {
public:
    Watch(pid_t child, const Limits& limits) : child_{child}, limits_{limits} {}

    Ending until_end(int record, int output) {
        const int process = descriptor_of(child_);
        bool record_open = true;
        bool output_open = true;
        while (!ended_) {
            std::array<pollfd, 3> fds{{{record_open ? record : -1, POLLIN, 0},
                                       {output_open ? output : -1, POLLIN, 0},
                                       {process, POLLIN, 0}}};
            const bool about_to_end = process == -1 && !record_open && !output_open;
            poll(fds.data(), fds.size(), about_to_end ? 1 : static_cast<int>(tick.count()));
            look_at_child();  // first: what it wrote before it ended is read below
            record_open = record_open && drain(record, record_);
            output_open = output_open && drain(output, printed_);
            enforce_limits();
        }
        if (process != -1) {
            close(process);
        }
        kill(-child_, SIGKILL);  // whatever it left behind
        ending_.record = record_.take();
        ending_.output = printed_.take();
        ending_.duration = since_start();
        return std::move(ending_);
    }

private:
    milliseconds since_start() const {
        return std::chrono::duration_cast<milliseconds>(Clock::now() - start_);
    }

    void look_at_child() { ended_ = waitpid(child_, &ending_.status, WNOHANG) == child_; }

    void enforce_limits() {
        if (ended_ || Clock::now() < next_look_) {
            return;
        }
        next_look_ = Clock::now() + tick / 2;
        if (ending_.stopped != Ending::Stopped::no) {
            if (since_start() > kill_at_) {
                kill(-child_, SIGKILL);
            }
        } else if (is_late()) {
            stop(Ending::Stopped::time);
        } else if (printed_.total() > limits_.output) {
            stop(Ending::Stopped::output);
        } else if (resident_bytes(child_) > limits_.memory) {
            stop(Ending::Stopped::memory);
        }
    }

    /// True when the time is over, and a good part of it was spent at work, or in waiting for what
    /// does not come. Who was kept from working by a busy machine gets the time twice.
    bool is_late() {
        const Clock::time_point now = Clock::now();
        if (const auto busy = processor_time(child_); busy != busy_) {
            busy_ = busy;
            last_busy_ = now;
        }
        return since_start() > limits_.time &&
               (busy_ > limits_.time / 2 || now - last_busy_ > limits_.time / 2 ||
                since_start() > 2 * limits_.time);
    }

    void stop(Ending::Stopped why) {
        ending_.stopped = why;
        kill_at_ = since_start() + (why == Ending::Stopped::memory ? short_grace : grace);
        kill(child_, SIGTERM);
    }

    pid_t child_;
    Limits limits_;
    Clock::time_point start_ = Clock::now();
    std::chrono::microseconds busy_{};      // processor time, when we last looked
    Clock::time_point last_busy_ = start_;  // when we last saw it grow
    Clock::time_point next_look_ = start_ + tick / 2;
    milliseconds kill_at_{};  // since the start; once it was stopped
    bool ended_ = false;
    Kept record_, printed_;
    Ending ending_;
};

}  // namespace

Ending run_in_child(const std::function<void(int record)>& body, const Limits& limits) {
    const Pipe record;
    const Pipe output;
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == -1) {
        std::perror("harness: no process for the test case");
        std::abort();
    }
    if (child == 0) {
        be_child(body, record, output);
    }
    setpgid(child, child);
    close(record.ends[1]);
    close(output.ends[1]);
    Ending ending = Watch{child, limits}.until_end(record.ends[0], output.ends[0]);
    close(record.ends[0]);
    close(output.ends[0]);
    learn_symbols(ending.output);
    return ending;
}

}  // namespace harness

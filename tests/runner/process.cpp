#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "interruption.hpp"

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace runner {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto grace = 1s;   // between SIGTERM and SIGKILL
constexpr auto tick = 40ms;  // how long we sleep at most
constexpr int verdicts_in_child = 3;
constexpr int could_not_start = 127;

}  // namespace

/// A file descriptor that closes itself.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int value) : value_{value} {}
    Descriptor(Descriptor&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Descriptor() { close(); }

    void close() {
        if (value_ >= 0) {
            ::close(value_);
            value_ = -1;
        }
    }
    int get() const { return value_; }
    bool is_open() const { return value_ >= 0; }

private:
    int value_ = -1;
};

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

namespace {

Pipe make_pipe() {
    int ends[2] = {-1, -1};
    if (pipe(ends) != 0) {
        return {};
    }
    for (const int end : ends) {
        fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

void set_nonblocking(const Descriptor& descriptor) {
    fcntl(descriptor.get(), F_SETFL, fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

void put_at(int from, int to) {
    if (from == to) {
        fcntl(from, F_SETFD, 0);
    } else {
        dup2(from, to);
    }
}

/// Between fork and exec. Returns only when exec failed.
void become(const Command& command, const std::vector<char*>& arguments, int input, int output,
            int verdicts) {
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        ::signal(signal, SIG_DFL);
    }
    // Out of the way of the numbers 0 to 3 first.
    const int high_input = fcntl(input, F_DUPFD_CLOEXEC, 10);
    const int high_output = fcntl(output, F_DUPFD_CLOEXEC, 10);
    const int high_verdicts = verdicts < 0 ? -1 : fcntl(verdicts, F_DUPFD_CLOEXEC, 10);
    put_at(high_input, STDIN_FILENO);
    put_at(high_output, STDOUT_FILENO);
    put_at(high_output, STDERR_FILENO);
    if (high_verdicts >= 0) {
        put_at(high_verdicts, verdicts_in_child);
    }
    for (const auto& [name, value] : command.environment) {
        setenv(name.c_str(), value.c_str(), 1);
    }
    if (!command.folder.empty() && chdir(command.folder.c_str()) != 0) {
        return;
    }
    execvp(arguments[0], arguments.data());
}

}  // namespace

struct Crew::Running {
    std::size_t number = 0;
    bool counted = true;
    Command command;
    Outcome outcome;
    pid_t process = -1;
    Descriptor input;
    std::size_t input_written = 0;
    Descriptor output;
    Descriptor verdicts;
    Clock::time_point started = Clock::now();
    Clock::time_point heard = started;  // when the last verdict came
    Clock::time_point kill_at = Clock::time_point::max();

    void start();
    void write_input();
    void read(Descriptor& from, std::string& into, bool tell);
    void read_all() {
        read(output, outcome.output, true);
        read(verdicts, outcome.verdicts, false);
    }
    bool try_wait();
    void send(int signal) const {
        if (process > 0) {
            kill(-process, signal);
        }
    }
    void end_politely() {
        if (kill_at == Clock::time_point::max()) {
            send(SIGTERM);
            kill_at = Clock::now() + grace;
        }
    }
    void check_time();
};

void Crew::Running::start() {
    Pipe in = make_pipe();
    Pipe out = make_pipe();
    Pipe lines = command.verdicts ? make_pipe() : Pipe{};
    std::vector<std::string> words = command.arguments;
    if (command.verdicts) {
        words.insert(words.end(), {"--verdicts", std::to_string(verdicts_in_child)});
    }
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    process = fork();
    if (process == 0) {
        become(command, arguments, in.read_end.get(), out.write_end.get(), lines.write_end.get());
        _exit(could_not_start);
    }
    if (process < 0) {
        outcome.started = false;
        return;
    }
    setpgid(process, process);  // in both, whoever comes first
    output = std::move(out.read_end);
    set_nonblocking(output);
    if (command.verdicts) {
        verdicts = std::move(lines.read_end);
        set_nonblocking(verdicts);
    }
    if (!command.input.empty()) {
        input = std::move(in.write_end);
        set_nonblocking(input);
    }
}

void Crew::Running::write_input() {
    while (input.is_open() && input_written < command.input.size()) {
        const ssize_t count = write(input.get(), command.input.data() + input_written,
                                    command.input.size() - input_written);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (count < 0) {
            break;
        }
        input_written += static_cast<std::size_t>(count);
    }
    input.close();
}

void Crew::Running::read(Descriptor& from, std::string& into, bool tell) {
    char piece[16384];
    // A program that writes without end must not keep us from looking at the clock.
    for (int turn = 0; from.is_open() && turn < 64; ++turn) {
        const ssize_t count = ::read(from.get(), piece, sizeof piece);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (count <= 0) {
            from.close();
            return;
        }
        const std::string_view text{piece, static_cast<std::size_t>(count)};
        into += text.substr(0, command.cap - std::min(command.cap, into.size()));
        if (tell && command.on_output) {
            command.on_output(text);
        }
        if (!tell) {
            heard = Clock::now();
        }
    }
}

bool Crew::Running::try_wait() {
    int status = 0;
    if (process < 0) {
        return true;
    }
    if (waitpid(process, &status, WNOHANG) != process) {
        return false;
    }
    read_all();
    send(SIGKILL);  // what it left behind
    process = -1;
    outcome.time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
    if (WIFEXITED(status)) {
        outcome.exit_code = WEXITSTATUS(status);
        outcome.started = outcome.exit_code != could_not_start;
    } else if (WIFSIGNALED(status)) {
        outcome.signal = WTERMSIG(status);
    }
    return true;
}

void Crew::Running::check_time() {
    const Clock::time_point now = Clock::now();
    if (now >= kill_at) {
        send(SIGKILL);
    } else if (kill_at == Clock::time_point::max() &&
               (now - started > command.limit || now - heard > command.quiet_limit)) {
        outcome.timed_out = true;
        end_politely();
    }
}

std::string Outcome::ending() const {
    if (!started) {
        return "it could not be started";
    }
    if (signal != 0) {
        return "signal " + std::to_string(signal) + ", " + strsignal(signal);
    }
    return "exit code " + std::to_string(exit_code);
}

Crew::Crew(unsigned jobs)
    : jobs_{jobs != 0 ? jobs : std::max(1U, std::thread::hardware_concurrency())} {}

Crew::~Crew() {
    for (const auto& running : running_) {
        running->send(SIGKILL);
        if (running->process > 0) {
            waitpid(running->process, nullptr, 0);
        }
    }
}

std::size_t Crew::start(Command command, bool counted) {
    const std::size_t number = next_number_++;
    if (counted) {
        waiting_.emplace_back(number, std::move(command));
        return number;
    }
    auto running = std::make_unique<Running>();
    running->number = number;
    running->counted = false;
    running->command = std::move(command);
    running->start();
    running_.push_back(std::move(running));
    return number;
}

void Crew::start_waiting() {
    const auto counted = [](const auto& running) { return running->counted; };
    auto busy = static_cast<unsigned>(std::count_if(running_.begin(), running_.end(), counted));
    for (; busy < jobs_ && !waiting_.empty(); ++busy) {
        auto running = std::make_unique<Running>();
        running->number = waiting_.front().first;
        running->command = std::move(waiting_.front().second);
        waiting_.pop_front();
        running->start();
        running_.push_back(std::move(running));
    }
}

void Crew::wait_for_output() {
    std::vector<pollfd> descriptors;
    bool may_end_unseen = false;
    for (const auto& running : running_) {
        for (const Descriptor* from : {&running->output, &running->verdicts}) {
            if (from->is_open()) {
                descriptors.push_back({from->get(), POLLIN, 0});
            }
        }
        if (running->input.is_open()) {
            descriptors.push_back({running->input.get(), POLLOUT, 0});
        }
        may_end_unseen = may_end_unseen || !running->output.is_open();
    }
    // A program that closed its output is about to end.
    const auto sleep = may_end_unseen ? 1ms : tick;
    poll(descriptors.data(), static_cast<nfds_t>(descriptors.size()),
         static_cast<int>(sleep.count()));
}

bool Crew::look_after(Running& running) {
    running.write_input();
    running.read_all();
    running.check_time();
    return running.try_wait();
}

void Crew::run(const Finished& finished, const std::function<bool()>& should_stop) {
    start_waiting();
    bool stopping = false;
    while (!running_.empty()) {
        wait_for_output();
        if (!stopping && (interrupted() != 0 || (should_stop && should_stop()))) {
            stopping = true;
            waiting_.clear();
            for (const auto& running : running_) {
                running->outcome.stopped = true;
                running->end_politely();
            }
        }
        for (auto at = running_.begin(); at != running_.end();) {
            if (!look_after(**at)) {
                ++at;
                continue;
            }
            const std::unique_ptr<Running> ended = std::move(*at);
            at = running_.erase(at);
            finished(ended->number, std::move(ended->outcome));
        }
        start_waiting();
    }
}

Outcome run_program(Command command) {
    Outcome result;
    Crew crew{1};
    crew.start(std::move(command));
    crew.run([&](std::size_t, Outcome outcome) { result = std::move(outcome); });
    return result;
}

}  // namespace runner

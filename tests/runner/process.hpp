// Runs programs at the same time, collects what they write, and ends them when their time is up.

#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner {

struct Command {
    std::vector<std::string> arguments;                            // the program first
    std::filesystem::path folder;                                  // to start in; empty: ours
    std::vector<std::pair<std::string, std::string>> environment;  // added to ours
    std::string input;      // what it finds on standard input
    bool verdicts = false;  // adds "--verdicts FD" with a pipe of its own
    std::chrono::milliseconds limit = std::chrono::hours{24};
    std::chrono::milliseconds quiet_limit = std::chrono::hours{24};  // without a verdict
    std::size_t cap = 4U << 20U;  // bytes kept of each stream; what comes after it is dropped
    std::function<void(std::string_view)> on_output;  // each piece, as it comes
};

struct Outcome {
    std::string output;    // standard output and standard error, as they came
    std::string verdicts;  // what came through the pipe for verdicts
    bool started = true;   // false: the program could not be run at all
    bool timed_out = false;
    bool stopped = false;  // we ended it, because of Ctrl-C or a new save
    int exit_code = -1;    // where it ended by itself
    int signal = 0;        // where a signal ended it
    std::chrono::milliseconds time{0};

    bool success() const { return started && !timed_out && !stopped && exit_code == 0; }
    /// "signal 11, Segmentation fault", "exit code 3".
    std::string ending() const;
};

/// A group of processes. Each runs in a process group of its own, so that its children end with it.
class Crew {
public:
    using Finished = std::function<void(std::size_t, Outcome)>;

    /// At most `jobs` at a time; 0: as many as there are processors.
    explicit Crew(unsigned jobs = 0);
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    /// Returns the number that `finished` will be told. A command that is not `counted` starts at
    /// once, whatever else runs.
    std::size_t start(Command command, bool counted = true);

    /// Until all have ended; `finished` may start more. `should_stop` is asked some twenty times
    /// a second.
    void run(const Finished& finished, const std::function<bool()>& should_stop = nullptr);

private:
    struct Running;

    void start_waiting();
    void wait_for_output();
    bool look_after(Running& running);

    unsigned jobs_;
    std::size_t next_number_ = 0;
    std::deque<std::pair<std::size_t, Command>> waiting_;
    std::list<std::unique_ptr<Running>> running_;
};

/// Runs one program to its end.
Outcome run_program(Command command);

}  // namespace runner

#include <harness/workers.hpp>

#include <harness/child.hpp>
#include <harness/journal.hpp>
#include <harness/shared.hpp>

#include <poll.h>
#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

namespace harness {
namespace {

/// A process that does jobs until none is left, and writes a line for each: its number, a blank,
/// and what it returned.
class Worker {
public:
    Worker(std::size_t jobs, std::atomic<std::size_t>& next,
           const std::function<std::string(std::size_t)>& job) {
        std::array<int, 2> ends{};
        std::fflush(nullptr);
        if (pipe(ends.data()) != 0 || (process_ = fork()) == -1) {
            std::perror("harness: no process for the test cases");
            std::abort();
        }
        if (process_ == 0) {
            close(ends[0]);
            work(ends[1], jobs, next, job);
        }
        close(ends[1]);
        output_ = ends[0];
    }

    /// Appends what it has written since.
    void read_into(std::string& text) {
        std::array<char, 16384> chunk{};
        const ssize_t size = read(output_, chunk.data(), chunk.size());
        if (size > 0) {
            text.append(chunk.data(), static_cast<std::size_t>(size));
        } else if (size == 0 || errno != EINTR) {
            end();
        }
    }

    /// No longer listens, and waits until it has ended.
    void end() {
        if (output_ != -1) {
            close(output_);
            output_ = -1;
            waitpid(process_, nullptr, 0);
        }
    }

    int output() const { return output_; }  // -1 once it has ended

private:
    [[noreturn]] static void work(int output, std::size_t jobs, std::atomic<std::size_t>& next,
                                  const std::function<std::string(std::size_t)>& job) {
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // it ends with who started it
#endif
        Journal::begin_own();
        for (std::size_t i = next++; i < jobs; i = next++) {
            const std::string line = std::to_string(i) + ' ' + job(i) + '\n';
            for (std::size_t done = 0; done < line.size();) {
                const ssize_t size = write(output, line.data() + done, line.size() - done);
                if (size <= 0) {
                    _exit(1);  // nobody listens any more
                }
                done += static_cast<std::size_t>(size);
            }
        }
        _exit(0);
    }

    pid_t process_ = -1;
    int output_ = -1;
};

/// Lines that come in any order, and leave in theirs.
class InOrder {
public:
    InOrder(std::size_t count, const std::function<void(std::string_view)>& use)
        : lines_(count), use_{use} {}

    /// Takes the lines that are complete out of the text.
    void take_from(std::string& text) {
        std::size_t begin = 0;
        for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
            take(std::string_view{text}.substr(begin, end - begin));
            begin = end + 1;
        }
        text.erase(0, begin);
    }

    bool complete() const { return used_ == lines_.size(); }

private:
    void take(std::string_view line) {
        std::size_t number = 0;
        const char* const end = line.data() + line.size();
        const char* const blank = std::from_chars(line.data(), end, number).ptr;
        lines_.at(number) = std::string{blank + 1, end};
        for (; !complete() && lines_[used_]; ++used_) {
            use_(*lines_[used_]);
        }
    }

    std::vector<std::optional<std::string>> lines_;
    const std::function<void(std::string_view)>& use_;
    std::size_t used_ = 0;
};

}  // namespace

unsigned usual_workers() {
    if (const char* const text = std::getenv("WORKSHOP_WORKERS"); text != nullptr) {
        return static_cast<unsigned>(std::max(1, std::atoi(text)));
    }
    constexpr long at_most = 4;
    const auto pages = static_cast<std::size_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
    const std::size_t memory = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const auto fit = static_cast<long>(memory / 2 / Limits{}.memory);
    return static_cast<unsigned>(
        std::clamp(std::min(sysconf(_SC_NPROCESSORS_ONLN), fit), 1L, at_most));
}

bool share_out(std::size_t jobs, unsigned workers,
               const std::function<std::string(std::size_t)>& job,
               const std::function<void(std::string_view)>& use) {
    auto& next = new_shared<std::atomic<std::size_t>>();
    std::vector<Worker> crew;
    for (std::size_t i = 0; i < std::min<std::size_t>(workers, jobs); ++i) {
        crew.emplace_back(jobs, next, job);
    }
    std::vector<std::string> texts(crew.size());
    InOrder in_order{jobs, use};
    const auto works = [](const Worker& worker) { return worker.output() != -1; };
    // Not until the end of what they write: a process that a case has left behind may hold it open.
    while (!in_order.complete() && std::any_of(crew.begin(), crew.end(), works)) {
        std::vector<pollfd> outputs;
        for (const Worker& worker : crew) {
            outputs.push_back({worker.output(), POLLIN, 0});
        }
        poll(outputs.data(), outputs.size(), -1);
        for (std::size_t i = 0; i < crew.size(); ++i) {
            if (outputs[i].revents != 0) {
                crew[i].read_into(texts[i]);
                in_order.take_from(texts[i]);
            }
        }
    }
    for (Worker& worker : crew) {
        worker.end();
    }
    return in_order.complete();
}

}  // namespace harness

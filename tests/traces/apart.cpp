#include "apart.hpp"

#include <todo.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace traces {
namespace {

// The first byte that the child writes says what the rest is.
constexpr char is_done = 'd';
constexpr char is_to_do = 't';
constexpr char is_wrong = 'w';

int to_parent = -1;

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(to_parent, text.data(), text.size());
        if (written <= 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

[[noreturn]] void end_with(char kind, std::string_view text) {
    write_all({&kind, 1});
    write_all(text);
    _exit(0);
}

/// Called at the first todo(). The paths that the compiler notes may be relative to the build
/// folder or whole; from steps/ on they are the project's.
void end_as_to_do(const char* file, int line) {
    const std::string_view path = file;
    const std::size_t steps = path.rfind("steps/");
    end_with(is_to_do,
             fmt::format("todo() in {}:{}", path.substr(steps == path.npos ? 0 : steps), line));
}

[[noreturn]] void work_in_child(const std::function<std::string()>& work) {
    workshop::on_todo = end_as_to_do;
    try {
        end_with(is_done, work());
    } catch (const Wrong& wrong) {
        end_with(is_wrong, wrong.why);
    }
}

/// All that comes until the other side closes; false when the time is up first.
bool read_until(int from, std::chrono::steady_clock::time_point end, std::string& text) {
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        pollfd waiting{from, POLLIN, 0};
        const int ready = poll(&waiting, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready == 0) {
            return false;
        }
        char piece[4096];
        const ssize_t count = ready < 0 ? -1 : read(from, piece, sizeof piece);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return true;
        }
        text.append(piece, static_cast<std::size_t>(count));
    }
}

Report report_of(const std::string& text, int status, int seconds, bool in_time) {
    if (!in_time) {
        return {Fate::hung, fmt::format("no end after {} s", seconds)};
    }
    if (WIFSIGNALED(status)) {
        return {Fate::crashed,
                fmt::format("signal {}, {}", WTERMSIG(status), strsignal(WTERMSIG(status)))};
    }
    const char kind = text.empty() ? '\0' : text.front();
    if (kind == '\0' || WEXITSTATUS(status) != 0) {
        return {Fate::crashed, fmt::format("it ended with exit code {}", WEXITSTATUS(status))};
    }
    const Fate fate = kind == is_to_do ? Fate::to_do : kind == is_wrong ? Fate::wrong : Fate::done;
    return {fate, text.substr(1)};
}

}  // namespace

Report apart(const std::function<std::string()>& work, int seconds) {
    int ends[2];
    if (pipe(ends) != 0) {
        return {Fate::crashed, fmt::format("no pipe: {}", std::strerror(errno))};
    }
    std::fflush(nullptr);  // or the child would print it again
    const pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return {Fate::crashed, fmt::format("no process: {}", std::strerror(errno))};
    }
    if (child == 0) {
        close(ends[0]);
        to_parent = ends[1];
        work_in_child(work);
    }
    close(ends[1]);
    std::string text;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
    const bool in_time = read_until(ends[0], end, text);
    if (!in_time) {
        kill(child, SIGKILL);
    }
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return report_of(text, status, seconds, in_time);
}

std::string spoken(Fate fate) {
    switch (fate) {
        case Fate::done:
            return "done";
        case Fate::to_do:
            return "to do";
        case Fate::wrong:
            return "wrong";
        case Fate::hung:
            return "hung";
        case Fate::crashed:
            break;
    }
    return "crashed";
}

}  // namespace traces

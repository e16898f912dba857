// Jobs that are shared out among processes.

#include <harness/workers.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <vector>

using harness::share_out;
using std::chrono::milliseconds;

namespace {

/// The lines of so many jobs, in the order in which they were used.
std::vector<std::string> lines_of(std::size_t jobs, unsigned workers,
                                  const std::function<std::string(std::size_t)>& job) {
    std::vector<std::string> lines;
    CHECK(share_out(jobs, workers, job, [&](std::string_view line) { lines.emplace_back(line); }));
    return lines;
}

}  // namespace

TEST_CASE("each job is done once, and its line used in its turn") {
    for (const unsigned workers : {1U, 3U, 20U}) {
        const auto lines = lines_of(10, workers, [](std::size_t i) {
            std::this_thread::sleep_for(milliseconds{i % 3 == 0 ? 5 : 0});
            return "job " + std::to_string(i);
        });
        REQUIRE(lines.size() == 10);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            CHECK(lines[i] == "job " + std::to_string(i));
        }
    }
}

TEST_CASE("no job, no process") {
    CHECK(lines_of(0, 4, [](std::size_t) { return ""; }).empty());
}

TEST_CASE("lines may be long, and empty") {
    const auto lines = lines_of(4, 2, [](std::size_t i) { return std::string(i * 100'000, 'x'); });
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].empty());
    CHECK(lines[3].size() == 300'000);
}

TEST_CASE("some jobs are done at the same time, in processes of their own") {
    const auto lines = lines_of(8, 2, [](std::size_t) {
        std::this_thread::sleep_for(milliseconds{20});
        return std::to_string(getpid());
    });
    CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == 2);
}

TEST_CASE("a process that is lost is told, and the lines in front of its own are used") {
    std::vector<std::string> lines;
    const auto job = [](std::size_t i) {
        if (i == 2) {
            _exit(3);
        }
        return std::to_string(i);
    };

    CHECK_FALSE(share_out(4, 1, job, [&](std::string_view line) { lines.emplace_back(line); }));
    CHECK(lines == std::vector<std::string>{"0", "1"});
}

TEST_CASE("a process that a job leaves behind does not hold up the end") {
    const auto start = std::chrono::steady_clock::now();
    (void)lines_of(2, 2, [](std::size_t) {
        if (fork() == 0) {
            close(STDOUT_FILENO);  // for these, somebody else may wait
            close(STDERR_FILENO);
            sleep(20);
            _exit(0);
        }
        return "";
    });
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{15});
}

TEST_CASE("who judges many at the same time says how many workers each may have") {
    setenv("WORKSHOP_WORKERS", "7", 1);
    CHECK(harness::usual_workers() == 7);
    setenv("WORKSHOP_WORKERS", "none", 1);
    CHECK(harness::usual_workers() == 1);
    unsetenv("WORKSHOP_WORKERS");
}

TEST_CASE("there is always one worker, and never a crowd") {
    CHECK(harness::usual_workers() >= 1);
    CHECK(harness::usual_workers() <= 4);
}

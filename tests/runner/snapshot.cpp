#include "snapshot.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "interruption.hpp"
#include "project.hpp"

namespace runner {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto poll_interval = 60ms;
constexpr auto settle_interval = 15ms;
constexpr auto reappear_limit = 200ms;

/// True when a file that `before` had is not there.
bool lost_a_file(const Snapshot& before, const Snapshot& now) {
    return std::any_of(before.begin(), before.end(), [&](const FileState& old) {
        return old.exists && std::none_of(now.begin(), now.end(), [&](const FileState& state) {
                   return state.path == old.path && state.exists;
               });
    });
}

}  // namespace

Snapshot take_snapshot(const std::vector<std::filesystem::path>& files) {
    Snapshot snapshot;
    for (const std::filesystem::path& file : files) {
        FileState state;
        state.path = file.string();
        struct stat found = {};
        if (stat(file.c_str(), &found) == 0) {
            state.exists = true;
#ifdef __APPLE__
            const timespec& time = found.st_mtimespec;
#else
            const timespec& time = found.st_mtim;
#endif
            state.seconds = time.tv_sec;
            state.nanoseconds = time.tv_nsec;
            state.size = found.st_size;
            state.inode = found.st_ino;
        }
        snapshot.push_back(std::move(state));
    }
    return snapshot;
}

Snapshot take_snapshot(const Project& project, const Part& part) {
    std::vector<const Part*> parts = project.earlier(part);
    parts.push_back(&part);
    std::vector<std::filesystem::path> files;
    for (const Part* each : parts) {
        for (const std::string& file : project.files_of(*each, Tree::learner)) {
            files.push_back(project.root / file);
        }
    }
    return take_snapshot(files);
}

void wait_for_save(const std::function<Snapshot()>& look, const Snapshot& judged) {
    Snapshot now = look();
    while (now == judged && interrupted() == 0) {
        std::this_thread::sleep_for(poll_interval);
        now = look();
    }
    const Clock::time_point seen = Clock::now();
    for (bool settled = false; !settled && interrupted() == 0;) {
        std::this_thread::sleep_for(settle_interval);
        const Snapshot later = look();
        const bool patient = Clock::now() - seen < reappear_limit;
        settled = !patient || (later == now && !lost_a_file(judged, later));
        now = later;
    }
}

}  // namespace runner

// The state of some files, to tell whether one was saved since.

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace runner {

struct Project;
struct Part;

/// What a save changes: an editor may write into the file, or put a new one in its place.
struct FileState {
    std::string path;
    bool exists = false;
    long long seconds = 0;
    long nanoseconds = 0;
    off_t size = 0;
    ino_t inode = 0;

    bool operator==(const FileState& other) const = default;
};

using Snapshot = std::vector<FileState>;

/// The state of these files now. Never fails: a file that is not there is a state as well.
Snapshot take_snapshot(const std::vector<std::filesystem::path>& files);

/// Of all files the learner edits in a part and in those it stands on.
Snapshot take_snapshot(const Project& project, const Part& part);

/// Looks some times a second until the files differ from what was judged and writing them seems to
/// be over: an editor may write in pieces, or take the old file away first. Looking also works
/// where no notification comes, as on network file systems. Returns early on Ctrl-C.
void wait_for_save(const std::function<Snapshot()>& look, const Snapshot& judged);

}  // namespace runner

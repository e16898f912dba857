#include "../snapshot.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;

namespace {

/// What an editor does to a file, look by look; the last one stays.
struct Looks {
    std::vector<Snapshot> looks;
    std::size_t next = 0;

    Snapshot operator()() { return looks[next + 1 < looks.size() ? next++ : next]; }
};

Snapshot file(long long seconds) {
    return {{"bump.hpp", true, seconds, 0, 10, 1}};
}
const Snapshot gone = {{"bump.hpp", false, 0, 0, 0, 0}};

}  // namespace

TEST_CASE("a save, a new file in the old one's place and a deletion are told from no change") {
    const Folder folder;
    const auto path = folder.write("a.hpp", "one");
    const Snapshot before = take_snapshot({path});
    CHECK(before == take_snapshot({path}));

    const auto time = std::filesystem::last_write_time(path);
    folder.write("a.hpp", "two");
    std::filesystem::last_write_time(path, time);
    CHECK(before != take_snapshot({path}));  // by its inode

    std::filesystem::remove(path);
    CHECK(take_snapshot({path}) != before);
    CHECK(take_snapshot({path}) == take_snapshot({path}));
}

TEST_CASE("all files of a step and of those before it are looked at, new ones too") {
    const Folder folder;
    folder.write("steps/1_one/one.hpp", "x");
    folder.write("steps/2_two/two.hpp", "x");
    folder.write("steps/3_three/three.hpp", "x");
    const Project project =
        folder.project("1_one\t1\t1_one\n2_two\t2\t2_two\n3_three\t3\t3_three\n");
    const Snapshot before = take_snapshot(project, project.parts[1]);

    folder.write("steps/3_three/three.hpp", "y");
    CHECK(take_snapshot(project, project.parts[1]) == before);
    folder.write("steps/1_one/more.hpp", "y");
    CHECK(take_snapshot(project, project.parts[1]) != before);
}

TEST_CASE("waiting ends at a save that came before it began") {
    Looks looks{{file(2)}};
    wait_for_save(std::ref(looks), file(1));
}

TEST_CASE("waiting goes on while a file is written in pieces, and while it is away") {
    Looks looks{{file(1), file(1), gone, gone, gone, file(2), file(3), file(3)}};
    wait_for_save(std::ref(looks), file(1));
    CHECK(looks.next == 7);
}

TEST_CASE("a file that stays away is not waited for without end") {
    Looks looks{{file(1), gone}};
    wait_for_save(std::ref(looks), file(1));
}

#include "../clones.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> names_of(const std::vector<Clone>& clones) {
    std::vector<std::string> names;
    for (const Clone& clone : clones) {
        names.push_back(clone.name + (clone.problem.empty() ? "" : ": " + clone.problem));
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a folder of clones: each folder is one, in the order of their names") {
    const Folder folder;
    for (const char* const clone : {"dora", "ada", "ben"}) {
        fs::create_directories(folder.path() / clone / "steps");
    }
    fs::create_directories(folder.path() / ".git/steps");
    folder.write("list.txt", "");
    CHECK(names_of(find_clones({folder.path().string()})) == Names{"ada", "ben", "dora"});
}

TEST_CASE("an archive may have unpacked the clone one folder deeper") {
    const Folder folder;
    fs::create_directories(folder.path() / "ada/workshop-main/steps");
    fs::create_directories(folder.path() / "ben/one/steps");
    fs::create_directories(folder.path() / "ben/two/steps");
    fs::create_directories(folder.path() / "cem/empty");
    const std::vector<Clone> clones = find_clones({folder.path().string() + "/"});
    CHECK(names_of(clones) == Names{"ada", "ben: Several clones of the workshop; expected one.",
                                    "cem: No clone of the workshop: it has no folder steps/."});
    CHECK(clones.front().folder == folder.path() / "ada/workshop-main");
}

TEST_CASE("a clone may be named itself; what is missing gets its row") {
    const Folder folder;
    const std::string ada = (folder.path() / "ada").string();
    const std::string none = (folder.path() / "none").string();
    const std::string file = folder.write("file", "").string();
    const std::string empty = (folder.path() / "empty").string();
    fs::create_directories(folder.path() / "ada/steps");
    fs::create_directories(empty);
    CHECK(names_of(find_clones({ada, none, file, empty, ada + "/"})) ==
          Names{ada, none + ": There is no such folder.",
                file + ": It is a file; expected a folder.",
                empty + ": It holds no clones of the workshop."});
}

TEST_CASE("two classes may have learners of the same name") {
    const Folder folder;
    const std::string one = (folder.path() / "one").string();
    const std::string two = (folder.path() / "two").string();
    fs::create_directories(one + "/ada/steps");
    fs::create_directories(two + "/ada/steps");
    CHECK(names_of(find_clones({one, two})) == Names{one + "/ada", two + "/ada"});
}

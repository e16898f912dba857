#include "../bugs.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;

namespace {

constexpr const char* parts = "1_one\t1\t1_one 1_two\nextensions/pool\tpool\textensions/pool\n";

std::string bug_file(const std::string& tasks) {
    return "Task: " + tasks +
           "\nSymptom: it is lost\nSeen: somewhere: twice\n--- one.hpp\n+++ one.hpp\n@@\n-a\n+b\n";
}

std::vector<std::string> names_of(const std::vector<Bug>& bugs) {
    std::vector<std::string> names;
    for (const Bug& bug : bugs) {
        names.push_back(std::to_string(bug.number) + " " + bug.name);
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a bug has tasks, a symptom, where it was seen, and a diff") {
    const Bug bug = parse_bug("loses_it", bug_file("1.2 1.10"));
    CHECK(bug.name == "loses_it");
    CHECK(bug.symptom == "it is lost");
    CHECK(bug.seen == "somewhere: twice");
    CHECK(bug.diff == "--- one.hpp\n+++ one.hpp\n@@\n-a\n+b\n");
    CHECK(bug.files == Names{"one.hpp"});
    CHECK(bug.of("1.2"));
    CHECK(bug.of("1.10"));
    CHECK_FALSE(bug.of("1.1"));
}

TEST_CASE("bugs are numbered by task and then by name; other files are none") {
    const Folder folder;
    folder.write("tests/bugs/1_one/b.diff", bug_file("1.10"));
    folder.write("tests/bugs/1_one/c.diff", bug_file("1.2"));
    folder.write("tests/bugs/1_one/a.diff", bug_file("1.10"));
    folder.write("tests/bugs/1_one/notes.txt", bug_file("1.1"));
    folder.write("tests/bugs/1_one/empty.diff", "");
    const Project project = folder.project(parts);
    CHECK(names_of(read_bugs(project, project.parts[0])) == Names{"1 c", "2 a", "3 b"});
    CHECK(read_bugs(project, project.parts[1]).empty());
}

TEST_CASE("its judge has the name that Meson gives it") {
    const Project project = Folder{}.project(parts);
    const Bug bug = parse_bug("a", bug_file("1.1"));
    CHECK(bug_target(project.parts[0], bug, "1_one") == "tests/bugs/bug_1_one__a_1_one");
    CHECK(bug_target(project.parts[1], bug, "extensions/pool") ==
          "tests/bugs/bug_extensions_pool__a_extensions_pool");
}

TEST_CASE("near names are found, and far ones are not") {
    std::vector<Bug> bugs;
    for (const char* const name : {"never_splits", "never_shrinks", "owns_all", "owns_one"}) {
        bugs.push_back(parse_bug(name, bug_file("1.1")));
    }
    CHECK(near_names("never_split", bugs) == Names{"never_splits"});
    CHECK(near_names("owns", bugs) == Names{"owns_all", "owns_one"});
    CHECK(near_names("nevr_shrinks", bugs).front() == "never_shrinks");
    CHECK(near_names("quite_another", bugs).empty());
}

// Clones are put into place and judged with a shell script instead of the workshop: it does what
// the clone's one header says, and so what befalls a judging process.

#include "../grading.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../problem.hpp"
#include "../workbench.hpp"
#include "folder.hpp"

using namespace runner;
using harness::Kind;
using harness::Verdict;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr const char* graded_rules = R"(ninja_required_version = 1.8.2

rule compile
 command = cc $ARGS -o $out $in
 description = Compiling C++ object $out

rule archive
 command = cp $in $out
 description = Linking static target $out

rule regenerate
 command = touch build.ninja
 generator = 1

rule link
 command = cp $in $out

build build.ninja: regenerate ../meson.build
 pool = console

build tests/harness/libharness.a.p/one.o: compile ../tests/harness/one.cpp
build tests/harness/libharness.a: archive tests/harness/libharness.a.p/one.o
build tests/learner_1_one.p/pch.hpp.gch: compile ../tests/pch.hpp
 ARGS = -first
build tests/learner_1_one.p/1_one.cpp.o: compile ../tests/1_one.cpp | tests/learner_1_one.p/pch.hpp.gch
 ARGS = '-DSTEP_FOLDER="ROOT/steps/1_one"' -IROOT-old
build tests/learner_1_one: link tests/learner_1_one.p/1_one.cpp.o | /usr/lib/libz.a tests/harness/libharness.a
build tests/solution_1_one: link tests/learner_1_one.p/1_one.cpp.o | tests/harness/libharness.a
build all: phony tests/solution_1_one
default all

)";

constexpr const char* one_step = "1_one\t1\t1_one\n";

class GradedWorkshop : public Folder {
public:
    GradedWorkshop() {
        std::string text = replaced(graded_rules, "ROOT", path().string());
        text.replace(text.find("cc $ARGS -o $out $in"), 20, "cp $in $out");
        write("meson.build", "");
        write("build/build.ninja", text);
        write("build/parts.txt", one_step);
        write("steps/todo.hpp", "the workshop's own");
        write("solutions/1_one/one.hpp", "");
        write("tests/harness/one.cpp", "an object");
        write("tests/1_one.cpp",
              "TEST_SUITE(\"1.1 task\") { TEST_CASE(\"first\") {} TEST_CASE(\"second\") {} }\n");
        fs::create_directories(path() / "build/tests/harness/libharness.a.p");
    }

    Project project() const { return Folder::project(one_step); }

    /// With the script that judges in place of ours: `$1` is what the clone's header says.
    std::vector<Grade> grades(const std::vector<Clone>& clones,
                              std::chrono::milliseconds limit = 20s) const {
        const fs::path program = write("workshop", R"(#!/bin/sh
            . "$WORKSHOP_ROOT/steps/1_one/one.hpp"
)");
        chmod(program.c_str(), 0755);
        ClassOptions options;
        options.program = program.string();
        options.limit = limit;
        return grade_clones(project(), clones, options);
    }

    Clone clone(const std::string& name, const std::string& script) const {
        write("class/" + name + "/steps/1_one/one.hpp", script);
        return {name, path() / "class" / name, {}};
    }
};

Verdict verdict(const std::string& name, Kind kind, const std::string& summary = {}) {
    Verdict result;
    result.suite = "1.1 task";
    result.name = name;
    result.kind = kind;
    result.summary = summary;
    return result;
}

/// A script that prints such verdicts.
std::string that_says(const std::vector<Verdict>& verdicts) {
    const Part part{"1_one", "1", {"1_one"}};
    return "cat <<'END'\n" +
           grade_lines({PartProgress{&part, {}, verdicts, harness::Kills{3, 5}}}) + "END\n";
}

}  // namespace

TEST_CASE("a judge that is compiled once is shared, its bridge is not") {
    const BuildExtract extract = extract_build(
        "build tests/libjudge_1_one.a.p/1_one.cpp.o: compile ../tests/1_one.cpp\n"
        "build tests/libjudge_1_one.a: archive tests/libjudge_1_one.a.p/1_one.cpp.o\n"
        "build tests/liblearner_bridge_one.a.p/one.cpp.o: compile ../tests/bridges/one.cpp\n"
        "build tests/liblearner_bridge_one.a: archive tests/liblearner_bridge_one.a.p/one.cpp.o\n"
        "build tests/learner_1_one: link tests/libjudge_1_one.a.p/1_one.cpp.o | "
        "tests/liblearner_bridge_one.a\n",
        {"tests/learner_1_one"});
    CHECK(extract.libraries == std::vector<std::string>{"tests/libjudge_1_one.a"});
    CHECK(extract.text.find("build tests/learner_1_one:") != std::string::npos);
    CHECK(extract.text.find("build tests/liblearner_bridge_one.a:") != std::string::npos);
    CHECK(extract.text.find("build tests/liblearner_bridge_one.a.p/one.cpp.o:") !=
          std::string::npos);
    CHECK(extract.text.find("build tests/libjudge") == std::string::npos);
}

TEST_CASE("of the build only what the targets need is taken, but no static library") {
    const BuildExtract extract = extract_build(graded_rules, {"tests/learner_1_one"});
    CHECK(extract.libraries == std::vector<std::string>{"tests/harness/libharness.a"});
    CHECK(extract.text.find("rule compile\n command") != std::string::npos);
    CHECK(extract.text.find("build tests/learner_1_one:") != std::string::npos);
    CHECK(extract.text.find("build tests/learner_1_one.p/1_one.cpp.o:") != std::string::npos);
    CHECK(extract.text.find("gch: compile ../tests/pch.hpp\n ARGS = -first\n") !=
          std::string::npos);
    CHECK(extract.text.find("build tests/solution") == std::string::npos);
    CHECK(extract.text.find("build tests/harness") == std::string::npos);
    CHECK(extract.text.find("build build.ninja") == std::string::npos);
    CHECK(extract.text.find("default") == std::string::npos);
}

TEST_CASE("a path is replaced where it is one, not where another begins like it") {
    CHECK(with_path_replaced("-I/a/b -I/a/b/c '/a/b' /a/bc /a/b-2", "/a/b", "/x") ==
          "-I/x -I/x/c '/x' /a/bc /a/b-2");
}

TEST_CASE("a clone is put into place: its steps, and all else from the project") {
    const GradedWorkshop workshop;
    const Clone clone = workshop.clone("ada", "mine");
    workshop.write("class/ada/steps/1_one/detail/more.hpp", "more");
    workshop.write("class/ada/steps/todo.hpp", "not the workshop's");
    workshop.write("class/ada/tests/1_one.cpp", "a judge that is always content");
    workshop.write("secret.hpp", "not the clone's");
    workshop.write("class/ada/steps/1_one/large.hpp", std::string((1U << 20U) + 1, ' '));
    const fs::path own = clone.folder / "steps/1_one";
    fs::create_symlink("one.hpp", own / "link.hpp");
    fs::create_symlink(workshop.path() / "secret.hpp", own / "secret.hpp");
    fs::create_symlink(".", own / "circle");
    fs::create_symlink("/", own / "everything");
    REQUIRE(mkfifo((own / "pipe.hpp").c_str(), 0600) == 0);

    const Workbenches benches{workshop.project()};
    const Project bench = benches.set_up(clone.folder, workshop.path() / "build/place");

    const auto text = [&](const std::string& file) {
        return read_file(bench.root / file).value_or("(none)");
    };
    CHECK(text("steps/1_one/one.hpp") == "mine");
    CHECK(text("steps/1_one/detail/more.hpp") == "more");
    CHECK(text("steps/1_one/link.hpp") == "mine");
    CHECK(text("steps/1_one/secret.hpp") == "(none)");
    CHECK(text("steps/1_one/large.hpp") == "(none)");
    CHECK(text("steps/1_one/pipe.hpp") == "(none)");
    CHECK_FALSE(fs::exists(bench.root / "steps/1_one/everything/etc"));
    CHECK(text("steps/todo.hpp") == "the workshop's own");
    CHECK(text("tests/1_one.cpp").find("TEST_SUITE") != std::string::npos);

    CHECK(read_file(bench.build / "tests/harness/libharness.a") == "an object");
    CHECK(read_file(bench.build / "parts.txt") == one_step);
    const std::string build = read_file(bench.build / "build.ninja").value_or("");
    CHECK(build.find(bench.root.string() + "/steps/1_one\"") != std::string::npos);
    CHECK(build.find("-I" + workshop.path().string() + "-old") != std::string::npos);
}

TEST_CASE("a build folder beside the project keeps its distance") {
    const GradedWorkshop workshop;
    Project project = workshop.project();
    project.build = workshop.path().parent_path() / (workshop.path().filename().string() + "-b");
    fs::rename(workshop.path() / "build", project.build);
    const std::string name = workshop.path().filename().string();
    const std::string file = read_file(project.build / "build.ninja").value_or("");
    write_file(project.build / "build.ninja",
               replaced(file, " ../", " ../" + replaced(name, " ", "$ ") + "/"));

    const Clone clone = workshop.clone("ada", "mine");
    const Workbenches benches{project};
    const Project bench = benches.set_up(clone.folder, project.build / "place");
    CHECK(read_file(bench.build / ".." / name / "tests/1_one.cpp").has_value());
    CHECK(read_file(bench.build / ".." / name / "steps/1_one/one.hpp") == "mine");
    fs::remove_all(project.build);
}

TEST_CASE("verdicts come through; stories stay behind") {
    const GradedWorkshop workshop;
    Verdict second = verdict("second", Kind::wrong, "tab\tand\nline");
    second.story = "a story";
    const std::vector<Grade> grades =
        workshop.grades({workshop.clone("ada", that_says({verdict("first", Kind::done), second}))});
    REQUIRE(grades.size() == 1);
    REQUIRE(grades[0].problem.empty());
    REQUIRE(grades[0].parts.size() == 1);
    CHECK(grades[0].tasks() == 1);
    CHECK(grades[0].tasks_done() == 0);
    CHECK(grades[0].kills() == harness::Kills{3, 5});
    REQUIRE(grades[0].first_failing() != nullptr);
    CHECK(grades[0].first_failing()->summary == "tab\tand\nline");
    CHECK(grades[0].first_failing()->story.empty());
}

TEST_CASE("what befalls one clone does not concern the others") {
    const GradedWorkshop workshop;
    const std::vector<Grade> grades = workshop.grades(
        {
            {"gone", workshop.path() / "gone", "There is no such folder."},
            workshop.clone("killed", "kill -SEGV $$"),
            workshop.clone("hangs", "sleep 100"),
            workshop.clone("silent", "exit 0"),
            workshop.clone("fails", "echo 'No compiler.'; echo more; exit 2"),
            workshop.clone("cut", that_says({verdict("first", Kind::done)}).erase(40) + "\nEND\n"),
            workshop.clone("good", that_says({verdict("first", Kind::done)})),
        },
        700ms);
    REQUIRE(grades.size() == 7);
    CHECK(grades[0].problem == "There is no such folder.");
    CHECK(grades[1].problem.find("Judging it ended with signal 11") == 0);
    CHECK(grades[2].problem == "It was not judged within 0.7 s.");
    CHECK(grades[3].problem == "Judging it gave no verdicts.");
    CHECK(grades[4].problem == "No compiler.");
    CHECK(grades[5].problem == "Judging it gave no verdicts.");
    CHECK(grades[6].problem.empty());
    CHECK(grades[6].tasks_done() == 1);
    for (const auto& entry : fs::directory_iterator{workshop.path() / "build"}) {
        CHECK(entry.path().filename().string().find("grade-") != 0);  // nothing is left behind
    }
}

TEST_CASE("nothing can be judged where the harness does not build") {
    const GradedWorkshop workshop;
    fs::remove(workshop.path() / "tests/harness/one.cpp");
    const Clone clone = workshop.clone("ada", "exit 0");
    CHECK_THROWS_AS(workshop.grades({clone}), Problem);
}

// Builds with a hand-written build.ninja in which the "compiler" copies a shell script: quick, and
// it can do what is hard to time otherwise, like a save while it runs.

#include "../judging.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;
using harness::Kind;

namespace {

constexpr const char* judged_rules = R"(
rule compile
  command = cp '$in' $out && sh ../hook && sleep 0.02 && touch $out
  description = Compiling C++ object $out
rule link
  command = cp $in $out && chmod +x $out
  description = Linking target $out
build tests/learner_1_one.p/1_one.cpp.o: compile ../steps/1_one/one.hpp
build tests/learner_1_one: link tests/learner_1_one.p/1_one.cpp.o
)";

/// A judge that says this of its one case.
std::string judge_that_says(const std::string& word) {
    return "#!/bin/sh\nprintf '" + word +
           "\\t1.1 task\\t\\tcase\\t\\t\\t\\t\\t0\\nend of verdicts\\n' >&$2\n";
}

class JudgedWorkshop : public Folder {
public:
    JudgedWorkshop() {
        write("build/build.ninja", judged_rules);
        write("hook", "");
        write("tests/1_one.cpp",
              "#include <one.hpp>\nTEST_SUITE(\"1.1 task\") { TEST_CASE(\"case\") {} }\n");
    }

    /// The learner's file is not compiled with the judge, but with a bridge.
    void build_a_bridge() {
        write("build/build.ninja",
              replaced(judged_rules, "tests/learner_1_one.p", "tests/liblearner_bridge_one.a.p"));
        parts_ = "1_one\t1\t1_one\t\t1_one=one\n";
    }

    Judgement judged() const {
        const Project project = this->project(parts_);
        Judgement judgement = judge_part(project, project.parts.front(), {});
        judgement.part = nullptr;  // it points into `project`
        return judgement;
    }
    Kind kind() const { return judged().verdicts.at(0).kind; }

private:
    std::string parts_ = "1_one\t1\t1_one\n";
};

/// A file that was right and has an error now: the error is told, the old program is not run.
void check_that_an_error_is_told(const JudgedWorkshop& workshop) {
    workshop.write("steps/1_one/one.hpp", judge_that_says("done"));
    REQUIRE(workshop.kind() == Kind::done);
    workshop.write("steps/1_one/one.hpp", "int x = ;\n");
    workshop.write("hook", "echo '../steps/1_one/one.hpp:1:9: error: expected a value'; exit 1\n");

    const Judgement judgement = workshop.judged();

    REQUIRE(judgement.verdicts.size() == 1);
    CHECK(judgement.verdicts[0].kind == Kind::does_not_compile);
    CHECK(judgement.verdicts[0].summary == "expected a value");
    CHECK(judgement.verdicts[0].learner_place == "steps/1_one/one.hpp:1");
    CHECK(judgement.compiler_output == "../steps/1_one/one.hpp:1:9: error: expected a value\n");
}

/// A save during the build, which ninja would take to be up to date.
void check_that_a_save_is_judged(const JudgedWorkshop& workshop) {
    workshop.write("steps/1_one/one.hpp", judge_that_says("wrong"));
    workshop.write("saved.hpp", judge_that_says("done"));
    // After the compiler has read the old file; the object is then newer than the new file.
    workshop.write("hook",
                   "if [ -f ../saved.hpp ]; then mv ../saved.hpp ../steps/1_one/one.hpp; fi\n");

    CHECK(workshop.kind() == Kind::done);
    CHECK(workshop.kind() == Kind::done);
}

}  // namespace

TEST_CASE("a judge is built, run and believed; a second time only run") {
    const JudgedWorkshop workshop;
    workshop.write("steps/1_one/one.hpp", judge_that_says("done"));
    CHECK(workshop.kind() == Kind::done);
    CHECK(workshop.kind() == Kind::done);
    workshop.write("steps/1_one/one.hpp", judge_that_says("wrong"));
    CHECK(workshop.kind() == Kind::wrong);
}

TEST_CASE("a save during the build is judged, though ninja would take it to be up to date") {
    check_that_a_save_is_judged(JudgedWorkshop{});
}

TEST_CASE("a save while the judge runs ends it, and the new file is judged") {
    const JudgedWorkshop workshop;
    workshop.write("saved.hpp", judge_that_says("done"));
    const std::string steps = (workshop.path() / "steps/1_one/one.hpp").string();
    const std::string saved = (workshop.path() / "saved.hpp").string();
    workshop.write("steps/1_one/one.hpp",
                   "#!/bin/sh\nmv '" + saved + "' '" + steps + "'\nsleep 30\n");

    CHECK(workshop.kind() == Kind::done);
}

TEST_CASE("what does not compile is told, and the old program is not run") {
    check_that_an_error_is_told(JudgedWorkshop{});
}

TEST_CASE("with a bridge that does not compile the old program is not run either") {
    JudgedWorkshop workshop;
    workshop.build_a_bridge();
    check_that_an_error_is_told(workshop);
}

TEST_CASE("a save while a bridge is built is judged") {
    JudgedWorkshop workshop;
    workshop.build_a_bridge();
    check_that_a_save_is_judged(workshop);
}

TEST_CASE("a warning about the learner's file is kept") {
    const JudgedWorkshop workshop;
    workshop.write("steps/1_one/one.hpp", judge_that_says("done"));
    workshop.write("hook", "echo '../steps/1_one/one.hpp:2:9: warning: unused'\n");
    const Judgement judgement = workshop.judged();
    REQUIRE(judgement.warning);
    CHECK(judgement.warning->place->spoken() == "steps/1_one/one.hpp:2");
}

TEST_CASE("a judge gives up as soon as the files are no longer those it was asked about") {
    const JudgedWorkshop workshop;
    workshop.write("steps/1_one/one.hpp", judge_that_says("done"));
    const Project project = workshop.project("1_one\t1\t1_one\n");
    const Snapshot old = take_snapshot(project, project.parts.front());
    workshop.write("steps/1_one/one.hpp", "#!/bin/sh\nsleep 30\n");

    CHECK(judge_part(project, project.parts.front(), {Tree::learner, {}, old}).stopped);
}

TEST_CASE("the verdicts of a judge are told as soon as they are there") {
    JudgedWorkshop workshop;
    workshop.write("steps/1_one/one.hpp", judge_that_says("done"));
    const Project project = workshop.project("1_one\t1\t1_one\n");
    std::vector<std::size_t> told;

    (void)judge_part(project, project.parts.front(),
                     {.on_judged = [&](const auto& verdicts) { told.push_back(verdicts.size()); }});

    CHECK(told == std::vector<std::size_t>{1});
}

#include "../compile_verdicts.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;
using harness::Kind;
using harness::Verdict;

namespace {

constexpr const char* two_steps = "1_one\t1\t1_one\n2_two\t2\t2_two\n";

class TwoStepWorkshop : public Folder {
public:
    TwoStepWorkshop() {
        write("tests/2_two.cpp",
              "#include <two.hpp>\nTEST_SUITE(\"2.1 a\") {\n TEST_CASE(\"one\") {}\n}\n"
              "TEST_SUITE(\"2.2 b\") {\n TEST_CASE(\"two\") {}\n}\n");
        write("steps/1_one/one.hpp", "int one;\n");
        write("steps/2_two/two.hpp",
              "#include <one.hpp>\n/// A.\nint a = todo(); // TODO 2.1: a\n/// B.\nint b = todo(); "
              " // TODO 2.2: b\n");
        write("solutions/1_one/one.hpp", "int one;\n");
        write("solutions/2_two/two.hpp", "int two;\n");
    }

    std::vector<Verdict> verdicts(std::string_view output) const {
        const Project project = this->project(two_steps);
        const Part& part = project.parts[1];
        return compile_verdicts(project, part, Tree::learner, read_judge(project, "2_two"), "",
                                output);
    }
};

}  // namespace

TEST_CASE("an error belongs to the task of the judge's line") {
    const TwoStepWorkshop workshop;
    const auto verdicts = workshop.verdicts("../tests/2_two.cpp:6:1: error: no member named b\n");

    REQUIRE(verdicts.size() == 2);
    CHECK(verdicts[0].kind == Kind::does_not_compile);
    CHECK(verdicts[0].summary.empty());
    CHECK(verdicts[1].summary == "no member named b");
    CHECK(verdicts[1].judge_place == "tests/2_two.cpp:6");
    CHECK(verdicts[1].story.find("the judge uses it here: tests/2_two.cpp:6\n") == 0);
}

TEST_CASE("an error belongs to the task whose contract stands above the learner's line") {
    const TwoStepWorkshop workshop;
    const auto verdicts = workshop.verdicts("../steps/2_two/two.hpp:5:5: error: oops\n");
    CHECK(verdicts[1].summary == "oops");
    CHECK(verdicts[1].learner_place == "steps/2_two/two.hpp:5");
    CHECK(workshop.verdicts("../steps/2_two/two.hpp:3:5: error: oops\n")[0].summary == "oops");
}

TEST_CASE("an error in a bridge is told with the line that uses the learner's code") {
    const TwoStepWorkshop workshop;
    workshop.write("tests/bridges/two.cpp", "#include <two.hpp>\nint b = a.b();\n");
    const auto verdicts =
        workshop.verdicts("../tests/bridges/two.cpp:2:9: error: no member named b\n");
    CHECK(verdicts[0].summary == "no member named b");
    CHECK(verdicts[0].judge_place == "tests/bridges/two.cpp:2");
    CHECK(verdicts[0].story.find("the judge uses it here: tests/bridges/two.cpp:2\n") == 0);
}

TEST_CASE("a file is found missing that only a bridge includes") {
    const TwoStepWorkshop workshop;
    workshop.write("tests/2_two.cpp", "TEST_SUITE(\"2.1 a\") {\n TEST_CASE(\"one\") {}\n}\n");
    workshop.write("tests/bridges/two.cpp", "#include <two.hpp>\n");
    std::filesystem::remove(workshop.path() / "steps/2_two/two.hpp");
    const Project project = workshop.project("1_one\t1\t1_one\n2_two\t2\t2_two\t\t2_two=two\n");
    const auto verdicts =
        compile_verdicts(project, project.parts[1], Tree::learner, read_judge(project, "2_two"), "",
                         "../tests/bridges/two.cpp:1:10: fatal error: two.hpp: No such file\n");
    CHECK(verdicts[0].summary ==
          "steps/2_two/two.hpp is missing; `./workshop reset 2` brings the starter back.");
}

TEST_CASE("where a concept is not satisfied, its definition is not the learner's place") {
    const TwoStepWorkshop workshop;
    const auto verdicts = workshop.verdicts(
        "../tests/2_two.cpp:3:1: error: static assertion failed: Two must be a One\n"
        "../steps/1_one/one.hpp:1:5: note: the required expression 'a.b()' is invalid\n");
    CHECK(verdicts[0].summary ==
          "static assertion failed: Two must be a One: the required expression 'a.b()' is invalid");
    CHECK(verdicts[0].learner_place.empty());
    CHECK(verdicts[0].story.find("step 1") == std::string::npos);
}

TEST_CASE("an error in an earlier step says so") {
    const TwoStepWorkshop workshop;
    const auto verdicts = workshop.verdicts("../steps/1_one/one.hpp:1:5: error: oops\n");
    CHECK(
        verdicts[0].story.find("This is in step 1, which step 2 stands on: `./workshop test 1`.") !=
        std::string::npos);
}

TEST_CASE("a file that is missing, empty or binary is named, whatever the compiler says") {
    const TwoStepWorkshop workshop;
    const std::string error = "../tests/2_two.cpp:1:10: fatal error: two.hpp: No such file\n";
    std::filesystem::remove(workshop.path() / "steps/2_two/two.hpp");
    CHECK(workshop.verdicts(error)[0].summary ==
          "steps/2_two/two.hpp is missing; `./workshop reset 2` brings the starter back.");
    workshop.write("steps/2_two/two.hpp", " \n");
    CHECK(workshop.verdicts(error)[0].summary.find("steps/2_two/two.hpp is empty;") == 0);
    workshop.write("steps/2_two/two.hpp", std::string_view{"a\0b", 3});
    CHECK(workshop.verdicts(error)[0].summary.find("steps/2_two/two.hpp is not a text file;") == 0);
    workshop.write("steps/2_two/two.hpp", "#include <one.hpp>\n");
    std::filesystem::remove(workshop.path() / "steps/1_one/one.hpp");
    CHECK(workshop.verdicts(error)[0].summary ==
          "steps/1_one/one.hpp is missing; `./workshop reset 1` brings the starter back.");
}

TEST_CASE("a brace that is missing at the end is found, though the error is elsewhere") {
    const TwoStepWorkshop workshop;
    workshop.write("steps/2_two/two.hpp", "namespace w {\n");
    const auto verdicts = workshop.verdicts("/usr/include/x.h:7:1: error: no FILE in w\n");
    CHECK(verdicts[0].summary == "steps/2_two/two.hpp has 1 closing brace too few");
    CHECK(verdicts[0].learner_place == "steps/2_two/two.hpp");
}

TEST_CASE("a brace that is missing in the middle is found, though the error is at the end") {
    const TwoStepWorkshop workshop;
    workshop.write("steps/2_two/two.hpp",
                   "struct A {\nvoid a() {\nint b;\nint c;\nint d;\nint e;\n};\n");
    CHECK(workshop.verdicts("../steps/2_two/two.hpp:7:2: error: expected ';'\n")[0].summary ==
          "steps/2_two/two.hpp has 1 closing brace too few");
    CHECK(workshop.verdicts("../steps/2_two/two.hpp:3:2: error: oops\n")[0].summary == "oops");
}

TEST_CASE("a failure without an error is told with what was written") {
    const TwoStepWorkshop workshop;
    const auto verdicts = workshop.verdicts("Killed\n");
    CHECK(verdicts[0].summary == "the compiler failed, and named no error");
    CHECK(verdicts[0].story == "Killed\n");
}

#include "../project.hpp"

#include <doctest/doctest.h>

#include "../problem.hpp"
#include "folder.hpp"

using namespace runner;

namespace {

constexpr const char* parts =
    "1_alignment\t1\t1_alignment\n"
    "2_bump\t2\t2_bump 2_memory_resource\n"
    "4_free_list\t4\t4_free_list\n"
    "extensions/pool\tpool\textensions/pool\n";

std::string problem_of(const Project& project, std::string_view text) {
    try {
        project.select(text);
    } catch (const Problem& problem) {
        return problem.what();
    }
    return "none";
}

}  // namespace

TEST_CASE("a step is named by number, folder, topic or path") {
    const Folder folder;
    const Project project = folder.project(parts);

    for (const char* text :
         {"4", "4_free_list", "free_list", "steps/4_free_list", "4_free_list/"}) {
        CAPTURE(text);
        const Selection selection = project.select(text);
        CHECK(selection.part->label == "4");
        CHECK(selection.task.empty());
    }
    CHECK(project.select("pool").part->title() == "Extension: pool");
    CHECK(project.select("4").part->title() == "Step 4: free list");
}

TEST_CASE("the judges of a part may be followed by those for ThreadSanitizer") {
    const std::vector<Part> found =
        parse_parts("1_alignment\t1\t1_alignment\n5_x\t5\t5_a 5_b\t5_b\n6_y\t6\t6_y\t\n");

    REQUIRE(found.size() == 3);
    CHECK(found[0].thread_judges.empty());
    CHECK(found[1].judges == std::vector<std::string>{"5_a", "5_b"});
    CHECK(found[1].thread_judges == std::vector<std::string>{"5_b"});
    CHECK(found[2].judges == std::vector<std::string>{"6_y"});
    CHECK(found[2].thread_judges.empty());
}

TEST_CASE("a judge may have bridges to the learner's code") {
    const std::vector<Part> found =
        parse_parts("4_x\t4\t4_a 4_b 4_c\t\t4_a=one 4_b=one,two\n5_y\t5\t5_y\t5_y\t\n");

    REQUIRE(found.size() == 2);
    CHECK(found[0].bridges_of("4_a") == std::vector<std::string>{"one"});
    CHECK(found[0].bridges_of("4_b") == std::vector<std::string>{"one", "two"});
    CHECK(found[0].bridges_of("4_c").empty());
    CHECK(found[1].bridges.empty());
    CHECK(Project::bridge_source("one") == "tests/bridges/one.cpp");
    CHECK(Project::bridge_target("one", Tree::mixed) == "tests/libmixed_bridge_one.a");
}

TEST_CASE("a task is one that a judge has") {
    const Folder folder;
    folder.write("tests/2_bump.cpp",
                 "TEST_SUITE(\"2.1 allocate\") {}\nTEST_SUITE(\"2.10 x\") {}\n");
    folder.write("tests/extensions/pool.cpp", "TEST_SUITE(\"pool.1 take\") {}\n");
    const Project project = folder.project(parts);

    CHECK(project.select("2.1").task == "2.1");
    CHECK(project.select("2.1").part->label == "2");
    CHECK(project.select("2.10").task == "2.10");
    CHECK(project.select("pool.1").task == "pool.1");
    CHECK(problem_of(project, "2.2") == "There is no task 2.2; step 2 has 2.1, 2.10.");
    CHECK(problem_of(project, "7") ==
          "There is no step `7`; expected one of 1, 2, 4, pool, or a task like 1.1.");
    CHECK(problem_of(project, "") != "none");
}

TEST_CASE("the files to edit are headers and sources, not demos and kept ones") {
    const Folder folder;
    for (const char* file :
         {"steps/2_bump/bump.hpp", "steps/2_bump/demo.cpp", "steps/2_bump/README.md",
          "steps/2_bump/bump.kept-20260101-000000.hpp", "steps/2_bump/.#bump.hpp",
          "solutions/2_bump/bump.hpp", "solutions/2_bump/memory_resource.hpp"}) {
        folder.write(file, "x");
    }
    const Project project = folder.project(parts);
    const Part& part = *project.select("2").part;

    const std::vector<std::string> expected = {"steps/2_bump/bump.hpp",
                                               "steps/2_bump/memory_resource.hpp"};
    CHECK(project.files_of(part, Tree::learner) == expected);
    REQUIRE(project.earlier(part).size() == 1);
    CHECK(project.earlier(part)[0]->label == "1");
    CHECK(project.earlier(*project.select("pool").part).size() == 3);
    CHECK(project.after(part)->label == "4");
    CHECK(Project::judge_target("extensions/pool", Tree::mixed) == "tests/mixed_pool");
}

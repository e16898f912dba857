#include "../judge_source.hpp"

#include <doctest/doctest.h>

using namespace runner;

namespace {

constexpr const char* judge = R"--(#include <bump.hpp>
// TEST_SUITE("0.1 in a comment") {
/* TEST_SUITE("0.2") { */
namespace {
const char* brace = "}{{"; const char c = '{'; const int big = 1'000'000; const char q = '\'';
}
TEST_SUITE("2.1 allocate" * doctest::description("CONCEPTS"
                                                 ".md, 'Bump'")) {
    TEST_CASE("a block "
              "lies inside") {
        if (true) { TEST_helper("no"); }
    }
    TEST_CASE_TEMPLATE("for all \"types\"", T, int, char) {}
}

TEST_SUITE("2.2 used" * doctest::description(why) *
           doctest::timeout(3)) {
    TEST_CASE_FIXTURE(Fixture, "used is zero" * doctest::may_fail()) {
        const char* raw = R"(}}} ")";
    }
}
)--";

}  // namespace

TEST_CASE("suites, hints and cases are read from a judge's source") {
    const JudgeSource source = scan_judge(judge);

    REQUIRE(source.suites.size() == 2);
    CHECK(source.suites[0].title == "2.1 allocate");
    CHECK(source.suites[0].task() == "2.1");
    CHECK(source.suites[0].hint == "CONCEPTS.md, 'Bump'");
    REQUIRE(source.suites[0].cases.size() == 2);
    CHECK(source.suites[0].cases[0] == "a block lies inside");
    CHECK(source.suites[0].cases[1] == "for all \"types\"");
    CHECK(source.suites[1].hint.empty());
    REQUIRE(source.suites[1].cases.size() == 1);
    CHECK(source.suites[1].cases[0] == "used is zero");
}

TEST_CASE("a line of the judge belongs to the suite around it") {
    const JudgeSource source = scan_judge(judge);

    CHECK(source.at(1) == nullptr);
    CHECK(source.at(5) == nullptr);
    REQUIRE(source.at(11) != nullptr);
    CHECK(source.at(11)->task() == "2.1");
    CHECK(source.at(15) == nullptr);
    REQUIRE(source.at(19) != nullptr);
    CHECK(source.at(19)->task() == "2.2");
    CHECK(source.has_task("2.2"));
    CHECK_FALSE(source.has_task("2"));
}

TEST_CASE("tasks are ordered by their numbers") {
    CHECK(task_before("2.1", "2.2"));
    CHECK(task_before("2.9", "2.10"));
    CHECK_FALSE(task_before("2.10", "2.9"));
    CHECK(task_before("2.10", "3.1"));
    CHECK(task_before("9.1", "10.1"));
    CHECK_FALSE(task_before("2.1", "2.1"));
    CHECK(task_before("pool.1", "pool.2"));
}

TEST_CASE("braces that lack their partner are counted") {
    CHECK(brace_balance("namespace a { int f() { return '{'; } }  // {") == 0);
    CHECK(brace_balance("namespace a { int f() { return 1; }") == 1);
    CHECK(brace_balance("int f() { return 1; }}") == -1);
}

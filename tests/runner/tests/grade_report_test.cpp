#include "../grade_report.hpp"

#include <doctest/doctest.h>

using namespace runner;
using harness::Kind;
using harness::Verdict;

namespace {

Verdict verdict(const std::string& suite, const std::string& name, Kind kind,
                const std::string& summary = {}) {
    Verdict result;
    result.suite = suite;
    result.name = name;
    result.kind = kind;
    result.summary = summary;
    result.judge_place = "tests/1_one.cpp:7";
    result.milliseconds = 1250;
    return result;
}

const Part first{"1_one", "1", {"1_one"}};
const Part pool{"extensions/pool", "pool", {"extensions/pool"}};

/// Two parts; the second task waits for its code, and of the third one case is wrong.
Grade some_grade() {
    Grade grade;
    grade.name = "ada";
    grade.parts.push_back({&first,
                           {{"1.1 begin", Kind::done}, {"1.2 go on", Kind::to_do}},
                           {verdict("1.1 begin", "a", Kind::done),
                            verdict("1.2 go on", "b", Kind::to_do, "align_up is not written")}});
    grade.parts.push_back({&pool,
                           {{"pool.1 take", Kind::wrong}},
                           {verdict("pool.1 take", "c", Kind::crashed),
                            verdict("pool.1 take", "d & <e>", Kind::wrong, "it is \"null\""),
                            verdict("pool.1 take", "f", Kind::not_run)},
                           harness::Kills{61, 80}});
    return grade;
}

bool holds(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("one is stuck at the first task that is not done; what fails was written") {
    const Grade grade = some_grade();
    CHECK(grade.tasks() == 3);
    CHECK(grade.tasks_done() == 1);
    REQUIRE(grade.stuck_at() != nullptr);
    CHECK(grade.stuck_at()->key() == "1.2");
    REQUIRE(grade.first_failing() != nullptr);
    CHECK(grade.first_failing()->name == "d & <e>");  // of those of the task, it says why
}

TEST_CASE("all done: stuck nowhere, and nothing fails") {
    Grade grade = some_grade();
    grade.parts.pop_back();
    grade.parts[0].tasks[1].state = Kind::done;
    grade.parts[0].verdicts[1].kind = Kind::done;
    CHECK(grade.stuck_at() == nullptr);
    CHECK(grade.first_failing() == nullptr);
    CHECK(grade_text(grade, false).find("stuck") == std::string::npos);
}

TEST_CASE("the text has each task, where it is stuck and what fails") {
    const std::string text = grade_text(some_grade(), false);
    CHECK(holds(text, "Step 1: one: 1 of 2 tasks, 1 of 2 tests\n"));
    CHECK(holds(text, "Extension: pool: 0 of 1 tasks, 0 of 3 tests, 61 of 80 bugs caught\n"));
    CHECK(holds(text, "1 of 3 tasks done\nstuck at 1.2 go on\n"));
    CHECK(holds(text, "first failing case: wrong: d & <e>\n"));
}

TEST_CASE("the table of a class has a line for each, whatever became of it") {
    Grade missing;
    missing.name = "be\nn";
    missing.problem = "There is no such folder.";
    const std::string text = class_text({some_grade(), missing}, false);
    CHECK(text ==
          "clone  done    kills     stuck at   first failing case\n"
          "ada    1 of 3  61 of 80  1.2 go on  wrong: d & <e>\n"
          "be?n   -       -                    There is no such folder.\n");
}

TEST_CASE("a long name in the table is cut, not within a letter") {
    Grade grade = some_grade();
    std::string name;
    for (int i = 0; i < 60; ++i) {
        name += "\xC3\xA4";  // one letter
    }
    grade.parts[1].verdicts[1].name = name + name;
    const std::string text = class_text({grade}, false);
    const std::string last = text.substr(text.rfind("wrong: "));
    CHECK(last == "wrong: " + name + "\xC3\xA4\xC3\xA4...\n");
}

TEST_CASE("the CSV has the names of its columns, and a field for each") {
    Grade missing;
    missing.name = "=ben, jr";
    missing.problem = "There is no such folder.";
    CHECK(class_csv({some_grade(), missing}) ==
          "clone,done,tasks,kills,bugs,stuck_at,failing_task,failing_case,verdict,summary,place,"
          "problem\n"
          "ada,1,3,61,80,1.2,pool.1,d & <e>,wrong,\"it is \"\"null\"\"\",tests/1_one.cpp:7,\n"
          "\"'=ben, jr\",,,,,,,,,,,There is no such folder.\n");
}

TEST_CASE("JUnit: failures, errors and what was not tried are told apart and counted") {
    const std::string xml = grade_junit(some_grade());
    CHECK(holds(xml, R"(<testsuites name="ada" tests="5" failures="1" errors="1" skipped="2" )"
                     R"(time="6.250">)"));
    CHECK(holds(xml, R"(<testsuite name="1.1 begin" tests="1" failures="0" errors="0" )"
                     R"(skipped="0" time="1.250">)"));
    CHECK(holds(xml, R"(<testcase classname="Step 1: one" name="a" time="1.250"/>)"));
    CHECK(holds(xml, R"(<skipped message="to do: align_up is not written"/>)"));
    CHECK(holds(xml, R"(<failure message="wrong: it is &quot;null&quot;" type="wrong">)"
                     "tests/1_one.cpp:7\n</failure>"));
    CHECK(holds(xml, R"(name="d &amp; &lt;e&gt;")"));
    CHECK(holds(xml, R"(<error message="crashed" type="crashed">)"));
    CHECK(holds(xml, R"(<skipped message="not run"/>)"));
}

TEST_CASE("JSON: an empty list is one, and what is not there is null") {
    Grade missing;
    missing.name = "ben";
    missing.problem = "There is no such folder.";
    CHECK(grades_json({missing}) == R"({
  "format": "workshop grade 1",
  "clones": [
    {
      "clone": "ben",
      "problem": "There is no such folder.",
      "tasks": {
        "done": 0,
        "total": 0
      },
      "tests": {
        "done": 0,
        "total": 0
      },
      "kills": null,
      "stuck_at": null,
      "first_failing": null,
      "parts": []
    }
  ]
}
)");
}

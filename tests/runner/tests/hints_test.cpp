#include "../hints.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;

namespace {

constexpr const char* file = R"(# Hints for step 2

## 2.1
1. One.
2. Two
   goes on:

       int x = 1;
         int y;
3. Three.

## 2.10
1. Another task.

## 2.2 used
10. A wide number
    and a second line.
)";

}  // namespace

TEST_CASE("hints are the items of a task's list") {
    const auto hints = hints_of(file, "2.1");

    REQUIRE(hints.size() == 3);
    CHECK(hints[0] == "One.");
    CHECK(hints[1] == "Two\ngoes on:\n\n    int x = 1;\n      int y;");
    CHECK(hints[2] == "Three.");
}

TEST_CASE("a heading may go on behind the key, and no other task is taken for it") {
    CHECK(hints_of(file, "2.10").size() == 1);
    REQUIRE(hints_of(file, "2.2").size() == 1);
    CHECK(hints_of(file, "2.2")[0] == "A wide number\nand a second line.");
    CHECK(hints_of(file, "2.3").empty());
    CHECK(hints_of(file, "2").empty());
    CHECK(hints_of("", "2.1").empty());
}

TEST_CASE("counters outlive the program, and damage to their file is no harm") {
    const Folder folder;
    const auto path = folder.write("hints", "2.1 1\nnonsense\n2.2 x\n");
    HintCounters counters{path};
    CHECK(counters.shown("2.1") == 1);
    CHECK(counters.shown("2.2") == 0);

    counters.set("2.2", 3);

    CHECK(HintCounters{path}.shown("2.1") == 1);
    CHECK(HintCounters{path}.shown("2.2") == 3);
    CHECK(HintCounters{folder.path() / "none"}.shown("2.1") == 0);
}

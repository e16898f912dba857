#include "../ninja.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"

using namespace runner;

namespace {

constexpr std::string_view output =
    "ninja: Entering directory `build'\n"
    "\x1f[workshop] Compiling C++ object tests/learner_2_bump.p/2_bump.cpp.o\n"
    "FAILED: tests/learner_2_bump.p/2_bump.cpp.o \n"
    "c++ -Itests/learner_2_bump.p -c ../tests/2_bump.cpp\n"
    "../steps/2_bump/bump.hpp:3:1: error: no\n"
    "    3 | x\n"
    "\x1f[workshop] Compiling C++ object tests/learner_2_other.p/2_other.cpp.o\n"
    "../steps/2_bump/other.hpp:3:1: warning: hm\n"
    "\x1f[workshop] Linking target tests/learner_2_other\n"
    "ninja: build stopped: cannot make progress due to previous errors.\n";

}  // namespace

TEST_CASE("what the compiler wrote is known of each target, however the pieces come") {
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, output.size()}) {
        BuildLog log;
        std::string linked;
        log.on_link = [&](std::string_view target) { linked += target; };
        for (std::size_t at = 0; at < output.size(); at += size) {
            log.add(output.substr(at, size));
        }
        log.finish();

        CHECK(log.edges().size() == 3);
        CHECK(log.failed("tests/learner_2_bump"));
        CHECK_FALSE(log.failed("tests/learner_2_other"));
        CHECK(log.text_of("tests/learner_2_bump") ==
              "../steps/2_bump/bump.hpp:3:1: error: no\n    3 | x\n");
        CHECK(log.text_of("tests/learner_2_other") ==
              "../steps/2_bump/other.hpp:3:1: warning: hm\n");
        CHECK(log.text_of("tests/learner_2").empty());
        CHECK(linked == "tests/learner_2_other");
    }
}

TEST_CASE("newer ninjas write the exit code behind FAILED") {
    BuildLog log;
    log.add(
        "\x1f[workshop] Linking target tests/learner_2_bump\n"
        "FAILED: [code=1] tests/learner_2_bump \nc++ -o x\n/usr/bin/ld: undefined\n");
    log.finish();
    CHECK(log.failed("tests/learner_2_bump"));
    CHECK(log.text_of("tests/learner_2_bump") == "/usr/bin/ld: undefined\n");
}

TEST_CASE("only a target's own objects are forgotten") {
    const Folder folder;
    folder.write("build/tests/learner_1.p/a.cpp.o", "x");
    folder.write("build/tests/learner_1.p/a.cpp.o.d", "x");
    folder.write("build/tests/learner_10.p/a.cpp.o", "x");

    forget_objects(folder.project(""), "tests/learner_1");
    forget_objects(folder.project(""), "tests/not_there");

    CHECK(folder.read("build/tests/learner_1.p/a.cpp.o") == "(no file)");
    CHECK(folder.read("build/tests/learner_1.p/a.cpp.o.d") == "x");
    CHECK(folder.read("build/tests/learner_10.p/a.cpp.o") == "x");
}

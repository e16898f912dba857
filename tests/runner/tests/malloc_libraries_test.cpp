// Other people's malloc, found or not.

#include "../malloc_libraries.hpp"

#include "../process.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace runner;

TEST_CASE("what is not installed is told with its package") {
    const std::string sentence =
        sentence_on_missing({{"mimalloc", "libmimalloc.so.2", "libmimalloc2.0"}});

    CHECK(sentence ==
          "Not measured, as not installed: jemalloc, tcmalloc (packages libjemalloc2, "
          "libtcmalloc-minimal4).");
}

TEST_CASE("each one that is found can be put under a program") {
    for (const MallocLibrary& library : installed_malloc_libraries()) {
        CAPTURE(library.name);
        Command command;
        command.arguments = {"cat", "/proc/self/maps"};
        command.environment = {{"LD_PRELOAD", library.file}};
        const Outcome outcome = run_program(std::move(command));
        CHECK(outcome.success());
        CHECK(outcome.output.find(library.file.substr(0, library.file.find('.'))) !=
              std::string::npos);
    }
}

// What the witness sees, and what a process apart tells.

#include "../witness.hpp"
#include "../apart.hpp"

#include <todo.hpp>

#include <doctest/doctest.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

using traces::Fate;
using traces::Witness;

namespace {

struct Scene {
    alignas(64) std::array<std::byte, 256> buffer{};
    Witness witness{buffer};

    std::byte* at(std::size_t offset) { return buffer.data() + offset; }
};

}  // namespace

TEST_SUITE("the witness") {
    TEST_CASE("accepts what is right") {
        Scene scene;
        CHECK(scene.witness.allocated(scene.at(0), 10, 16) == "");
        CHECK(scene.witness.allocated(scene.at(16), 240, 16) == "");
        CHECK(scene.witness.about_to_leave(scene.at(0)) == "");
        scene.witness.left(scene.at(0));
        CHECK(scene.witness.allocated(scene.at(0), 0, 1) == "");
        CHECK(scene.witness.reach() == 256);
    }

    TEST_CASE("sees a block outside of the buffer") {
        Scene scene;
        CHECK(scene.witness.allocated(scene.at(250), 7, 1) != "");
        CHECK(scene.witness.allocated(scene.at(0) - 1, 7, 1) != "");
        CHECK(scene.witness.allocated(scene.at(256), 0, 1) != "");
    }

    TEST_CASE("sees a block that is not aligned") {
        Scene scene;
        CHECK(scene.witness.allocated(scene.at(8), 8, 16) ==
              "a block of 8 bytes is not aligned to 16");
    }

    TEST_CASE("sees two blocks in one place, from either side") {
        Scene scene;
        REQUIRE(scene.witness.allocated(scene.at(64), 64, 1) == "");
        CHECK(scene.witness.allocated(scene.at(64), 1, 1) != "");
        CHECK(scene.witness.allocated(scene.at(127), 8, 1) != "");
        CHECK(scene.witness.allocated(scene.at(60), 5, 1) != "");
        CHECK(scene.witness.allocated(scene.at(60), 4, 1) == "");
        CHECK(scene.witness.allocated(scene.at(128), 4, 1) == "");
    }

    TEST_CASE("sees a byte that changed, in the first and in the last") {
        Scene scene;
        REQUIRE(scene.witness.allocated(scene.at(64), 64, 1) == "");
        *scene.at(127) ^= std::byte{1};
        CHECK(scene.witness.about_to_leave(scene.at(64)) == "byte 63 of a live block has changed");
        *scene.at(64) ^= std::byte{1};
        CHECK(scene.witness.about_to_leave(scene.at(64)) == "byte 0 of a live block has changed");
    }

    TEST_CASE("after a resize, wants the bytes that both sizes have") {
        Scene scene;
        REQUIRE(scene.witness.allocated(scene.at(0), 32, 1) == "");
        std::copy_n(scene.at(0), 32, scene.at(64));
        CHECK(scene.witness.resized(scene.at(0), scene.at(64), 100, 1) == "");
        CHECK(scene.witness.resized(scene.at(64), scene.at(64), 20, 1) == "");
        CHECK(scene.witness.resized(scene.at(64), scene.at(0), 40, 1) == "");
        CHECK(scene.witness.resized(scene.at(0), scene.at(128), 40, 1) != "");
    }
}

TEST_SUITE("work apart") {
    TEST_CASE("brings back its result, also a long one") {
        const std::string text(100'000, 'x');
        const traces::Report report = traces::apart([&] { return text; }, 10);
        CHECK(report.fate == Fate::done);
        CHECK(report.text == text);
    }

    TEST_CASE("tells what it found wrong") {
        const traces::Report report =
            traces::apart([]() -> std::string { throw traces::Wrong{"this"}; }, 10);
        CHECK(report.fate == Fate::wrong);
        CHECK(report.text == "this");
    }

    TEST_CASE("ends at a todo(), with its place") {
        const traces::Report report = traces::apart(
            [] {
                workshop::todo<void*>();
                return std::string{};
            },
            10);
        CHECK(report.fate == Fate::to_do);
        CHECK(report.text.find("witness_test.cpp:") != std::string::npos);
    }

    TEST_CASE("crashes alone") {
        CHECK(traces::apart([]() -> std::string { return kill(getpid(), SIGKILL), ""; }, 10).text ==
              "signal 9, Killed");
        CHECK(traces::apart([]() -> std::string { _exit(0); }, 10).fate == Fate::crashed);
        CHECK(traces::apart([]() -> std::string { _exit(3); }, 10).text ==
              "it ended with exit code 3");
    }

    TEST_CASE("is ended when its time is up") {
        const auto for_ever = []() -> std::string {
            while (true) {
                pause();
            }
        };
        CHECK(traces::apart(for_ever, 1).fate == Fate::hung);
    }
}

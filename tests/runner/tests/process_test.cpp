#include "../process.hpp"

#include <doctest/doctest.h>

#include <set>
#include <thread>

#include "folder.hpp"

using namespace runner;
using namespace std::chrono_literals;

namespace {

Command shell(const std::string& script) {
    Command command;
    command.arguments = {"sh", "-c", script, "sh"};
    return command;
}

}  // namespace

TEST_CASE("output, exit code and signal come back") {
    const Outcome good = run_program(shell("echo one; echo two >&2"));
    CHECK(good.success());
    CHECK(good.output == "one\ntwo\n");

    CHECK(run_program(shell("exit 3")).ending() == "exit code 3");
    const Outcome killed = run_program(shell("kill -SEGV $$"));
    CHECK_FALSE(killed.success());
    CHECK(killed.signal == 11);
}

TEST_CASE("a program that is not there is told from one that fails") {
    Command command;
    command.arguments = {"/no/such/program"};
    CHECK_FALSE(run_program(command).started);
    CHECK(run_program(shell("exit 1")).started);
}

TEST_CASE("verdicts have a pipe of their own, input is passed on") {
    Command command = shell("cat; echo verdict >&$2");
    command.verdicts = true;
    command.input = std::string(200'000, 'x');

    const Outcome outcome = run_program(command);

    CHECK(outcome.output == command.input);
    CHECK(outcome.verdicts == "verdict\n");
}

TEST_CASE("a program that ignores SIGTERM is ended when its time is up") {
    Command command = shell("trap '' TERM; while :; do :; done");
    command.limit = 100ms;
    const Outcome outcome = run_program(command);
    CHECK(outcome.timed_out);
    CHECK(outcome.signal == 9);
}

TEST_CASE("a program that says nothing more is ended") {
    Command command = shell("echo first >&$2; sleep 20");
    command.verdicts = true;
    command.quiet_limit = 100ms;
    const Outcome outcome = run_program(command);
    CHECK(outcome.timed_out);
    CHECK(outcome.verdicts == "first\n");
    CHECK(outcome.time < 5s);
}

TEST_CASE("endless output is cut, and does not keep the time limit from coming") {
    Command command = shell("yes");
    command.cap = 1000;
    command.limit = 200ms;
    const Outcome outcome = run_program(command);
    CHECK(outcome.timed_out);
    CHECK(outcome.output.size() == 1000);
}

TEST_CASE("children that stay behind are ended and not waited for") {
    const Folder folder;
    Command command = shell("(sleep 0.5; touch late) & echo on");
    command.folder = folder.path();

    const Outcome outcome = run_program(command);

    CHECK(outcome.success());
    CHECK(outcome.output == "on\n");
    CHECK(outcome.time < 400ms);
    std::this_thread::sleep_for(700ms);
    CHECK(folder.read("late") == "(no file)");
}

TEST_CASE("a crew runs many, and more can be added while it runs") {
    Crew crew{2};
    std::set<std::size_t> ended;
    for (int number = 0; number < 5; ++number) {
        crew.start(shell("exit " + std::to_string(number)));
    }
    crew.run([&](std::size_t number, const Outcome& outcome) {
        CHECK((number == 5 || outcome.exit_code == static_cast<int>(number)));
        ended.insert(number);
        if (number == 0) {
            crew.start(shell("true"));
        }
    });
    CHECK(ended.size() == 6);
}

TEST_CASE("a crew stops when it is asked to") {
    Crew crew{1};
    crew.start(shell("sleep 20"));
    crew.start(shell("sleep 20"));
    int told = 0;
    crew.run(
        [&](std::size_t, const Outcome& outcome) {
            ++told;
            CHECK(outcome.stopped);
        },
        [] { return true; });
    CHECK(told == 1);
}

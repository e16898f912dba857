#include "../starter.hpp"

#include <doctest/doctest.h>

#include "../process.hpp"
#include "folder.hpp"

using namespace runner;

namespace {

class Repository : public Folder {
public:
    Repository() { git({"init", "-q", "."}); }

    void commit(std::string_view file, std::string_view text) const {
        write(file, text);
        git({"add", "-A"});
        git({"-c", "user.name=learner", "-c", "user.email=learner@localhost", "commit", "-q", "-m",
             "x"});
    }

    void git(std::vector<std::string> arguments) const {
        Command command;
        command.arguments = {"git", "-C", path().string()};
        command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
        const Outcome outcome = run_program(command);
        REQUIRE_MESSAGE(outcome.success(), outcome.output);
    }
};

}  // namespace

TEST_CASE("the starter is the newest version with the most calls of todo()") {
    const Repository repository;
    repository.commit("w/steps/a b.hpp", "todo(1);\n");
    repository.commit("w/steps/a b.hpp", "todo(1); todo<int>(2);\n");
    repository.commit("w/steps/a b.hpp", "todo(1); todo<int>(3);\n\n");
    repository.commit("w/steps/a b.hpp", "todo(1); done();\n");
    repository.commit("w/other", "todo(1); todo(2); todo(3);\n");

    const Starter starter = pristine_starter(repository.path() / "w", "steps/a b.hpp");

    REQUIRE_MESSAGE(starter.found, starter.problem);
    CHECK(starter.text == "todo(1); todo<int>(3);\n\n");
}

TEST_CASE("a file that was deleted, also in a commit, comes back") {
    const Repository repository;
    repository.commit("steps/a.hpp", "todo(1);\n");
    repository.git({"rm", "-q", "steps/a.hpp"});
    repository.commit("other", "x");

    CHECK(pristine_starter(repository.path(), "steps/a.hpp").text == "todo(1);\n");
}

TEST_CASE("where there is no starter, a sentence says why") {
    const Repository repository;
    repository.commit("other", "x");
    CHECK(pristine_starter(repository.path(), "steps/a.hpp").problem ==
          "git's history has no steps/a.hpp; was it cloned from the workshop?");

    const Folder no_repository;
    const Starter starter = pristine_starter(no_repository.path(), "steps/a.hpp");
    CHECK_FALSE(starter.found);
    CHECK(starter.problem.find("git cannot read the history of this folder") == 0);
}

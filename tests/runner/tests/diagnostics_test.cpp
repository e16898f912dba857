// What compilers really wrote about real mistakes, recorded.

#include "../diagnostics.hpp"

#include <doctest/doctest.h>

#include "../text.hpp"

using namespace runner;

namespace {

const std::filesystem::path root = "/home/you/workshop";

std::vector<Diagnostic> recorded(const std::string& compiler, const std::string& mistake) {
    const auto file = std::filesystem::path{RECORDED_FOLDER} / (compiler + "_" + mistake + ".txt");
    const std::optional<std::string> text = read_file(file);
    REQUIRE_MESSAGE(text, file.string());
    return parse_diagnostics(*text, root, root / "build");
}

struct Shown {
    std::string own;    // the learner's place
    std::string judge;  // the judge's
    std::string message;
};

Shown shown(const std::vector<Diagnostic>& diagnostics,
            std::string_view judge = "tests/2_bump.cpp") {
    const Diagnostic* const error = first_error(diagnostics, "steps", judge);
    REQUIRE(error != nullptr);
    const Place* const own = error->place_below("steps");
    const Place* const in_judge = error->place_in(judge);
    return {own != nullptr ? own->spoken() : "", in_judge != nullptr ? in_judge->spoken() : "",
            error->message};
}

}  // namespace

TEST_CASE("a syntax error") {
    const Shown gcc = shown(recorded("gcc12", "syntax_error"));
    CHECK(gcc.own == "steps/2_bump/bump.hpp:38");
    CHECK(gcc.judge == "");
    CHECK(gcc.message == "expected ‘;’ before ‘return’");

    const Shown clang = shown(recorded("clang14", "syntax_error"));
    CHECK(clang.own == "steps/2_bump/bump.hpp:37");
    CHECK(clang.message == "expected ';' after expression");
}

TEST_CASE("a missing member is told with the judge's line") {
    for (const char* compiler : {"gcc12", "clang14"}) {
        const Shown error = shown(recorded(compiler, "missing_member"));
        CHECK(error.own == "");
        CHECK(error.judge == "tests/2_bump.cpp:23");
        CHECK(error.message.find("o member named") != std::string::npos);
    }
}

TEST_CASE("a wrong signature is told with the judge's line and the learner's") {
    for (const char* compiler : {"gcc12", "clang14"}) {
        const Shown error = shown(recorded(compiler, "wrong_signature"));
        CHECK(error.own == "steps/2_bump/bump.hpp:43");
        CHECK(error.judge == "tests/2_bump.cpp:36");
    }
}

TEST_CASE("a template error lies in the learner's file") {
    for (const char* compiler : {"gcc12", "clang14"}) {
        const auto diagnostics = recorded(compiler, "template_error");
        const Shown error = shown(diagnostics, "tests/2_memory_resource.cpp");
        CHECK(error.message.find("give_back") != std::string::npos);
        CHECK(error.own == "steps/2_bump/memory_resource.hpp:40");
    }
    CHECK(shown(recorded("clang14", "template_error"), "tests/2_memory_resource.cpp").judge ==
          "tests/2_memory_resource.cpp:11");
}

TEST_CASE("a static assertion has its reason in the last note") {
    for (const char* compiler : {"gcc12", "clang14"}) {
        const auto diagnostics = recorded(compiler, "concept_not_satisfied");
        const Diagnostic* const error = first_error(diagnostics, "steps", "tests/2_bump.cpp");
        REQUIRE(error != nullptr);
        CHECK(is_static_assertion(*error));
        CHECK(error->place->spoken() == "steps/2_bump/bump.hpp:82");
        REQUIRE_FALSE(error->mentions.empty());
        const std::string reason = error->mentions.back().text;
        CHECK((reason.find("noexcept") != reason.npos || reason.find("may throw") != reason.npos));
    }
}

TEST_CASE("a syntax error goes before the static assertion that it breaks") {
    for (const char* compiler : {"gcc12", "clang14"}) {
        const Shown error = shown(recorded(compiler, "class_brace_missing"));
        CHECK(error.own == "steps/2_bump/bump.hpp:84");
        CHECK(error.message.find("expected ") == 0);
    }
}

TEST_CASE("where everything behind a file breaks, no echo is taken for the error") {
    for (const char* compiler : {"gcc12", "clang14"}) {
        const auto diagnostics = recorded(compiler, "missing_brace_at_end");
        const Diagnostic* const error = first_error(diagnostics, "steps", "tests/2_bump.cpp");
        REQUIRE(error != nullptr);
        CHECK_FALSE(error->place->below("steps"));
        CHECK(error->message.find("FILE") != std::string::npos);
    }
}

TEST_CASE("an error in an earlier step") {
    for (const char* compiler : {"gcc12", "clang14"}) {
        CHECK(shown(recorded(compiler, "error_in_earlier_step")).own ==
              "steps/1_alignment/alignment.hpp:39");
    }
}

TEST_CASE("a function that is declared and never defined") {
    for (const char* tool : {"gcc12", "clang14", "lld14", "gold"}) {
        CAPTURE(tool);
        const Shown error = shown(recorded(tool, "not_defined"));
        CHECK(error.own == "steps/2_bump/bump.hpp:44");
        CHECK(error.message == "undefined reference to `workshop::BumpAllocator::reset()'");
    }
}

TEST_CASE("a warning") {
    for (const char* compiler : {"gcc12", "clang14"}) {
        const auto diagnostics = recorded(compiler, "warning");
        CHECK(first_error(diagnostics, "steps", "tests/2_bump.cpp") == nullptr);
        const Diagnostic* const warning = first_warning(diagnostics, "steps");
        REQUIRE(warning != nullptr);
        CHECK(warning->place->spoken() == "steps/2_bump/bump.hpp:31");
        CHECK(first_warning(diagnostics, "solutions") == nullptr);
    }
}

TEST_CASE("colours and paths with blanks, whole or relative, are understood") {
    const std::filesystem::path blanks = "/home/a b/w";
    const auto relative = parse_diagnostics(
        "\x1b[01m\x1b[K../steps/x y/b.hpp:3:4:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: "
        "\x1b[m\x1b[Koops\n",
        blanks, blanks / "build");
    REQUIRE(relative.size() == 1);
    CHECK(relative[0].place->spoken() == "steps/x y/b.hpp:3");
    CHECK(relative[0].place->column == 4);
    CHECK(relative[0].message == "oops");

    const auto whole =
        parse_diagnostics("/home/a b/w/steps/b.hpp:3: error: oops\n", blanks, "/tmp/build");
    REQUIRE(whole.size() == 1);
    CHECK(whole[0].place->file == "steps/b.hpp");

    const auto outside =
        parse_diagnostics("/usr/include/x.h:3: error: oops\n", blanks, "/tmp/build");
    REQUIRE(outside.size() == 1);
    CHECK(outside[0].place->file == "/usr/include/x.h");
}

TEST_CASE("errors without a place") {
    const auto killed = parse_diagnostics(
        "c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\n",
        root, root / "build");
    REQUIRE(killed.size() == 1);
    CHECK(killed[0].is_error);
    CHECK_FALSE(killed[0].place);
    CHECK(killed[0].message == "Killed signal terminated program cc1plus");
}

TEST_CASE("the excerpt marks the column") {
    CHECK(excerpt("one\n  two = 3\n", {"x", 2, 3}) ==
          "    1 | one\n    2 |   two = 3\n      |   ^\n");
    CHECK(excerpt("one\n  two = 3\n", {"x", 2, 9}) == "    2 |   two = 3\n      |         ^\n");
    CHECK(excerpt("\n\ttwo\n", {"x", 2, 2}) == "    2 | \ttwo\n");
    CHECK(excerpt("one\n", {"x", 1, 0}) == "    1 | one\n");
    CHECK(excerpt("one\n", {"x", 9, 1}) == "");
}

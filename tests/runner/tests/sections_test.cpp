#include "../sections.hpp"

#include <doctest/doctest.h>

using namespace runner;

namespace {

constexpr const char* starter_text = R"(// Step 2.

/// The class.
class Bump {
public:
    /// Gives a block.
    /// Fast.
    void* allocate() {
        // TODO 2.1: align.
        // SAFETY: TODO 2.5: why?
        return todo<void*>();
    }

    /// How much.
    int used() {
        // TODO 2.2: count.
        return todo<int>();
    }

    /// Takes all back.
    void reset() {
        // TODO 2.2: begin again.
        todo<void>();
    }

private:
    int x;
};
)";

constexpr const char* learner = R"(// Step 2.

/// The class.
class Bump {
public:
    /// Gives a block.
    ///   Fast.
    void* allocate() {
        return x;
    }

    int helper() { return 1; }

    /// How much.
    int used() { return 7; }

    /// Takes all back.
    void reset() {}

private:
    int x, y;
};
)";

}  // namespace

TEST_CASE("a header is cut at its contracts and access specifiers") {
    const auto sections = sections_of(starter_text);

    REQUIRE(sections.size() == 7);
    CHECK(sections[0].key.empty());
    CHECK(sections[1].key == "The class. ");
    CHECK(sections[2].key == "public:");
    CHECK(sections[3].key == "Gives a block. Fast. ");
    CHECK(sections[3].first_line == 6);
    CHECK(sections[3].last_line == 13);
    CHECK(sections[6].key == "private:");
    std::string whole;
    for (const auto& section : sections) {
        whole += section.text;
    }
    CHECK(whole == starter_text);
}

TEST_CASE("contracts of the same words are told apart by their order") {
    const auto sections = sections_of("/// Same.\nint a;\n/// Same.\nint b;\n");
    REQUIRE(sections.size() == 3);
    CHECK(sections[1].key == "Same. ");
    CHECK(sections[2].key == "Same. #2");
}

TEST_CASE("a task's sections are found in a file whose TODO is gone") {
    const auto of_used = sections_of_task(learner, starter_text, "2.2");

    REQUIRE(of_used.size() == 2);
    CHECK(of_used[0].text == "    /// How much.\n    int used() { return 7; }\n\n");
    CHECK(of_used[1].first_line == 17);
    CHECK(sections_of_task(learner, starter_text, "2.5").size() == 1);
    CHECK(sections_of_task(learner, starter_text, "2.7").empty());
}

TEST_CASE("a line of the learner's file belongs to a task") {
    CHECK(task_at(learner, starter_text, 9) == "2.1");
    CHECK(task_at(learner, starter_text, 12) == "2.1");
    CHECK(task_at(learner, starter_text, 15) == "2.2");
    CHECK(task_at(learner, starter_text, 21) == "");
    CHECK(task_at(learner, starter_text, 4) == "");
    CHECK(task_at(learner, starter_text, 400) == "");
}

TEST_CASE("the line of a TODO") {
    CHECK(todo_line(starter_text, "2.1") == 9);
    CHECK(todo_line(starter_text, "2.5") == 10);
    CHECK_FALSE(todo_line(starter_text, "2"));
    CHECK_FALSE(todo_line("// TODO 2.10: no\n// TODO 12.1: no\n", "2.1"));
    CHECK(todo_line("// TODO 2.10: no\n// TODO 2.1\n", "2.1") == 2);
}

TEST_CASE("calls of todo() are counted, comments are not") {
    CHECK(count_todo_calls(starter_text) == 3);
    CHECK(count_todo_calls("// todo(1)\nmy_todo(2); todo (3); todos(4); todo(5); x.todo(6)\n") ==
          1);
}

TEST_CASE("the function of a section is the one below its contract") {
    const auto function = [](const char* text) { return function_of(sections_of(text).at(1)); };
    CHECK(function("/// Gives a block.\n[[nodiscard]] void* allocate(Layout l) {\n") == "allocate");
    CHECK(function("/// One.\ntemplate <class T>\nstatic Layout of() {\n") == "of");
    CHECK(function("/// Two (not this).\nexplicit Bump(int x) {\n") == "Bump");
    CHECK(function("/// A class.\nclass Bump {\npublic:\n") == "");
    CHECK(function("/// A number.\nint x = 3;\nint f();\n") == "");
    CHECK(function("/// Nothing follows.\n") == "");
}

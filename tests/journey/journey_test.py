#!/usr/bin/env python3
"""Checks the journey's own tools: they see a difference where there is one, and none elsewhere."""

from __future__ import annotations

import pathlib
import sys
import tempfile
import textwrap
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import declarations  # noqa: E402
import golden  # noqa: E402
import headers  # noqa: E402
import schema  # noqa: E402

REPORT = """\
Step 2: bump

  done   2.1 allocate                                                     2 of 2
  wrong  2.2 used                                                         1 of 4
         done   used is zero at first
         wrong  a name that is so long that the rest of it stands in the
                line below
         hung   reset
         hung   owns
  to do  2.3 deallocate                                                   0 of 2

wrong: a name that is so long that the rest of it stands in the line below
  used() + remaining() is 60,
  capacity() is 64

  1. allocate 4 bytes

  the judge  tests/2_bump.cpp:88
  your code  steps/2_bump/bump.hpp:2
  a hint     ./workshop hint 2.2

warning: steps/2_bump/bump.hpp:1: unused
variable
"""

HEADER = """\
#include <new>

namespace workshop {

/// Hands out. "Not" 'this'.
class Bump : public Base {
public:
    explicit Bump(Span buffer) noexcept
        : begin_{buffer.data()}, end_{begin_ + size({1})} {}

    /// Returns a block.
    [[nodiscard]] void* allocate(Layout layout) noexcept {
        // TODO 2.1: what?
        // SAFETY: TODO 2.5: why?
        return todo<void*>(layout, '{');
    }

    /// Takes all back.
    void reset() noexcept { next_ = begin_; }

private:
    /// For nobody else.
    void help();

    char* begin_ = nullptr;
};

}  // namespace workshop
"""

SOLUTION = HEADER.replace("""\
        // TODO 2.1: what?
        // SAFETY: TODO 2.5: why?
        return todo<void*>(layout, '{');
""", """\
        // SAFETY: the caller
        // promised.
        return new (begin_) char;
""")


class GoldenTest(unittest.TestCase):
    def test_a_digest_has_the_tasks_the_summary_and_the_places(self) -> None:
        self.assertEqual(golden.digest(REPORT), textwrap.dedent("""\
            Step 2: bump

              2.1 allocate: done
              2.2 used: 1 wrong, several hung, the others done
              2.3 deallocate: to do

            wrong: a name that is so long that the rest of it stands in the line below
              used() + remaining() is 60, capacity() is 64
              the judge  tests/2_bump.cpp:88
              your code  steps/2_bump/bump.hpp:2

            warning: steps/2_bump/bump.hpp:1: unused variable"""))

    def test_lines_are_told_by_their_text(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "steps/2_bump/bump.hpp"
            file.parent.mkdir(parents=True)
            file.write_text("one\n  two\n", "utf-8")
            told = golden.with_text_of_lines("at steps/2_bump/bump.hpp:2, not :2 or "
                                             "steps/2_bump/bump.hpp:3", pathlib.Path(folder))
        self.assertEqual(told, "at steps/2_bump/bump.hpp:[two], not :2 or "
                               "steps/2_bump/bump.hpp:[no line 3]")

    def test_a_difference_is_found_and_a_wildcard_is_none(self) -> None:
        self.assertEqual(golden.difference("a\nb [...] c\n[...]\nd\n", "a\nb x c\ny\nz\nd\n"), "")
        self.assertEqual(golden.difference("a\n", "a\n"), "")
        self.assertIn("-b", golden.difference("a\nb\n", "a\n"))
        self.assertIn("+b", golden.difference("a\n", "a\nb\n"))
        self.assertIn("+x", golden.difference("a\nb [...] c\nd\n", "a\nx\nd\n"))

    def test_accepting_keeps_wildcards_that_still_fit(self) -> None:
        self.assertEqual(golden.accepted("a\nb [...]\nc [...]\n", "z\nb 1\nd\n"), "z\nb [...]\nd\n")
        self.assertEqual(golden.accepted("", "new\n"), "new\n")


class HeaderTest(unittest.TestCase):
    def test_declarations_are_those_of_the_public_without_bodies(self) -> None:
        declared = declarations.declared_in(HEADER)
        self.assertEqual(declared.public, [
            "namespace workshop", "/// Hands out. \"Not\" 'this'.", "class Bump : public Base",
            "explicit Bump(Span buffer) noexcept", "/// Returns a block.",
            "[[nodiscard]] void* allocate(Layout layout) noexcept", "/// Takes all back.",
            "void reset() noexcept"])
        self.assertEqual(declared.private,
                         ["/// For nobody else.", "void help()", "char* begin_ = nullptr"])
        self.assertEqual(declared, declarations.declared_in(SOLUTION))

    def test_what_is_declared_after_a_class_is_public_again(self) -> None:
        text = "class A { int a; };\nenum class B { one, two };\nstruct C { int c; };\nint d;\n"
        self.assertEqual(declarations.declared_in(text).public,
                         ["class A", "enum class B", "one, two", "struct C", "int c", "int d"])

    def test_a_task_is_solved_with_the_code_of_the_solution(self) -> None:
        first = headers.solve(HEADER, SOLUTION, "2.1")
        self.assertIn("return new (begin_) char;", first)
        self.assertIn("// SAFETY: TODO 2.5: why?\n", first)
        self.assertNotIn("promised", first)
        self.assertEqual(headers.solve(HEADER, SOLUTION, "2.2"), HEADER)
        self.assertEqual(headers.solve(first, SOLUTION, "2.5"), SOLUTION)


class SchemaTest(unittest.TestCase):
    SCHEMA = {
        "type": "object", "required": ["a"], "additionalProperties": False,
        "properties": {"a": {"$ref": "#/$defs/number"},
                       "b": {"type": "array", "items": {"type": ["string", "null"]}},
                       "c": {"anyOf": [{"$ref": "#/$defs/number"}, {"type": "null"}]},
                       "d": {"enum": ["x", "y"]}, "e": {"const": 1}},
        "$defs": {"number": {"description": "any", "type": "integer", "minimum": 0}},
    }

    def test_what_fits_has_no_problems(self) -> None:
        for value in ({"a": 0}, {"a": 1, "b": ["x", None], "c": None, "d": "y", "e": 1},
                      {"a": 1, "b": [], "c": 3}):
            self.assertEqual(schema.problems(value, self.SCHEMA), [])

    def test_what_does_not_fit_is_told_with_its_place(self) -> None:
        for value, place in (([], "the whole"), ({}, "lacks a"), ({"a": -1}, ".a: is below 0"),
                             ({"a": True}, ".a: is no integer"), ({"a": 1, "z": 1}, "has z"),
                             ({"a": 1, "b": ["x", 1]}, ".b[1]"), ({"a": 1, "c": "n"}, ".c"),
                             ({"a": 1, "d": "z"}, ".d: is none of"), ({"a": 1, "e": 2}, ".e: is not")):
            found = schema.problems(value, self.SCHEMA)
            self.assertEqual(len(found), 1, f"{value}: {found}")
            self.assertIn(place, found[0])

    def test_a_rule_that_is_not_known_is_no_rule_kept(self) -> None:
        with self.assertRaises(ValueError):
            schema.problems("x", {"type": "string", "pattern": "y"})


if __name__ == "__main__":
    unittest.main()

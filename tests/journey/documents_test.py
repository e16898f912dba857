#!/usr/bin/env python3
"""Checks documents.py: it finds what is wrong in a bad document, and nothing in a good one."""

from __future__ import annotations

import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest
import unittest.mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import documents  # noqa: E402

GOOD = """\
# Guide

See [the chapter](CONCEPTS.md#alignment-and-padding), [this page](#guide), [it][ref] and
<https://example.org/a>. Edit `steps/1_first/first.hpp` (`first.hpp:3`), or `steps/N/README.md`.
Type `./workshop test 1`, `./workshop hint 1.1` or `./workshop test --fast STEP`.
CONCEPTS.md, "Alignment and padding". A span may `go on
in the next line`, and [basic.life] is no link.

```sh
./workshop            # the map
./workshop test 1     # red at first
./workshop watch
```

```text
[not](a-link.md) `no/path`
```

[ref]: https://example.org/b
"""

CONCEPTS = """\
# Concepts

## Alignment and padding

```cpp
static_assert(sizeof(std::byte) == 1);
```

```cpp
#include <cstddef>
template <class T>
constexpr std::size_t size = sizeof(T);
```
"""

WORKSHOP = """\
#!/bin/sh
case "$*" in
    "--help") echo "commands: test, watch, fail; --help" ;;
    "test --help") echo "judge a step; --fast" ;;
    "watch --help") echo "again and again" ;;
    "run --help") echo "on your malloc" ;;
    "fail --help") echo "always fails" ;;
    "hint --help") echo "a hint" ;;
    *"--help") echo "commands: test, watch, fail; --help" ;;
    "") echo "map" ;;
    test*) exit 1 ;;
    watch*) sleep 60 ;;
    *) echo "no such thing"; exit 2 ;;
esac
"""


class Documents(unittest.TestCase):
    def setUp(self) -> None:
        soon = {"./workshop watch": documents.Rule(interrupt_after=0.2)}
        self.for_this_test(unittest.mock.patch.dict(documents.RULES, soon))
        self.for_this_test(unittest.mock.patch.object(documents, "SECONDS_TO_END", 0.5))
        self.for_this_test(unittest.mock.patch.object(documents, "SNIPPETS_IN", ()))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.write("README.md", GOOD)
        self.write("CONCEPTS.md", CONCEPTS)
        self.write("steps/1_first/first.hpp", '// See CONCEPTS.md,\n// "Alignment and padding".\n')
        self.write("steps/1_first/README.md", "# Step 1\n\n## 1.1 Begin\n")
        self.write("workshop", WORKSHOP)
        (self.root / "workshop").chmod(0o755)

    def for_this_test(self, patch: contextlib.AbstractContextManager) -> None:
        patch.__enter__()
        self.addCleanup(patch.__exit__, None, None, None)

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")

    def check(self, *arguments: str) -> tuple[int, str]:
        """Exit code and findings; static where no argument is given."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
            code = documents.main(["--root", str(self.root), *(arguments or ["--static"])])
        return code, output.getvalue()

    def expect(self, text: str, *findings: str, static: bool = True) -> None:
        """The document `text` has exactly these findings."""
        self.write("bad.md", text)
        code, output = self.check() if static else self.check(str(self.root))
        lines = output.splitlines()
        self.assertEqual(code, 1 if findings else 0, output)
        self.assertEqual(len(lines), len(findings), output)
        for line, finding in zip(lines, findings):
            self.assertIn(finding, line)

    def test_good_documents_have_no_findings(self) -> None:
        documents.SNIPPETS_IN = ("CONCEPTS.md",)
        self.assertEqual(self.check(), (0, ""))
        self.assertEqual(self.check(str(self.root)), (0, ""))

    def test_only_what_git_tracks_is_read(self) -> None:
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        subprocess.run(["git", "-C", str(self.root), "add", "."], check=True)

        self.expect("[gone](gone.md)")

        subprocess.run(["git", "-C", str(self.root), "add", "bad.md"], check=True)
        self.expect("[gone](gone.md)", "bad.md:1: the link leads nowhere: gone.md")

    def test_links(self) -> None:
        self.expect("\n[a](gone.md)", "bad.md:2: the link leads nowhere: gone.md")
        self.expect("[a](README.md#gone)", "no heading #gone in README.md")
        self.expect("[a](#gone)", "no heading #gone in bad.md")
        self.expect("[a](../outside.md)", "the link leads out of the project")
        self.expect("[a][b]", "no definition of the link [b]")
        self.expect("![a](picture.svg)", "the link leads nowhere: picture.svg")
        self.expect("[a]: gone.md", "the link leads nowhere: gone.md")
        self.expect("[a](https://nowhere)", "not a web address: https://nowhere")
        self.expect("see http://no_dot/x.", "not a web address: http://no_dot/x")
        self.expect("[[a]](steps/1_first) [b](steps/1_first#step-1)")

    def test_paths(self) -> None:
        self.expect("a\n\n`steps/1_first/gone.hpp`", "bad.md:3: no such file: steps/1_first/gone")
        self.expect("`steps/2_*/*.hpp`", "no such file: steps/2_*/*.hpp")
        self.expect("`gone.hpp`", "no such file: gone.hpp")
        self.expect("`steps/*/first.hpp`, `std/ratio`, `vector.h`, `a.b`, `tests/<judge>.cpp`")

    def test_chapters(self) -> None:
        self.expect('In CONCEPTS.md, "Gone".', 'no chapter "Gone" in CONCEPTS.md')
        self.expect('"Gone" in `CONCEPTS.md` says', 'no chapter "Gone" in CONCEPTS.md')
        self.expect('[CONCEPTS.md](CONCEPTS.md#concepts), "Gone"', 'no chapter "Gone"')
        self.expect("CONCEPTS.md, 'Alignment and padding'")

    def test_snippets(self) -> None:
        documents.SNIPPETS_IN = ("CONCEPTS.md",)
        self.write("CONCEPTS.md", CONCEPTS + "\n```cpp\nint x = 1;\nstatic_assert(1 == 2);\n```\n")

        code, output = self.check()

        self.assertEqual(code, 1)
        self.assertEqual(output.count("\n"), 1, output)
        self.assertIn("CONCEPTS.md:17: the snippet does not compile: static", output)

    def test_steps_and_tasks(self) -> None:
        self.expect("`./workshop test 2`", "no step 2: ./workshop test 2")
        self.expect("`./workshop diff 1_gone`", "no step 1_gone")
        self.expect("```sh\n./workshop hint 1.2\n```", "bad.md:2: no task 1.2")

    def test_commands(self) -> None:
        self.expect("```sh\ntrue\nexit 3 # why\n```", "bad.md:3: exit code 3: exit 3", static=False)
        self.expect("```sh\n./workshop fail\n```", "exit code 2: ./workshop fail (no such thing)",
                    static=False)
        self.expect("```sh\nfalse \\\n  a\ngone-command\n```", "bad.md:2: exit code 1",
                    "bad.md:4: exit code 127", static=False)
        self.expect("```sh\nsudo apt install gone\ncd elsewhere\n```", static=False)

    def test_a_command_that_ignores_ctrl_c(self) -> None:
        self.write("workshop", WORKSHOP.replace("sleep 60", "trap '' INT; sleep 60"))
        self.expect("", "README.md:12: does not end at Ctrl-C: ./workshop watch", static=False)

    def test_mentions(self) -> None:
        self.expect("Type\n`./workshop gone`.", "bad.md:2: the workshop has no command gone",
                    static=False)
        self.expect("`./workshop test --slow`", "the help does not know --slow", static=False)
        self.expect("`./workshop test [--slow]`", "the help does not know --slow", static=False)
        self.expect("`./workshop --slow test`", "the help does not know --slow", static=False)
        self.expect("`./workshop test --fast [STEP]` or `./workshop --help`", static=False)
        self.expect("`./workshop COMMAND`, `./workshop run -- ls --slow`", static=False)

    def test_wrong_usage(self) -> None:
        for arguments in (["--static", "folder"], ["--gone"]):
            with self.assertRaises(SystemExit) as exit_, \
                    contextlib.redirect_stderr(io.StringIO()):
                documents.main(arguments)
            self.assertEqual(exit_.exception.code, 2)


if __name__ == "__main__":
    unittest.main()

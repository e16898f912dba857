#!/usr/bin/env python3
"""Checks the starters: what a learner begins with fits the judges, the lessons and the solutions.

    starters.py [--static] [--ours] [--root DIR] [--build DIR] [--compiler CXX]

The starters are those that `./workshop reset` brings back, whatever stands in steps/ now.

    contracts   Starter and solution have the same public declarations and contract lines, `///`, in
                the same order; in private parts, each contract line of the starter is in the
                solution, too.
    keys        Each task of a judge has its heading in the lesson, its hints, and its TODO in a
                starter; and the other way round.
    solutions   They contain no todo() and no TODO.
    warnings    Judges and demos compile with the starters without a warning, with g++ and with
                clang++ where they are installed.
    red         Each test case of each judge is *to do*, on the starter of its part and the
                solutions of the earlier ones.

    --static    only the first three
    --ours      also: the newest version of each starter is the one that reset brings back. So it
                must be in the workshop's own repository; learners' files have moved on.

Prints a line for each finding. Exit code: 0 nothing found, 1 something found, 2 it could not be
found out.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import difflib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
from typing import Iterable, NamedTuple

sys.dont_write_bytecode = True

import declarations  # noqa: E402
import documents  # noqa: E402
from scratch import (ROOT, Original, Scratch, Unable, count_todo_calls, git,  # noqa: E402
                     is_starter, pristine_starter)

COMPILERS = ("g++", "clang++")

KEY = r"(?:\d+|[a-z]\w*)\.\d+"
KEY_IN_JUDGE = re.compile(rf'TEST_SUITE\("({KEY}) ')
KEY_IN_HEADING = re.compile(rf"^## ({KEY})\b", re.MULTILINE)
KEY_IN_STARTER = re.compile(rf"\bTODO ({KEY})\b")


class Part(NamedTuple):
    folder: str  # below steps/ and solutions/
    label: str
    judges: list[str]

    @property
    def tree(self) -> str:
        """Whose judges see nothing but the starter of this part; the first one is their own."""
        return "learner" if self.label == "1" else "mixed"


class Checker:
    def __init__(self, root: pathlib.Path, parts: list[Part]) -> None:
        self.root = root
        self.parts = parts
        self.files = documents.list_files(root)
        self.findings: list[str] = []

    def found(self, what: str) -> None:
        self.findings.append(what)

    def starters_of(self, part: Part) -> dict[str, str]:
        folder = f"steps/{part.folder}/"
        return {file: pristine_starter(self.root, file) for file in self.files
                if file.startswith(folder) and is_starter(file)}

    def read(self, file: str) -> str:
        path = self.root / file
        return path.read_text(encoding="utf-8") if path.exists() else ""

    # ---- Texts -----------------------------------------------------------------------------------

    def check_contracts(self, part: Part) -> None:
        for file, text in self.starters_of(part).items():
            name = file.replace("steps/", "solutions/", 1)
            if not file.endswith(".hpp"):
                continue
            if not (self.root / name).exists():
                self.found(f"{file}: there is no {name}")
                continue
            starter = declarations.declared_in(text)
            solution = declarations.declared_in(self.read(name))
            for line in difflib.ndiff(starter.public, solution.public):
                if line.startswith(("- ", "+ ")):
                    only = "starter" if line[0] == "-" else "solution"
                    self.found(f"{file}: only in the {only}: {line[2:]}")
            for line in set(starter.private) - set(solution.private):
                if line.startswith("///"):
                    self.found(f"{file}: a private contract that the solution has not: {line}")

    def check_keys(self, part: Part) -> None:
        folder = f"steps/{part.folder}"
        starters = "\n".join(self.starters_of(part).values())
        keys = {
            "judge": [key for judge in part.judges
                      for key in KEY_IN_JUDGE.findall(self.read(f"tests/{judge}.cpp"))],
            "lesson": KEY_IN_HEADING.findall(self.read(f"{folder}/README.md")),
            "hints": KEY_IN_HEADING.findall(self.read(f"{folder}/HINTS.md")),
            "starter": KEY_IN_STARTER.findall(starters)}
        everywhere = sorted(set().union(*keys.values()))
        for key in everywhere:
            if not key.startswith(f"{part.label}."):
                self.found(f"{folder}: task {key} does not belong here")
            for where, found in keys.items():
                if key not in found:
                    has = " and ".join(name for name, others in keys.items() if key in others)
                    self.found(f"{folder}: task {key} of the {has} is not in the {where}")
        for where in ("judge", "lesson", "hints"):
            for key, count in collections.Counter(keys[where]).items():
                if count > 1:
                    self.found(f"{folder}: task {key} is {count} times in the {where}")
        for where in ("lesson", "hints"):
            if keys[where] != sorted(keys[where], key=lambda key: int(key.split(".")[1])):
                self.found(f"{folder}: the tasks of the {where} are not in their order")

    def check_solutions(self) -> None:
        for file in self.files:
            if file.startswith("solutions/") and file.endswith((".hpp", ".cpp")):
                text = self.read(file)
                if count_todo_calls(text) > 0 or "todo.hpp" in text or KEY_IN_STARTER.search(text):
                    self.found(f"{file}: something is still to do")

    def check_newest(self) -> None:
        for file in self.files:
            newest = git(self.root, "show", f"HEAD:./{file}") if is_starter(file) else None
            if newest is not None and newest != pristine_starter(self.root, file):
                self.found(f"{file}: reset brings back an older version, which has more calls of "
                           "todo()")

    # ---- Programs --------------------------------------------------------------------------------

    def check_judges(self, scratch: Scratch) -> None:
        """Builds and runs them."""
        targets = [f"tests/{part.tree}_{judge.split('/')[-1]}"
                   for part in self.parts for judge in part.judges]
        done = scratch.ninja("-k", "0", *targets)
        complaints = warnings_in(done.text, scratch.root)
        for line in complaints:
            self.found(line)
        for target in targets:
            if (scratch.build / target).exists():
                self.check_red(scratch, target)
            else:
                said = "" if complaints else f":\n{done.text[-3000:]}"
                self.found(f"{target} does not build on the starter{said}")

    def check_red(self, scratch: Scratch, target: str) -> None:
        done = subprocess.run([str(scratch.build / target), "--verdicts", "1"], cwd=scratch.build,
                              capture_output=True, text=True, check=False, errors="replace",
                              env=scratch.environment())
        lines = done.stdout.splitlines()
        if lines[-1:] != ["end of verdicts"] or len(lines) < 2:
            self.found(f"{target} did not come to its end on the starter")
        for line in lines[:-1]:
            if line.count("\t") < 4:  # a remark, not a verdict
                continue
            kind, suite, _, name, summary, *_ = line.split("\t")
            if kind != "to do":
                self.found(f"{target}: on the starter this is {kind}: {suite}: {name}"
                           f"{': ' if summary else ''}{summary}")

    def check_warnings(self, scratch: Scratch, compiler: str) -> None:
        """With this compiler, and the project's own flags; the judges' targets were built with
        another one."""
        commands = json.loads((scratch.build / "compile_commands.json").read_text("utf-8"))
        starts = ["learner_demo_"]
        for part in self.parts:
            starts += [f"{part.tree}_{judge.split('/')[-1]}.p" for judge in part.judges]
            starts.append(f"lib{part.tree}_bridge_")
        wanted = [command for command in commands
                  if command["output"].startswith(tuple(f"tests/{start}" for start in starts))]

        def check(command: dict[str, str]) -> list[str]:
            flags = [word for word in shlex.split(command["command"])
                     if re.match(r"-(I|D|std=|W(?!error))", word)]
            done = subprocess.run([compiler, *flags, "-fsyntax-only", command["file"]], text=True,
                                  cwd=scratch.build, capture_output=True, check=False,
                                  errors="replace", env=scratch.environment())
            return warnings_in(done.stderr, scratch.root)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for line in sorted(set().union(*pool.map(check, wanted))):
                self.found(f"{line} ({compiler})")


def warnings_in(output: str, root: pathlib.Path) -> list[str]:
    lines = [line.replace(f"{root}/", "").replace("../", "") for line in output.splitlines()
             if re.search(r":\d+: (warning|error|fatal error): ", line)]
    return list(dict.fromkeys(lines))


def read_parts(text: str) -> list[Part]:
    parts = []
    for line in text.splitlines():
        if line.count("\t") >= 2:
            folder, label, judges, *_ = line.split("\t")
            parts.append(Part(folder, label, judges.split()))
    return parts


def other_compilers(used: str) -> Iterable[str]:
    """Those installed, without the one that builds the judges."""
    banner = subprocess.run([*shlex.split(used or "c++"), "--version"], text=True, check=False,
                            capture_output=True).stdout.lower()
    used_kind = "clang++" if "clang" in banner else "g++"
    return [compiler for compiler in COMPILERS
            if compiler != used_kind and shutil.which(compiler)]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--static", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--build", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--compiler", default=os.environ.get("CXX", ""), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no copy behind
    root = options.root.resolve()
    build = options.build or pathlib.Path(os.environ.get("WORKSHOP_BUILD", root / "build"))
    try:
        parts = read_parts((build / "parts.txt").read_text("utf-8"))
    except OSError as problem:
        print(f"the list of the parts cannot be read: {problem}")
        return 2
    checker = Checker(root, parts)
    for part in parts:
        checker.check_contracts(part)
        checker.check_keys(part)
    checker.check_solutions()
    if options.ours:
        checker.check_newest()
    if not options.static:
        try:
            scratch = Scratch(Original(root, build.resolve(), options.compiler))
        except Unable as problem:
            print(problem)
            return 2
        try:
            checker.check_judges(scratch)
            for compiler in other_compilers(options.compiler):
                checker.check_warnings(scratch, compiler)
        finally:
            scratch.remove()

    for finding in checker.findings:
        print(finding)
    print(f"{len(parts)} parts, {len(checker.findings)} findings", file=sys.stderr)
    return 1 if checker.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

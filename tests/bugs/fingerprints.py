#!/usr/bin/env python3
"""How each planted bug shows: which test cases fail, and how.

The runner compares a learner's verdicts with it, to say what such a failure may come from. It is
kept in `fingerprints.txt`, a line for each bug:

    PART<tab>NAME<tab>JUDGES<tab>CASE<tab>CASE...
    with a CASE as:    2.1 3fa2 wrong: size 0 is served as 1

The number is that of the summary's shape: its text without addresses and numbers of more than three
digits, in FNV-1a. What crashed or hung has `-`. `sometimes` stands for a verdict that differs from
run to run, or between compilers.

    fingerprints.py --write --build DIR...     runs the judges that were built in these folders,
                                               and writes the file; `ninja -C DIR` builds them
    fingerprints.py --static                   checks that it has a line for each bug and no other
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Iterable, NamedTuple

sys.dont_write_bytecode = True

import plant  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE / "fingerprints.txt"

SOMETIMES = "sometimes"
ESCAPES = {"\\t": "\t", "\\n": "\n", "\\\\": "\\"}


class Case(NamedTuple):
    task: str
    name: str


class Fate(NamedTuple):
    kind: str  # "wrong"
    shape: str  # "3fa2"; "-" where it is not wrong


Fingerprint = dict[Case, Fate]


class Unable(Exception):
    """A judge did not do its work."""


def shape_of(summary: str) -> str:
    text = re.sub(r"0x[0-9a-f]+|[0-9]{4,}", "#", summary)
    value = 2166136261
    for byte in text.encode("utf-8", "surrogateescape"):
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return f"{value >> 16 ^ value & 0xFFFF:04x}"


def unescaped(field: str) -> str:
    return re.sub(r"\\[tn\\]", lambda match: ESCAPES[match[0]], field)


def fingerprint_of(verdicts: Iterable[list[str]]) -> Fingerprint:
    """Of the lines of a judge, cut at the tabs. What was not run is not told of."""
    found: Fingerprint = {}
    for kind, suite, _, name, summary, *_ in verdicts:
        if kind not in ("done", "to do", "not run"):
            shape = shape_of(unescaped(summary)) if kind == "wrong" else "-"
            found[Case(suite.split()[0], unescaped(name))] = Fate(kind, shape)
    return found


def cases_not_run(verdicts: Iterable[list[str]]) -> set[Case]:
    return {Case(suite.split()[0], unescaped(name))
            for kind, suite, _, name, *_ in verdicts if kind == "not run"}


def run_judge(judge: str | pathlib.Path) -> list[list[str]]:
    """The verdicts of a judge, each as the fields of its line."""
    result = subprocess.run([judge, "--verdicts", "1"], stdout=subprocess.PIPE, timeout=100,
                            check=False, text=True, errors="surrogateescape")
    lines = result.stdout.splitlines()
    if not lines or lines[-1] != "end of verdicts":
        raise Unable(f"{judge} did not come to its end")
    return [fields for fields in (line.split("\t") for line in lines) if len(fields) == 9]


def merged(fingerprints: list[Fingerprint], not_run: set[Case]) -> Fingerprint:
    """What they agree on; where they do not, the verdict is one of `sometimes`."""
    result = {}
    for case in set().union(*fingerprints) | not_run:
        fates = {fingerprint.get(case) for fingerprint in fingerprints}
        agree = len(fates) == 1 and case not in not_run
        result[case] = fates.pop() if agree else Fate(SOMETIMES, "-")
    return {case: fate for case, fate in result.items() if fate is not None}


def as_line(part: str, name: str, judges: str, fingerprint: Fingerprint) -> str:
    cases = sorted((plant_order(case.task), case, fate) for case, fate in fingerprint.items())
    return "\t".join([part, name, judges] + [f"{case.task} {fate.shape} {fate.kind}: {case.name}"
                                             for _, case, fate in cases])


def plant_order(task: str) -> list[tuple[int, str]]:
    return [(int(word) if word.isdigit() else 0, word) for word in task.split(".")]


def read_table(file: pathlib.Path = TABLE) -> dict[tuple[str, str], Fingerprint]:
    table = {}
    for line in file.read_text("utf-8").splitlines():
        part, name, _, *cases = line.split("\t")
        fingerprint = {}
        for case in cases:
            match = re.fullmatch(r"(\S+) (\S+) ([a-z ]+): (.*)", case)
            if not match:
                raise Unable(f"{file}: cannot read '{case}'")
            fingerprint[Case(match[1], match[4])] = Fate(match[3], match[2])
        table[part, name] = fingerprint
    return table


def drift(expected: Fingerprint, verdicts: list[list[str]]) -> list[str]:
    """What is no longer as it was written down; empty where nothing is."""
    actual = fingerprint_of(verdicts)
    excused = cases_not_run(verdicts) | {case for case, fate in expected.items()
                                         if fate.kind == SOMETIMES}
    return [f"{case.task} {case.name}: was {spoken(expected.get(case))}, is {spoken(actual.get(case))}"
            for case in sorted(set(expected) | set(actual))
            if case not in excused and not alike(case, expected.get(case), actual.get(case))]


def alike(case: Case, one: Fate | None, other: Fate | None) -> bool:
    """How small a random sequence gets, and so what it says, depends on the time there was."""
    if "random sequences" in case.name and one is not None and other is not None:
        return True
    return one == other


def spoken(fate: Fate | None) -> str:
    return "done" if fate is None else f"{fate.kind} ({fate.shape})"


# ---- The program ---------------------------------------------------------------------------------


def all_bugs() -> list[list[str]]:
    """PART, NAME, TASKS, JUDGES of each."""
    tests = HERE.parent
    found = []
    for diff in sorted(HERE.glob("**/*.diff")):
        part = diff.parent.relative_to(HERE).as_posix()
        tasks = plant.read_header(diff.read_text("utf-8").splitlines())["Task"]
        judges = sorted({plant.judge_of(task, tests) for task in tasks.split()})
        found.append([part, diff.stem, tasks, " ".join(judges)])
    return found


def underscorified(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", text)


def measured(bug: list[str], builds: list[pathlib.Path], rounds: int) -> str:
    part, name, _, judges = bug
    prints = []
    not_run: set[Case] = set()
    for build in builds:
        programs = [build / "tests/bugs" / f"bug_{underscorified(part)}__{name}_{underscorified(judge)}"
                    for judge in judges.split()]
        for _ in range(rounds):
            verdicts = [line for program in programs for line in run_judge(program)]
            prints.append(fingerprint_of(verdicts))
            not_run |= cases_not_run(verdicts)
    return as_line(part, name, judges, merged(prints, not_run))


def write(builds: list[pathlib.Path], rounds: int) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        lines = pool.map(lambda bug: measured(bug, builds, rounds), all_bugs())
        TABLE.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def check_names() -> list[str]:
    known = set(read_table())
    bugs = {(part, name) for part, name, *_ in all_bugs()}
    return ([f"{part}/{name} has no line" for part, name in sorted(bugs - known)] +
            [f"{part}/{name} is no bug" for part, name in sorted(known - bugs)])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--static", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--build", nargs="+", type=pathlib.Path, default=[], help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        if options.write and options.build:
            write([build.resolve() for build in options.build], options.rounds)
        elif options.static:
            found = check_names()
            print("".join(f"{line}\n" for line in found), end="")
            return 1 if found else 0
        else:
            parser.print_usage()
            return 2
    except (Unable, OSError, plant.Unfit, subprocess.TimeoutExpired) as problem:
        print(problem)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

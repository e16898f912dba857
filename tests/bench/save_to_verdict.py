#!/usr/bin/env python3
"""How long it takes from a save to the verdict.

    save_to_verdict.py [--rounds 10] [--solution] STEP...     in a project that is set up

For each step: the median over the rounds, after a first one that is not counted, of the time that
`./workshop test STEP` takes after the step's headers were saved. Beside it, in the same rounds,
what a doctest file of a hundred lines takes that is compiled, linked and run by hand with the
compiler and the flags of the judges. The spread is (largest - smallest) / median.
"""

import argparse
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WORKSHOP_BUILD", ROOT / "build"))

HEAD = """#include <doctest/doctest.h>
#include <cstddef>
#include <optional>
#include <span>
static int add(int a, int b) { return a + b; }
"""
CASE = """TEST_CASE("sum {0}") {{
    const int x = add({0}, 2);
    CHECK(x == {0} + 2);
    CHECK_FALSE(x < 0);
}}
"""


def hundred_lines():
    text = HEAD + "".join(CASE.format(i) for i in range(19))
    assert len(text.splitlines()) == 100
    return text


def judge_flags():
    """Compiler and flags of a judge, without its files and include paths."""
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    words = next(shlex.split(c["command"]) for c in commands
                 if c["file"].endswith("1_alignment.cpp") and "solution_" in c["output"])
    compiler = words[:next(i for i, word in enumerate(words) if word.startswith("-"))]
    flags = [w for w in words if w.startswith(("-std", "-O", "-g", "-f", "-W"))]
    return compiler, flags


class ByHand:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "hundred.cpp").write_text(hundred_lines())
        (self.folder / "main.cpp").write_text(
            "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n")
        self.compiler, self.flags = judge_flags()
        self.run(*self.compiler, *self.flags, "-c", "main.cpp", "-o", "main.o")

    def run(self, *command):
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def __call__(self):
        self.run(*self.compiler, *self.flags, "-c", "hundred.cpp", "-o", "hundred.o")
        self.run(*self.compiler, *self.flags, "hundred.o", "main.o", "-o", "hundred")
        self.run("./hundred")


class Workshop:
    def __init__(self, step, solution):
        tree = ROOT / ("solutions" if solution else "steps")
        self.headers = list(tree.glob(f"{step}_*/*.hpp")) + list(tree.glob(f"extensions/{step}/*.hpp"))
        if not self.headers:
            sys.exit(f"there is no step '{step}'")
        self.command = [ROOT / "workshop", "test", step] + (["--solution"] if solution else [])

    def __call__(self):
        for header in self.headers:
            os.utime(header)
        subprocess.run(self.command, stdout=subprocess.DEVNULL, check=False)


def seconds(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start


def row(name, times, base):
    median = statistics.median(times)
    spread = (max(times) - min(times)) / median
    print(f"{name:<24}{median:8.2f} s {median / base:8.2f} {spread:8.0%}")


def main():
    parser = argparse.ArgumentParser(description="From a save to the verdict.")
    parser.add_argument("steps", nargs="+", metavar="STEP")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--solution", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        actions = {"100 lines by hand": ByHand(folder)}
        for step in arguments.steps:
            actions[f"./workshop test {step}"] = Workshop(step, arguments.solution)
        times = {name: [] for name in actions}
        for number in range(arguments.rounds + 1):
            for name, action in actions.items():
                taken = seconds(action)
                if number > 0:
                    times[name].append(taken)
    base = statistics.median(times["100 lines by hand"])
    print(f"{'':24}{'median':>10} {'ratio':>8} {'spread':>8}")
    for name, values in times.items():
        row(name, values, base)


if __name__ == "__main__":
    main()

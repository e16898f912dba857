#!/usr/bin/env python3
"""How the cost of an operation grows with the number of live blocks.

    live_blocks.py [--steps] [--most LIVE] [--rounds N] [--no-valgrind]

Builds live_blocks.cpp on the solutions (--steps: on the learner's files) and prints a table: for
100, 1,000, ... live blocks the instructions of an operation, by valgrind's callgrind, and the
nanoseconds, medians of interleaved rounds, beside those of a loop that merely touches the blocks.
An operation is an allocate or a deallocate. First and best fit go no further than 10,000 live
blocks: they walk the list.
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("1_alignment", "2_bump", "3_tracking", "4_free_list")
CONTENDERS = ("bins", "malloc", "touch", "first_fit", "best_fit")
WALKERS = ("first_fit", "best_fit")
MOST_FOR_WALKERS = 10_000


def build(tree, program):
    includes = [f"-I{ROOT / tree / part}" for part in PARTS]
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    subprocess.run([*compiler, "-std=c++20", "-O2", "-g", "-DNDEBUG", "-falign-functions=64",
                    "-falign-loops=64", *includes, f"-I{ROOT / 'steps'}",
                    ROOT / "tests/bench/live_blocks.cpp", "-o", program], check=True)


def instructions(program, contender, live):
    steps = 200 if contender in WALKERS else 20_000
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         "--toggle-collect=*measured_*", program, contender, str(live), str(steps)],
        check=True, capture_output=True, text=True)
    collected = int(re.search(r"Collected *: *(\d+)", done.stderr).group(1))
    return collected / (2 * steps)


def nanoseconds(program, contender, live):
    steps = 2_000 if contender in WALKERS else 1_000_000
    done = subprocess.run([program, contender, str(live), str(steps)], check=True,
                          capture_output=True, text=True)
    return float(done.stdout)


def print_table(title, rows, cell):
    print(f"\n{title}\n\n| live blocks | {' | '.join(CONTENDERS)} |".replace("_", " "))
    print("|---:|" + "---:|" * len(CONTENDERS))
    for live in rows:
        cells = [cell(contender, live) if runs(contender, live) else "" for contender in CONTENDERS]
        print(f"| {live:,} | {' | '.join(cells)} |", flush=True)


def runs(contender, live):
    return contender not in WALKERS or live <= MOST_FOR_WALKERS


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-valgrind", action="store_true")
    words = parser.parse_args()
    rows = [10 ** power for power in range(2, 10) if 10 ** power <= words.most]
    with tempfile.TemporaryDirectory() as folder:
        program = str(pathlib.Path(folder) / "live_blocks")
        build("steps" if words.steps else "solutions", program)
        if words.no_valgrind or shutil.which("valgrind") is None:
            print("no instructions: valgrind is not there, or not wanted", file=sys.stderr)
        else:
            print_table("Instructions an operation", rows, lambda contender, live:
                        f"{instructions(program, contender, live):.1f}")
        times = {(contender, live): [] for contender in CONTENDERS for live in rows}
        for _ in range(words.rounds):
            for (contender, live), measured in times.items():
                if runs(contender, live):
                    measured.append(nanoseconds(program, contender, live))
        print_table(f"Nanoseconds an operation, medians of {words.rounds} rounds", rows,
                    lambda contender, live: f"{statistics.median(times[contender, live]):.1f}")


main()

#!/usr/bin/env python3
"""Counts which instrument catches a planted bug of step 5, and how often.

    instruments.py [--runs N] BUILD [BUG...]

    BUILD     the build folder
    --runs N  how often each judge runs; 20 when nothing is said
    BUG       such as no_tag; all bugs whose judge also runs under ThreadSanitizer when none is named

Prints a row for each bug: in how many of the runs it was caught by the stress tests, by the stress
tests under ThreadSanitizer, by the explorer of interleavings, by a test with one thread, and by any
of them. Exit code: 0 each bug was caught in every run, 1 one was not, 2 something did not build.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import subprocess
import sys

PREFIX = "tests/bugs/bug_5_thread_safe__"
# The names of the test cases tell how they look.
EXPLORER = re.compile("every interleaving|: ABA|^nor |weak exchange|interleaved")
STRESS = re.compile("four threads|threads that|blocks given back by a thread|more threads")


def targets(build: pathlib.Path) -> dict[str, tuple[str, str]]:
    """For each bug its two judges: under AddressSanitizer, and under ThreadSanitizer."""
    listed = subprocess.run(["ninja", "-C", str(build), "-t", "targets", "all"], check=True,
                            capture_output=True, text=True).stdout
    names = {line.split(":")[0] for line in listed.splitlines() if line.startswith(PREFIX)}
    under_tsan = {name for name in names if name.endswith("_tsan")}
    found = {}
    for tsan in under_tsan:
        plain = tsan.removesuffix("_tsan")
        bug = re.sub(r"_5_(spin_lock|locked|atomic_bump|lock_free_pool)$", "",
                     plain.removeprefix(PREFIX))
        found[bug] = (plain, tsan)
    return found


def failed_cases(program: pathlib.Path) -> list[str]:
    done = subprocess.run([str(program), "--verdicts", "1"], stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.DEVNULL, text=True, errors="replace", timeout=300)
    verdicts = [line.split("\t") for line in done.stdout.splitlines()]
    return [fields[3] for fields in verdicts if len(fields) > 3 and fields[0] != "done"]


def caught_by(plain: pathlib.Path, tsan: pathlib.Path) -> set[str]:
    caught = set()
    for name in failed_cases(plain):
        caught.add("explorer" if EXPLORER.search(name) else
                   "stress" if STRESS.search(name) else "one thread")
    if any(STRESS.search(name) for name in failed_cases(tsan)):
        caught.add("ThreadSanitizer")
    return caught


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=pathlib.Path, metavar="BUILD")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("bugs", nargs="*", metavar="BUG")
    arguments = parser.parse_args()
    known = targets(arguments.build)
    for bug in arguments.bugs:
        if bug not in known:
            print(f"There is no bug `{bug}`; expected one of {', '.join(sorted(known))}.")
            return 2
    instruments = ("stress", "ThreadSanitizer", "explorer", "one thread")
    print(f"| bug | {' | '.join(instruments)} | any |\n|{'---|' * (len(instruments) + 2)}")
    missed = False
    for bug in arguments.bugs or sorted(known):
        if subprocess.run(["ninja", "-C", str(arguments.build), *known[bug]],
                          stdout=subprocess.DEVNULL, check=False).returncode != 0:
            print(f"{bug} does not build; `ninja -C {arguments.build} {known[bug][1]}` says why.")
            return 2
        runs = [caught_by(*(arguments.build / target for target in known[bug]))
                for _ in range(arguments.runs)]
        counts = [sum(instrument in run for run in runs) for instrument in instruments]
        counts.append(sum(bool(run) for run in runs))
        missed = missed or counts[-1] != arguments.runs
        print(f"| `{bug}` | {' | '.join(map(str, counts))} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

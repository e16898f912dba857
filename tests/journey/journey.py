#!/usr/bin/env python3
"""Plays learner, and checks what the workshop says.

    journey.py [--only NAME]... [--accept] [--root DIR] [--build DIR] [--compiler CXX]

Works in scratch copies of the project, with its untouched starters; the project itself is only
read. It must have been built: its runner and harness are used.

    --only NAME     only these: `endless_loop`, `2_bump/deleted`, `broken`, `learners`, `documents`
    --accept        take what is found for the expected output, and write the golden files
    --list          the names, and nothing more
    --slow          also print how long each took

Exit code: 0 all as expected, 1 something differs, 2 it could not be found out.
"""

from __future__ import annotations

import argparse
import collections
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from typing import Callable, NamedTuple

sys.dont_write_bytecode = True

import broken  # noqa: E402
import classroom  # noqa: E402
import documents  # noqa: E402
import learners  # noqa: E402
from scratch import ROOT, Original, Scratch, Unable  # noqa: E402


class Test(NamedTuple):
    name: str
    run: Callable[[Scratch, int], str]  # patience; returns what differs
    again: bool = True  # with more patience, when something does


class Result(NamedTuple):
    name: str
    problem: str
    seconds: float


def all_tests(accept: bool) -> list[Test]:
    learning = [Test(f"learners/{script.__name__}",
                     lambda scratch, patience, script=script:
                     learners.play(script, scratch, accept, patience))
                for script in learners.ALL + classroom.ALL]
    breaking = [Test(f"broken/{case.name}",
                     lambda scratch, patience, case=case: case.run(scratch, accept, patience))
                for case in broken.all_cases()]
    documenting = [Test("documents/commands", lambda scratch, _: try_commands(scratch),
                        again=False)]
    return documenting + learning + breaking[::-1]  # step 1 last; see Workers


def try_commands(scratch: Scratch) -> str:
    """Runs what the documents tell to type."""
    scratch.clear()
    scratch.limit_course()
    scratch.take_over_runner()
    done = subprocess.run([sys.executable, documents.__file__, "--root", str(scratch.root),
                           str(scratch.root)], stdout=subprocess.PIPE, text=True, check=False)
    return "".join(f"    {line}\n" for line in done.stdout.splitlines())


def is_wanted(name: str, only: list[str]) -> bool:
    """`2_bump/deleted` wants `broken/2_bump/deleted`, `broken` all of its folder. Without wishes it is
    all but the documents, which take long."""
    if not only:
        return not name.startswith("documents/")
    return any(f"/{each.strip('/')}/" in f"/{name}/" for each in only)


class Workers:
    """Each with a scratch copy of its own, for they build in it. One takes the first test that
    waits, the others the last: so that what step 2 needs is not built in each."""

    def __init__(self, original: Original, tests: list[Test], patience: int) -> None:
        self._original = original
        self._patience = patience
        self._waiting = collections.deque(tests)
        self.results: list[Result] = []
        self.problem: Exception | None = None

    def run(self, count: int) -> None:
        take = [self._waiting.popleft] + [self._waiting.pop] * (count - 1)
        threads = [threading.Thread(target=self._work, args=[take[i]]) for i in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self, *_: object) -> None:
        """What is tried now is the last; the copies are taken away."""
        self.problem = Unable("interrupted")

    def _work(self, take: Callable[[], Test]) -> None:
        try:
            scratch = Scratch(self._original)
            try:
                while self.problem is None:
                    try:
                        test = take()
                    except IndexError:  # none waits
                        break
                    self.results.append(self._try(scratch, test))
            finally:
                scratch.remove()
        except Exception as problem:  # pylint: disable=broad-except  # told by the main thread
            self.problem = problem

    def _try(self, scratch: Scratch, test: Test) -> Result:
        start = time.monotonic()
        try:
            problem = test.run(scratch, self._patience)
            if problem and test.again:
                # The machine may have been too busy for the short limits.
                problem = test.run(scratch, 8)
        except Unable as unable:  # this one; the others may well be tried
            problem = f"    {unable}\n"
        return Result(test.name, problem, time.monotonic() - start)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], help=argparse.SUPPRESS)
    for flag in ("--accept", "--list", "--slow"):
        parser.add_argument(flag, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--build", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--compiler", default=os.environ.get("CXX", ""), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)

    root = options.root.resolve()
    build = options.build or pathlib.Path(os.environ.get("WORKSHOP_BUILD", root / "build"))
    original = Original(root, build.resolve(), options.compiler)
    tests = [test for test in all_tests(options.accept) if is_wanted(test.name, options.only)]
    if options.list:
        print("\n".join(test.name for test in tests))
        return 0
    if not original.runner.exists() or not tests:
        print(f"{original.runner} is not built" if tests else "no test has this name")
        return 2

    # What is accepted must not depend on how busy the machine is.
    workers = Workers(original, tests, patience=4 if options.accept else 1)
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, workers.stop)
    workers.run(max(1, min(os.cpu_count() or 1, len(tests), 4)))
    if workers.problem is not None:
        if not isinstance(workers.problem, Unable):
            raise workers.problem
        print(workers.problem)
        return 2
    failed = [result for result in workers.results if result.problem]
    for result in sorted(workers.results, key=lambda result: result.seconds if options.slow else 0):
        if options.slow:
            print(f"{result.seconds:5.1f} s  {result.name}")
        if result.problem:
            print(f"{result.name}: expected -, found +\n{result.problem}")
    print(f"{len(tests) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

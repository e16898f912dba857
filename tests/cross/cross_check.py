#!/usr/bin/env python3
"""Builds judges without sanitizers, and runs them in an emulator: of another processor, or Valgrind.

    cross_check.py --compiler aarch64-linux-gnu-g++ --static --emulator qemu-aarch64 PART...
    cross_check.py --compiler g++ --emulator "valgrind -q --error-exitcode=9" PART...

    PART    a folder of solutions/, such as 5_thread_safe: its judges, on the solutions

x86 has orders between reads and writes that others lack, and its compilers may use them. So what
depends on orders is compiled for a processor that has fewer, and run there. (The emulator itself
runs here: it keeps the orders of this processor. Those that code asks for too few of are found by
the explorer, in tests/harness.)

Valgrind sees what the sanitizers do not: bytes that are used before anybody wrote them.

RapidCheck's sequences are left out. Exit code: 0 all pass, 1 something fails, 77 (for meson:
skipped) compiler or emulator are missing.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 300  # seconds for a judge, in the emulator
NOT_HERE = {"random_judge.cpp"}  # needs RapidCheck; random_judge_off.cpp stands in for it
# Neither needs anything of this processor.
HEADERS = ["-idirafter", "/usr/include", "-DFMT_HEADER_ONLY"]


def run(command: list[str], limit: float | None = None, **environment: str) -> str:
    """What went wrong, with all that it printed; empty when nothing did."""
    try:
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, errors="replace", timeout=limit,
                              env={**os.environ, **environment})
    except subprocess.TimeoutExpired:
        return f"{command[-1]}: no end after {limit} s"
    return "" if done.returncode == 0 else f"{' '.join(command)}\n{done.stdout}"


class Build:
    def __init__(self, compiler: str, link_flags: list[str], folder: pathlib.Path) -> None:
        self._compiler = compiler
        self._link_flags = link_flags
        self._folder = folder
        self._jobs = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        self.problems: list[str] = []

    def objects(self, sources: list[pathlib.Path], flags: list[str]) -> list[str]:
        objects = [str(self._folder / f"{source.parent.name}_{source.stem}.o") for source in sources]
        commands = [[self._compiler, "-std=c++20", "-O1", "-g", "-pthread", *flags, *HEADERS, "-c",
                     str(source), "-o", target] for source, target in zip(sources, objects)]
        self.problems += filter(None, self._jobs.map(run, commands))
        return objects

    def program(self, name: str, objects: list[str]) -> str:
        target = str(self._folder / name)
        self.problems += filter(None, [run([self._compiler, *self._link_flags, "-pthread",
                                            "-o", target, *objects])])
        return target


def judges_of(part: str) -> list[pathlib.Path]:
    return sorted((ROOT / "tests").glob(f"{part.split('_')[0]}_*.cpp"))


def check(arguments: argparse.Namespace, folder: pathlib.Path) -> list[str]:
    build = Build(arguments.compiler, ["-static"] if arguments.static else [], folder)
    include = [f"-I{ROOT / 'tests'}", f"-I{ROOT / 'steps'}"]
    solutions = sorted(path for path in (ROOT / "solutions").iterdir() if path.is_dir())
    include += [f"-I{path}" for path in solutions]
    shared = build.objects(
        sorted(path for kind in ("harness", "bridges")
               for path in (ROOT / "tests" / kind).glob("*.cpp") if path.name not in NOT_HERE),
        [*include, "-DWORKSHOP_STRESS_ROUNDS=20"])
    include += ["-DWORKSHOP_NO_EXPLORER"] if arguments.emulator.startswith("valgrind") else []
    for part in arguments.parts:
        folder_flag = f'-DSTEP_FOLDER="{ROOT / "solutions" / part}"'
        for judge in judges_of(part):
            program = build.program(judge.stem,
                                    build.objects([judge], [*include, folder_flag]) + shared)
            if build.problems:
                return build.problems
            failure = run([*arguments.emulator.split(), program], LIMIT,
                          WORKSHOP_TIME_LIMIT="60000")
            print(f"{judge.stem}: {'failed' if failure else 'passed'}", flush=True)
            build.problems += filter(None, [failure])
    return build.problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--emulator", required=True, help="a program, and its options")
    parser.add_argument("--static", action="store_true", help="link statically")
    parser.add_argument("parts", nargs="+", metavar="PART")
    arguments = parser.parse_args()
    for program in (arguments.compiler, arguments.emulator.split()[0]):
        if shutil.which(program) is None:
            print(f"{program} is missing; expected it on the PATH (Debian: "
                  "g++-aarch64-linux-gnu, qemu-user, valgrind)")
            return 77
    with tempfile.TemporaryDirectory(prefix="cross-") as folder:
        problems = check(arguments, pathlib.Path(folder))
    print("\n".join(problems), end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

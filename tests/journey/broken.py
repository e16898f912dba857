"""The corpus of broken files: what a learner might save, and the verdict that it must get.

A case is a file `broken/PART/NAME.diff`, whose first lines are

    Broken: what is wrong with it, in one line
    Test: 2.1                 judge this task only, to spare time; without it, the whole step
    Limit: 5000               the time limit of a test case, in milliseconds, where LIMIT is too short
    Shows: text               must stand somewhere in the report; there may be several such lines
    File: NAME.hpp is empty   instead of a diff; or `is missing`, `is binary`, `is a folder`

then a diff against the part's solution, as in tests/bugs/plant.py. The learner's step is that
solution with the diff, on the solutions' earlier steps. Beside it, `NAME.txt` is the digest of the
report that `./workshop test` must give (golden.py).
"""

from __future__ import annotations

import pathlib
import re
import sys

import golden
from scratch import ROOT, Scratch, Unable

sys.path.insert(0, str(ROOT / "tests/bugs"))

import plant  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parent / "broken"

LIMIT = 700  # milliseconds; generous: the cases that end take a few
STEP_LIMIT = 30  # seconds that the verdict on a step may take, whatever is wrong


class Case:
    def __init__(self, file: pathlib.Path) -> None:
        self.part = file.parent.relative_to(FOLDER).as_posix()
        self.name = f"{self.part}/{file.stem}"
        self.golden = file.with_suffix(".txt")
        self._lines = file.read_text(encoding="utf-8").splitlines()
        self._header: dict[str, list[str]] = {}
        for line in self._lines:
            match = re.fullmatch(r"(Broken|Test|Limit|Shows|File): (\S.*)", line)
            if not match:
                break
            self._header.setdefault(match[1], []).append(match[2])
        if "Broken" not in self._header:
            raise Unable(f"{file}: expected a line `Broken: ...`")

    def run(self, scratch: Scratch, accept: bool, patience: int = 1) -> str:
        """What differs from the golden verdict; empty when nothing does."""
        scratch.clear()
        scratch.limit_course()
        self.spoil(scratch)
        limit = patience * int(self._header.get("Limit", [str(LIMIT)])[0])
        words = ["test", self._header.get("Test", [self.part])[0]]
        if not self.part.startswith("1_"):
            words.append("--from-solutions")
        outcome = scratch.workshop(*words, limit=2 * STEP_LIMIT, WORKSHOP_TIME_LIMIT=str(limit))
        report = golden.normalised(outcome.text, scratch.root)
        actual = f"{golden.digest(report)}\nexit code {outcome.code}\n"
        problems = [f"    the report does not show: {text}\n"
                    for text in self._header.get("Shows", []) if text not in report]
        if outcome.seconds > STEP_LIMIT:
            problems.append(f"    took {outcome.seconds:.0f} s; at most {STEP_LIMIT} s are allowed\n")
        return "".join(problems) + golden.Golden(self.golden, accept).check(actual)

    def spoil(self, scratch: Scratch) -> None:
        folder = scratch.path(f"steps/{self.part}")
        solution = scratch.path(f"solutions/{self.part}")
        for file in solution.glob("*.[hc]pp"):
            (folder / file.name).write_bytes(file.read_bytes())
        for state in self._header.get("File", []):
            name, _, how = state.partition(" is ")
            replace(folder / name, how)
        if "File" not in self._header:
            for name, hunks in plant.read_hunks(self._lines).items():
                text = (solution / name).read_text("utf-8").splitlines()
                try:
                    text = plant.change(text, hunks)
                except plant.Unfit as problem:
                    raise Unable(f"{self.name}.diff no longer fits: {problem}") from problem
                (folder / name).write_text("\n".join(text) + "\n", encoding="utf-8")


def replace(file: pathlib.Path, how: str) -> None:
    file.unlink()
    if how == "empty":
        file.touch()
    elif how == "binary":
        file.write_bytes(b"\x7fELF\x00\x01" + bytes(range(256)) * 4)
    elif how == "a folder":
        file.mkdir()
    elif how != "missing":
        raise Unable(f"I do not know how a file `is {how}`")


def all_cases() -> list[Case]:
    return [Case(file) for file in sorted(FOLDER.rglob("*.diff"))]

"""Expected output: made comparable, kept in files, compared.

What differs from run to run or is none of the tests' business is replaced: times, addresses, the
number of a line by its text. A golden file may say `[...]` for a piece of a line, or of lines when
it stands alone, that differs between compilers; `--accept` keeps such lines where they still match.
"""

from __future__ import annotations

import difflib
import pathlib
import re

ANYTHING = "[...]"

KINDS = ("done", "to do", "wrong", "crashed", "hung", "out of memory", "does not compile", "not run")
KIND = "|".join(KINDS)
TASK_LINE = re.compile(rf"  ({KIND}) +(\S.*?) +(\d+) of (\d+)")
CASE_LINE = re.compile(rf"  +({KIND})  +(\S.*)")
CONTINUED = " " * 12  # the rest of a long name
SHOWN_LINE = re.compile(rf"({KIND}): .*")
LINK_LINE = re.compile(r"  (the judge|your code|the task|read|a hint|again)  +(.*)")
PLACE = re.compile(r"(?<![\w/.-])((?:steps|solutions|tests)/[\w./-]+\.(?:hpp|cpp)):(\d+)")


def with_text_of_lines(text: str, root: pathlib.Path) -> str:
    """`bump.hpp:40` becomes `bump.hpp:[return block;]`: which line is meant, wherever it stands."""
    def spoken(match: re.Match[str]) -> str:
        try:
            lines = (root / match[1]).read_text(encoding="utf-8", errors="replace").splitlines()
            return f"{match[1]}:[{lines[int(match[2]) - 1].strip()}]"
        except (OSError, IndexError):
            return f"{match[1]}:[no line {match[2]}]"
    return PLACE.sub(spoken, text)


def normalised(text: str, root: pathlib.Path) -> str:
    """Times, places, addresses and quotation marks that do not differ from run to run."""
    text = with_text_of_lines(text, root).replace(str(root), "PROJECT")
    for pattern, stands_for in (
            (r"[‘’]", "'"),
            (r"\b\d+\.\d s\b", "N.N s"),
            (r"0x[0-9a-f]{7,}", "0xN"),
            (r"\d\d:\d\d:\d\d", "HH:MM:SS"),
            (r"kept-\d{8}-\d{6}(-\d+)?", "kept-TIME"),
            (r"\ball \d+ tests pass", "all N tests pass")):
        text = re.sub(pattern, stands_for, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def digest(text: str) -> str:
    """The report of `./workshop test` in short: how each task stands, and the case that is shown in
    full with its summary and places, without its story and the links."""
    text = re.sub(r"^(warning: .*)\n(?=\S)", r"\1 ", text, flags=re.MULTILINE)  # it was wrapped
    lines = iter(text.splitlines())
    result: list[str] = []
    cases: list[str] = []
    task = None

    def close_task() -> None:
        if task:
            result.append(f"  {task[2]}: {state_of_task(task[1], cases)}")

    line = None
    for line in lines:
        at_task = TASK_LINE.fullmatch(line)
        at_case = CASE_LINE.fullmatch(line)
        if at_task:
            close_task()
            task, cases = at_task, []
        elif at_case and task:
            cases.append(at_case[1])
        elif task and line.startswith(CONTINUED):
            pass
        elif SHOWN_LINE.fullmatch(line):
            break
        else:
            close_task()
            task = None
            result.append(line)
    else:
        close_task()
        return "\n".join(result)
    close_task()
    return "\n".join(result + [line] + shown_case(list(lines)))


def state_of_task(kind: str, cases: list[str]) -> str:
    others = [case for case in cases if case != "done"]
    if len(set(cases)) <= 1:
        return kind
    # How many they are changes with every new test case; that it is only one is worth a look.
    counts = [f"{'1' if others.count(each) == 1 else 'several'} {each}"
              for each in KINDS if each in others]
    end = ", the others done" if len(others) < len(cases) else ""
    return ", ".join(counts) + end


def shown_case(lines: list[str]) -> list[str]:
    """What follows the heading of the case that is shown in full."""
    links = [at for at, line in enumerate(lines) if LINK_LINE.fullmatch(line)]
    last = links[-1] if links else -1
    summary = []
    for line in lines[:last]:
        if not line.strip() or LINK_LINE.fullmatch(line):
            break
        summary.append(line.strip())
    places = [lines[at] for at in links if LINK_LINE.fullmatch(lines[at])[1] in
              ("the judge", "your code", "the task")]
    return ([f"  {' '.join(summary)}"] if summary else []) + places + lines[last + 1:]


# ---- Comparing -----------------------------------------------------------------------------------


def matches(golden: str, line: str) -> bool:
    pattern = ".*".join(re.escape(piece) for piece in golden.split(ANYTHING))
    return re.fullmatch(pattern, line) is not None


def aligned(golden: list[str], actual: list[str]) -> list[str]:
    """The golden lines; where one with `[...]` stands for actual ones, these."""
    result: list[str] = []
    at = 0
    for number, line in enumerate(golden):
        rest = actual[at:]
        if line.strip() == ANYTHING:
            following = golden[number + 1] if number + 1 < len(golden) else None
            count = next((i for i, other in enumerate(rest)
                          if following is not None and matches(following, other)), len(rest))
            result += rest[:count]
            at += count
            continue
        found = next((i for i, other in enumerate(rest) if matches(line, other)), None)
        if found is None:
            result.append(line)
        else:
            result.append(rest[found])
            at += found + 1
    return result


def difference(golden: str, actual: str) -> str:
    """Empty where they agree; else lines with `-` expected and `+` found."""
    expected = aligned(golden.splitlines(), actual.splitlines())
    if expected == actual.splitlines():
        return ""
    lines = list(difflib.unified_diff(expected, actual.splitlines(), n=8, lineterm=""))[2:]
    return "".join(f"    {line.rstrip()}\n" for line in lines)


def accepted(golden: str, actual: str) -> str:
    """The new golden text: the actual one, with the old one's `[...]` where they still fit."""
    if not difference(golden, actual):
        return golden
    wildcards = [line for line in golden.splitlines() if ANYTHING in line and line.strip() != ANYTHING]
    result = []
    for line in actual.splitlines():
        fitting = [each for each in wildcards if matches(each, line)]
        result.append(fitting[0] if fitting else line)
    return "\n".join(result) + "\n"


class Golden:
    """A golden file."""

    def __init__(self, file: pathlib.Path, accept: bool) -> None:
        self._file = file
        self._accept = accept

    def check(self, actual: str) -> str:
        """What differs; empty when nothing does, or when it was accepted."""
        golden = self._file.read_text(encoding="utf-8") if self._file.exists() else ""
        if self._accept:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(accepted(golden, actual), encoding="utf-8")
            return ""
        return difference(golden, actual)

#!/usr/bin/env python3
"""Plants a bug: applies one small diff to a copy of the solution it belongs to.

A bug is a file `tests/bugs/PART/NAME.diff`; the name says the bug. Its first lines are

    Task: 2.1                 whose judge must catch it; several tasks are separated by blanks
    Symptom: one line, as a learner would see it
    Seen: one line, where it was seen in the wild

and then, for each file it changes, `--- FILE`, `+++ FILE` and hunks as in a unified diff, with no
fuzz: a diff that no longer applies is an error with the bug's name.

    plant.py list TESTS_FOLDER PART...          each bug of these parts:
                                                PART<tab>NAME<tab>TASKS<tab>JUDGES<tab>FILES
    plant.py apply DIFF SOLUTION_FOLDER OUT --stamp FILE
                                                writes the changed files below the folder OUT, and
                                                FILE, empty, when that is done
"""

import pathlib
import re
import sys


class Unfit(Exception):
    """The diff is malformed or does not apply."""


def read_header(lines):
    """The `Key: value` lines before the first `---`, as a dictionary."""
    header = {}
    for line in lines:
        if line.startswith("--- "):
            break
        match = re.fullmatch(r"(Task|Symptom|Seen): (\S.*)", line)
        if not match:
            raise Unfit(f"expected 'Task: ', 'Symptom: ' or 'Seen: ', found '{line}'")
        header[match[1]] = match[2]
    for key in ("Task", "Symptom", "Seen"):
        if key not in header:
            raise Unfit(f"has no line '{key}: ...'")
    return header


def read_hunks(lines):
    """For each file: a list of (old lines, new lines), in the order of the file."""
    files = {}
    hunks = None
    for number, line in enumerate(lines, 1):
        if line.startswith("--- "):
            hunks = files.setdefault(line[4:].strip(), [])
        elif line.startswith("+++ ") or hunks is None:
            continue
        elif line.startswith("@@"):
            hunks.append(([], []))
        elif hunks and line[:1] in (" ", "-", "+", ""):
            old, new = hunks[-1]
            if line[:1] != "+":
                old.append(line[1:])
            if line[:1] != "-":
                new.append(line[1:])
        else:
            raise Unfit(f"line {number}: expected ' ', '-', '+' or '@@', found '{line}'")
    if not files or not all(files.values()):
        raise Unfit("changes nothing")
    return files


def find_once(text, block, start):
    """The index at which `block` stands in `text`, from `start`; it must stand there once."""
    places = [i for i in range(start, len(text) - len(block) + 1) if text[i:i + len(block)] == block]
    if len(places) != 1:
        raise Unfit(f"{'no' if not places else 'more than one'} place for:\n" + "\n".join(block))
    return places[0]


def change(text, hunks):
    place = 0
    for old, new in hunks:
        place = find_once(text, old, place)
        text[place:place + len(old)] = new
        place += len(new)
    return text


def apply_bug(diff, solution, out, stamp):
    lines = diff.read_text().splitlines()
    read_header(lines)
    out.mkdir(parents=True, exist_ok=True)
    for name, hunks in read_hunks(lines).items():
        text = change((solution / name).read_text().splitlines(), hunks)
        (out / name).write_text("\n".join(text) + "\n")
    stamp.write_text("")


def judge_of(task, tests):
    """The name of the judge that has the test suite of this task."""
    for source in sorted(tests.glob("*.cpp")) + sorted(tests.glob("extensions/*.cpp")):
        if f'TEST_SUITE("{task} ' in source.read_text():
            return source.relative_to(tests).with_suffix("").as_posix()
    raise Unfit(f"no judge has a test suite for task {task}")


def list_bugs(tests, parts):
    for diff in (diff for part in parts for diff in sorted(tests.glob(f"bugs/{part}/*.diff"))):
        lines = diff.read_text().splitlines()
        tasks = read_header(lines)["Task"]
        judges = sorted({judge_of(task, tests) for task in tasks.split()})
        print(diff.parent.relative_to(tests / "bugs"), diff.stem, tasks, " ".join(judges),
              " ".join(read_hunks(lines)), sep="\t")


def main(arguments):
    try:
        if len(arguments) > 2 and arguments[0] == "list":
            list_bugs(pathlib.Path(arguments[1]), arguments[2:])
        elif len(arguments) == 6 and arguments[0] == "apply" and arguments[4] == "--stamp":
            apply_bug(*map(pathlib.Path, arguments[1:4] + arguments[5:]))
        else:
            sys.exit(__doc__)
    except (Unfit, OSError) as problem:
        name = pathlib.Path(arguments[1]).stem if len(arguments) > 1 else ""
        sys.exit(f"bug '{name}': {problem}")


if __name__ == "__main__":
    main(sys.argv[1:])

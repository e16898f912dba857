"""Who looks at the work of others: `./workshop grade`, over one tree and over a class of clones."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import pathlib
import re
import shutil
import xml.etree.ElementTree

import broken
import golden
import schema
from learners import ALIGNMENT, TASKS, Learner, expect, first_paragraph, in_short
from scratch import ROOT, Outcome

SCHEMA = ROOT / "tests/runner/grade.schema.json"

LIMIT = "700"  # milliseconds for a test case


def checked_json(text: str) -> dict:
    """The value, which must be as the schema says."""
    value = json.loads(text)
    found = schema.problems(value, json.loads(SCHEMA.read_text("utf-8")))
    expect(not found, "the JSON is not as the schema says:\n    " + "\n    ".join(found))
    return value


def check_junit(text: str, tree: dict) -> None:
    """The XML must tell the same as the JSON, and count right what it holds."""
    root = xml.etree.ElementTree.fromstring(text)
    expect(root.tag == "testsuites", "the root of the XML is no <testsuites>")
    tasks = [task for part in tree["parts"] for task in part["tasks"]]
    expect([suite.get("name") for suite in root] == [task["title"] for task in tasks],
           "the test suites of the XML are not the tasks")
    elements = {"done": None, "wrong": "failure", "to do": "skipped", "not run": "skipped"}
    for suite, task in zip(root, tasks):
        told = [(case.get("name"), case[0].tag if len(case) else None) for case in suite]
        expect(told == [(case["case"], elements.get(case["verdict"], "error"))
                        for case in task["cases"]], f"the XML of {task['title']} differs:\n{told}")
    for element in [root, *root]:
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"),
                           ("skipped", "skipped")):
            expect(int(element.get(count, "-1")) == len(list(element.iter(tag))),
                   f"<{element.tag}> counts its {count} wrong")


def fingerprint(folder: pathlib.Path) -> str:
    """Of all that a folder holds: changes with any change."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        whole.update(f"{path} {state.st_mode} {state.st_mtime_ns}\n".encode())
        if path.is_file():
            whole.update(path.read_bytes())
    return whole.hexdigest()


def grade(learner: Learner) -> None:
    scratch = learner.scratch
    learner.says("Three tasks are written, the second wrong in one place.")
    learner.solves("1.1", "1.2", "1.3")
    learner.replaces(ALIGNMENT, "    return value + padding_for(value, alignment);\n",
                     "    return value + alignment;\n")
    learner.types("grade", seen=without_counts)
    report = scratch.path("../report.xml")
    outcome = scratch.workshop("grade", "--json", "--junit", str(report))
    expect(outcome.code == 0, f"grade --json ended with {outcome.code}:\n{outcome.text}")
    trees = checked_json(outcome.text)["clones"]
    expect(len(trees) == 1 and trees[0]["stuck_at"] == "1.2", "the JSON says another tree")
    check_junit(report.read_text("utf-8"), trees[0])

    learner.says("What cannot be graded.")
    for words in (("--json", "--csv"), ("--csv",), ("--junit", "x.xml", "."), ("--xml",),
                  ("--junit", "no/such/folder/x.xml")):
        learner.types("grade", *words, seen=first_paragraph)


def without_counts(text: str) -> str:
    """How many tests there are changes with every new one."""
    return re.sub(r" +\d+ of \d+$|, \d+ of \d+ tests$", "", text, flags=re.MULTILINE)


# ---- A class -------------------------------------------------------------------------------------


def make_class(learner: Learner, folder: pathlib.Path) -> None:
    scratch = learner.scratch
    spoiled = {"cem": "syntax_error", "dora": "endless_loop", "emil": "deleted",
               "gina": "unbounded_output", "hank": "initialiser_crashes"}

    def keep(name: str) -> pathlib.Path:
        shutil.copytree(scratch.path("steps"), folder / name / "steps")
        scratch.clear()
        return folder / name

    keep("ben")
    for name, case in spoiled.items():
        broken.Case(broken.FOLDER / "1_alignment" / f"{case}.diff").spoil(scratch)
        keep(name)
    learner.solves(*TASKS["1"], "2.1", "2.2")
    ada = keep("ada, who is quick")
    # She thought of everything.
    (ada / "steps/1_alignment/detail").mkdir()
    (ada / "steps/1_alignment/detail/unused.hpp").write_text("not C++\n", "utf-8")
    (ada / "tests").mkdir()
    (ada / "tests/1_alignment.cpp").write_text("int main() {}\n", "utf-8")
    (ada / "steps/1_alignment/everything").symlink_to("/")

    learner.solves(*TASKS["1"])
    finn = keep("finn")
    own = finn / ALIGNMENT
    elsewhere = folder.parent / "elsewhere.hpp"
    own.rename(elsewhere)
    own.symlink_to(elsewhere)

    (folder / "iris").mkdir()
    (folder / "iris/essay.txt").touch()


def class_of_clones(learner: Learner) -> None:
    scratch = learner.scratch
    home = scratch.path("..").resolve()
    folder = home / "class"
    try:
        make_class(learner, folder)
        before = fingerprint(home / "class")

        def graded(*words: str) -> Outcome:
            outcome = scratch.workshop("grade", *words, limit=120 * learner.patience,
                                       WORKSHOP_TIME_LIMIT=str(int(LIMIT) * learner.patience))
            expect(outcome.code == 0, f"grade ended with {outcome.code}:\n{outcome.text}")
            return outcome

        learner.says("A class: a folder of clones, and one that is not there.")
        shown = golden.normalised(graded("../class", "../jan").text, scratch.root)
        learner.transcript += shown + "\n\n"

        learner.says("The same as CSV and as JSON.")
        rows = list(csv.DictReader(io.StringIO(graded("--csv", str(folder)).text)))
        clones = checked_json(graded("--json", str(folder)).text)["clones"]
        expect([row["clone"] for row in rows] == [clone["clone"] for clone in clones],
               "CSV and JSON do not tell of the same clones")
        for row, clone in zip(rows, clones):
            failing = clone["first_failing"] or {}
            learner.transcript += (f"{row['clone']}: {row['problem']}\n" if row["problem"] else
                                   f"{row['clone']}: {row['done']} of {row['tasks']} "
                                   f"at {row['stuck_at'] or '-'}, {row['verdict'] or '-'}\n")
            expect((row["problem"] or None, row["failing_case"], row["verdict"], row["summary"]) ==
                   (clone["problem"], failing.get("case", ""), failing.get("verdict", ""),
                    failing.get("summary", "")), f"CSV and JSON differ about {row['clone']}")
        expect(fingerprint(home / "class") == before, "grade changed the clones")
        expect(not list(scratch.build.glob("grade-*")), "grade left something behind")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- Practice ------------------------------------------------------------------------------------


def practice(learner: Learner) -> None:
    scratch = learner.scratch
    learner.says("Which bugs are there?")
    learner.types("test", "1", "--bug", seen=lambda text: re.sub(r"\d+ to \d+", "N to N", re.sub(
        r"\d+ planted", "N planted", text)))

    learner.says("One of them. Nothing tells its name.")
    learner.types("test", "1", "--bug", "2", seen=in_short)
    names = [file.stem for file in scratch.path("tests/bugs/1_alignment").glob("*.diff")]
    for words in (("1", "--bug", "2"), ("1.2", "--bug", "random")):
        text = scratch.workshop("test", *words).text
        told = [name for name in names if name in text]
        expect(not told, f"`test {' '.join(words)}` tells the name {told}:\n{text}")

    learner.says("The answer; and a bug by its name.")
    learner.types("test", "1", "--bug", "2", "--reveal")
    learner.types("test", "1.2", "--bug", "up_is_down", seen=in_short)
    learner.types("test", "1", "--bug", "--list",
                  seen=lambda text: "\n".join(text.splitlines()[:2] + ["[...]"]))

    learner.says("What cannot be done.")
    for words in (("1", "--bug", "up_is_donw"), ("1", "--bug", "999"), ("--bug", "2"),
                  ("1", "--reveal"), ("1", "--bug", "2", "--solution"), ("9", "--bug", "2")):
        learner.types("test", *words, seen=first_paragraph)


def what_it_looks_like(learner: Learner) -> None:
    def loses_the_remainder() -> None:
        learner.replaces(ALIGNMENT, "    return value + padding_for(value, alignment);\n",
                         "    return value & ~(alignment - 1);\n")

    learner.says("A mistake that others have made, too.")
    learner.solves(*TASKS["1"])
    loses_the_remainder()
    learner.types("test", "1", seen=in_short)
    learner.types("test", "1.2", seen=in_short)

    learner.says("The same with one more: then nothing is clear.")
    learner.replaces(ALIGNMENT, "    return value != 0 && (value & (value - 1)) == 0;\n",
                     "    return (value & (value - 1)) == 0;\n")
    learner.types("test", "1", seen=in_short)

    learner.says("The same on the way: what comes later is not written yet.")
    learner.scratch.clear()
    learner.solves("1.1", "1.2")
    loses_the_remainder()
    learner.types("test", "1", seen=in_short)


ALL = (class_of_clones, grade, practice, what_it_looks_like)

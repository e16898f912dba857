#!/usr/bin/env python3
"""Writes the C++ files of all subjects: of each correct allocator and of each planted bug.

    make_subjects.py list TESTS                         all files that the result depends on
    make_subjects.py write TESTS SOLUTIONS FILE.cpp...

`zoo.txt` says which there are. A subject is a stack of allocators, `stacks/NAME.hpp`, with the
headers that it stands on, in a namespace of its own, so that all of them fit into one program. Many
share a file, because the standard library's headers take longer to compile than they do. Subjects
for several threads go to the files whose names begin with `threads`. The last file is the table.

A diff that does not apply is an error with the bug's name.
"""

import pathlib
import re
import sys
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bugs"))
sys.dont_write_bytecode = True

import plant  # noqa: E402

FOLDERS = ("1_alignment", "2_bump", "3_tracking", "4_free_list", "5_thread_safe")
INCLUDE = re.compile(r"\s*#\s*include\s*[<\"]([^>\"]+)[>\"].*")
TASK = re.compile(r"6\.\d+")


class Subject(NamedTuple):
    name: str
    stack: str
    task: str  # empty for a correct allocator
    idea: str
    folder: str  # of headers that stand in for the solutions'; empty where there is none

    @property
    def namespace(self) -> str:
        return "subject_" + re.sub(r"\W", "_", self.name)


def read_zoo(text):
    """The lines `correct NAME STACK [FOLDER]` and `6.1 BUG STACK idea...`."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if words[0] == "correct" and len(words) in (3, 4):
            yield Subject(words[1], words[2], "", "", (words + [""])[3])
        elif TASK.fullmatch(words[0]) and len(words) > 3:
            yield Subject(words[1], words[2], words[0], " ".join(words[3:]), "")
        else:
            raise plant.Unfit(f"zoo.txt:{number}: expected `correct NAME STACK [FOLDER]` or "
                              f"`6.1 BUG STACK idea`, found '{line}'")


class Sources:
    """The headers of the workshop, as one subject sees them."""

    def __init__(self, tests, solutions, subject):
        self.tests = tests
        self.changed = {}
        self.diff = {}
        self.folders = [solutions / folder for folder in reversed(FOLDERS)]
        if subject.folder:
            self.folders.insert(0, tests / subject.folder)
        if subject.task:
            self.plant(subject.name, tests, solutions)

    def plant(self, name, tests, solutions):
        part = name.split("/")[0]
        diff = tests / ("suite/subjects" if part == "decoys" else "bugs") / f"{name}.diff"
        lines = diff.read_text().splitlines()
        self.diff = {**plant.read_header(lines), "Text": diff.read_text()}
        for file, hunks in plant.read_hunks(lines).items():
            found = [folder / file for folder in self.folders if (folder / file).exists()]
            if not found:
                raise plant.Unfit(f"there is no {file}")
            text = plant.change(found[0].read_text().splitlines(), hunks)
            self.changed[file] = (diff, text)

    def find(self, include):
        """(path, lines) of a header of the workshop; None where it is none."""
        if include in self.changed:
            return self.changed[include]
        for folder in self.folders:
            if (folder / include).exists():
                return folder / include, (folder / include).read_text().splitlines()
        return None


def flatten(path, lines, sources, seen, library):
    """The lines with all includes of the workshop in their places; others go into `library`."""
    result = [f'#line 1 "{path}"']
    for number, line in enumerate(lines, 1):
        include = INCLUDE.fullmatch(line)
        if include is None:
            result.append("" if line.startswith("#pragma once") else line)
            continue
        found = sources.find(include[1])
        if found is None:
            library.append(f"#include <{include[1]}>")
            result.append("")
        elif include[1] not in seen:
            seen.add(include[1])
            result += flatten(*found, sources, seen, library)
            result.append(f'#line {number + 1} "{path}"')
        else:
            result.append("")
    return result


def code_of(subject, tests, solutions, library):
    sources = Sources(tests, solutions, subject)
    seen = set()
    lines = []
    here = tests / "suite/subjects"
    for path in (here / "stacks" / f"{subject.stack}.hpp", here / "instance_of.hpp"):
        lines += flatten(path, path.read_text().splitlines(), sources, seen, library)
    code = [re.sub(r"\bworkshop\b", subject.namespace, line) if not line.startswith("#line") else line
            for line in lines]
    code.append(f"suite::Instance* make_{subject.namespace}(std::span<std::byte> buffer) {{ "
                f"return new {subject.namespace}::InstanceOf<{subject.namespace}::Stack>{{buffer}}; "
                "}")
    return code, sources.diff


def literal(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def stack_text(tests, subject):
    return (tests / "suite/subjects/stacks" / f"{subject.stack}.hpp").read_text()


def table_of(tests, subjects, diffs):
    lines = ["#include <suite/subjects/instance.hpp>", ""]
    lines += [f"suite::Instance* make_{subject.namespace}(std::span<std::byte> buffer);"
              for subject in subjects]
    lines += ["", "namespace {", "const suite::SubjectType subjects[] = {"]
    for subject, diff in zip(subjects, diffs):
        fields = [subject.name, subject.task, diff.get("Symptom", ""), diff.get("Seen", ""),
                  subject.idea, diff.get("Text", "")]
        facts = [str(f"{fact} = true" in stack_text(tests, subject)).lower()
                 for fact in ("any_size", "for_threads")]
        lines.append("    {" + ", ".join([*map(literal, fields), *facts]) +
                     f", make_{subject.namespace}}},")
    lines += ["};", "}  // namespace", "",
              "std::span<const suite::SubjectType> suite::all_subjects() {", "    return subjects;",
              "}", ""]
    return "\n".join(lines)


def write(tests, solutions, outputs):
    *files, table = outputs
    subjects = list(read_zoo((tests / "suite/subjects/zoo.txt").read_text()))
    subjects.sort(key=lambda subject: subject.task)  # the correct ones first
    threads = [file for file in files if file.name.startswith("threads")]
    plain = [file for file in files if file not in threads]
    parts = {file: ([], []) for file in files}
    diffs = []
    for subject in subjects:
        group = threads if "for_threads = true" in stack_text(tests, subject) else plain
        file = min(group, key=lambda file: len(parts[file][1]))
        library, code = parts[file]
        try:
            lines, diff = code_of(subject, tests, solutions, library)
        except plant.Unfit as problem:
            raise plant.Unfit(f"{subject.name}: {problem}") from None
        code += lines
        diffs.append(diff)
    for file, (library, code) in parts.items():
        file.write_text("\n".join([*sorted(set(library)), "", *code, ""]))
    table.write_text(table_of(tests, subjects, diffs))


def list_files(tests):
    for folder, pattern in (("suite/subjects", "**/*.*pp"), ("suite/subjects", "**/*.diff"),
                            ("bugs", "*/*.diff"), ("bugs", "plant.py"), ("designs", "**/*.hpp"),
                            ("../solutions", "*/*.hpp")):
        print(*sorted(path.resolve() for path in (tests / folder).glob(pattern)), sep="\n")


def main(arguments):
    try:
        if arguments[:1] == ["list"] and len(arguments) == 2:
            list_files(pathlib.Path(arguments[1]))
        elif arguments[:1] == ["write"] and len(arguments) > 4:
            tests, solutions, *outputs = map(pathlib.Path, arguments[1:])
            write(tests, solutions, outputs)
        else:
            sys.exit(__doc__)
    except (plant.Unfit, OSError) as problem:
        sys.exit(f"{problem}")


if __name__ == "__main__":
    main(sys.argv[1:])

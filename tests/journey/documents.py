#!/usr/bin/env python3
"""Checks that what the documents say is so.

    documents.py --static [--root DIR]       links, paths, chapters, tasks and snippets
    documents.py [--root DIR] SCRATCH        the same, and the commands, which run in SCRATCH: a
                                             copy of the project with its build folder ready

It reads every Markdown file that git tracks and prints a line for each finding, `file:line: what`.
Exit code: 0 nothing found, 1 something found, 2 wrong usage.

What is checked
    links      Relative ones lead to a file of the project, their anchors to a heading. Links into
               the web are looked at, never followed.
    paths      Code spans that look like a file of the project, `steps/todo.hpp` or `bump.hpp`, name
               one. Placeholders are passed over: `steps/N/README.md`, `tests/<judge>.cpp`.
    chapters   CONCEPTS.md, "Alignment": a chapter of that name is there. Headers and tests are
               searched for these too.
    snippets   Each block of C++ in CONCEPTS.md compiles. A block with an #include is a file of its
               own; any other is the body of a function, behind PRELUDE and the solutions' headers.
    commands   Each line of a block of sh runs, and ends as RULES says. A `./workshop ...` in the
               text has a command and options that its help knows, and names a step that is there.
"""

from __future__ import annotations

import argparse
import bisect
import collections
import fnmatch
import itertools
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import urllib.parse
from typing import Iterator, NamedTuple

SNIPPETS_IN = ("CONCEPTS.md",)

PRELUDE = """\
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <vector>
"""

# -Wno-unused: a snippet shows a variable without doing anything with it.
COMPILER_FLAGS = ("-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                  "-Wno-unused", "-Wno-unused-but-set-variable")

SECONDS_A_COMMAND = 120
SECONDS_TO_END = 5  # after Ctrl-C


class Rule(NamedTuple):
    """How a command is tried."""

    codes: tuple[int, ...] = (0,)  # exit codes that are fine
    interrupt_after: float = 0  # seconds; then it gets what Ctrl-C sends, and may end as it likes
    append: str = ""  # so that the command is understood, but not carried out
    skip: bool = False


# By the first words of a command; the longest match counts.
RULES = {
    "": Rule(),
    "./workshop": Rule(),
    "./workshop --yes": Rule(skip=True),  # installs packages
    "./workshop test": Rule(codes=(0, 1)),  # 1: the starter is red
    "./workshop demo": Rule(codes=(0, 1)),
    "./workshop watch": Rule(interrupt_after=3),
    "./workshop selftest": Rule(append="--help"),  # it would run this script again
    "meson test": Rule(append="--list --no-rebuild"),
    "git clone": Rule(skip=True),
    "cd": Rule(skip=True),  # SCRATCH is where all commands run
    "sudo": Rule(skip=True),
    "apt": Rule(skip=True),
    "apt-get": Rule(skip=True),
    "dnf": Rule(skip=True),
    "pacman": Rule(skip=True),
    "brew": Rule(skip=True),
}

findings: list[str] = []


# --- Markdown -------------------------------------------------------------------------------------


class Block(NamedTuple):
    language: str
    line: int  # of its first line of content
    text: str


class Span(NamedTuple):
    line: int
    text: str


class Document:
    """A Markdown file, taken apart. Lines are counted from 1."""

    def __init__(self, root: pathlib.Path, path: pathlib.Path) -> None:
        self.path = path
        self.name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        self.blocks, prose = take_out_blocks(text)
        self._line_starts = [0] + [match.end() for match in re.finditer("\n", prose)]
        self.spans = [Span(self.line_at(match.start()), " ".join(match.group(2).split()))
                      for match in SPAN.finditer(prose)]
        self.headings = [match.group(1) for match in HEADING.finditer(prose)]
        self.anchors = set(anchors_of(self.headings)) | set(HTML_ANCHOR.findall(prose))
        self.prose = SPAN.sub(lambda match: blank(match.group()), prose)  # without code spans

    def line_at(self, offset: int) -> int:
        return bisect.bisect_right(self._line_starts, offset)

    def report(self, line: int, text: str) -> None:
        findings.append(f"{self.name}:{line}: {text}")


# Within a paragraph; the backticks that close are as many as those that open.
SPAN = re.compile(r"(?<!`)(`+)(?!`)((?:(?!\n[ \t]*\n).)+?)(?<!`)\1(?!`)", re.DOTALL)
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)
HTML_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*([^\s`]*)")
INLINE_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^)>\s]*)>?(?:\s+\"[^\"]*\")?\s*\)")
LINK_DEFINITION = re.compile(r"^ {0,3}\[([^\]]+)\]:[ \t]*<?([^>\s]+)>?", re.MULTILINE)
LINK_REFERENCE = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])+\]\[([^\[\]]*)\]")
BARE_URL = re.compile(r"(?<![(<\w])https?://[^\s<>)]+|<(https?://[^>]*)>")


def blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def take_out_blocks(text: str) -> tuple[list[Block], str]:
    """The fenced blocks, and the text with spaces in their place."""
    blocks: list[Block] = []
    prose: list[str] = []
    fence = language = ""
    content: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if not fence:
            if match:
                fence, language = match.groups()
                content, first = [], number + 1
            prose.append("" if match else line)
        else:
            prose.append("")
            closes = match and match.group(1).startswith(fence) and not match.group(2)
            if closes:
                blocks.append(Block(language, first, "\n".join(content)))
                fence = ""
            else:
                content.append(line)
    if fence:
        blocks.append(Block(language, first, "\n".join(content)))
    return blocks, "\n".join(prose)


def anchors_of(headings: list[str]) -> Iterator[str]:
    """As GitHub makes them."""
    seen: collections.Counter[str] = collections.Counter()
    for heading in headings:
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
        anchor = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        yield f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor
        seen[anchor] += 1


# --- The project ----------------------------------------------------------------------------------


class Project:
    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.files = list_files(root)
        self.names = {pathlib.PurePosixPath(file).name for file in self.files}
        self.documents = {file: Document(root, root / file)
                          for file in self.files if file.endswith(".md")}
        self.top_folders = {file.split("/")[0] for file in self.files if "/" in file}

    def has(self, path: str) -> bool:
        """A file or a folder, or at least one for a pattern."""
        if "*" in path:
            return any(self.root.glob(path))
        return (self.root / path).exists()


def list_files(root: pathlib.Path) -> list[str]:
    """The files that git tracks; all, where there is no git to ask."""
    git = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True,
                         check=False)
    if git.returncode == 0:
        names = sorted(git.stdout.decode().split("\0"))
        return [name for name in names if name and (root / name).is_file()]
    passed_over = {"build", "__pycache__"}
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in passed_over and name[0] != "."]
        found += [(pathlib.Path(folder) / file).relative_to(root).as_posix() for file in files]
    return sorted(found)


# --- Links ----------------------------------------------------------------------------------------


def check_links(project: Project, document: Document) -> None:
    defined = {}
    for match in LINK_DEFINITION.finditer(document.prose):
        defined[match.group(1).lower()] = match.group(2)
        check_target(project, document, document.line_at(match.start()), match.group(2))
    for match in INLINE_LINK.finditer(document.prose):
        check_target(project, document, document.line_at(match.start()), match.group(1))
    for match in LINK_REFERENCE.finditer(document.prose):
        if match.group(1) and match.group(1).lower() not in defined:
            document.report(document.line_at(match.start()),
                            f"no definition of the link [{match.group(1)}]")
    without_definitions = LINK_DEFINITION.sub(lambda match: blank(match.group()), document.prose)
    for match in BARE_URL.finditer(without_definitions):
        url = match.group(1) or match.group().rstrip(".,;:")
        check_target(project, document, document.line_at(match.start()), url)


def check_target(project: Project, document: Document, line: int, target: str) -> None:
    parts = urllib.parse.urlsplit(target)
    if parts.scheme in ("http", "https"):
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?", parts.netloc):
            document.report(line, f"not a web address: {target}")
        return
    if parts.scheme:
        document.report(line, f"a link of an unknown kind: {target}")
        return

    path = urllib.parse.unquote(parts.path)
    base = project.root if path.startswith("/") else document.path.parent
    file = pathlib.Path(os.path.normpath(base / path.lstrip("/"))) if path else document.path
    if project.root != file and project.root not in file.parents:
        document.report(line, f"the link leads out of the project: {target}")
    elif not file.exists():
        document.report(line, f"the link leads nowhere: {target}")
    elif parts.fragment:
        check_anchor(project, document, line, file, parts.fragment)


def check_anchor(project: Project, document: Document, line: int, file: pathlib.Path,
                 anchor: str) -> None:
    page = file / "README.md" if file.is_dir() else file
    if page.suffix == ".md" and page.exists():
        name = page.relative_to(project.root).as_posix()
        anchors = (project.documents.get(name) or Document(project.root, page)).anchors
        if urllib.parse.unquote(anchor) not in anchors:
            document.report(line, f"no heading #{anchor} in {name}")
    elif not re.fullmatch(r"L\d+(-L\d+)?", anchor):
        document.report(line, f"no anchor #{anchor} in {file.name}")


# --- Paths and chapters ---------------------------------------------------------------------------

PATH = re.compile(r"(?:\./)?((?:[\w.+*-]+/)*[\w.+*-]+/?)(?::\d+)?")
FILE_OF_OURS = re.compile(r"[\w.-]+\.(hpp|md|py)")
PLACEHOLDER = re.compile(r"(^|[/_])(N|N_\w+|X)($|[/_.])|[<>{}…]|\.\.\.")


def check_paths(project: Project, document: Document) -> None:
    for span in document.spans:
        match = PATH.fullmatch(span.text)
        if not match or PLACEHOLDER.search(span.text):
            continue
        path = match.group(1)
        folder = document.path.parent.relative_to(project.root)
        if "/" in path:
            looks_ours = path.split("/")[0] in project.top_folders
            there = project.has(path) or project.has(str(folder / path))
        else:
            looks_ours = FILE_OF_OURS.fullmatch(path) is not None
            there = path in project.names or project.has(path)
        if looks_ours and not there:
            document.report(span.line, f"no such file: {path}")


# A reference may go on in the next line, behind the mark of a comment.
GAP = r"[\s/*#>`)]+"
CHAPTER = re.compile(
    rf"CONCEPTS\.md(?:#[\w-]+)?`?\)?,{GAP}([\"'])([^\"']+)\1"
    rf"|\"([^\"]+)\"{GAP}in{GAP}`?CONCEPTS\.md")


def check_chapters(project: Project) -> None:
    concepts = project.documents.get("CONCEPTS.md")
    chapters = set(concepts.headings) if concepts else set()
    for file in project.files:
        if not file.endswith((".md", ".hpp", ".cpp", ".diff")):
            continue
        text = (project.root / file).read_text(encoding="utf-8", errors="replace")
        for match in CHAPTER.finditer(text):
            chapter = re.sub(r"\s*\n[\s/*>]*", " ", match.group(2) or match.group(3))
            if chapter not in chapters:
                line = text.count("\n", 0, match.start()) + 1
                findings.append(f"{file}:{line}: no chapter \"{chapter}\" in CONCEPTS.md")


# --- Snippets -------------------------------------------------------------------------------------


def check_snippets(project: Project, document: Document) -> None:
    bodies = []
    for number, block in enumerate(b for b in document.blocks if b.language in ("cpp", "c++")):
        marked = f'#line {block.line} "{document.name}"\n{block.text}\n'
        if re.search(r"^\s*#\s*include\b", block.text, re.MULTILINE):
            compile_snippet(project, document, block.line, marked)
        else:
            bodies.append(f"[[maybe_unused]] static void snippet_{number}() {{\n{marked}}}\n")
    if bodies:
        headers = [file for file in project.files if fnmatch.fnmatch(file, "solutions/[0-9]*.hpp")]
        includes = "".join(f"#include <{file.split('/')[-1]}>\n" for file in headers)
        using = "using namespace workshop;\n" if headers else ""
        compile_snippet(project, document, 1, PRELUDE + includes + using + "".join(bodies))


def compiler() -> list[str]:
    if os.environ.get("CXX"):
        return shlex.split(os.environ["CXX"])
    for name in ("c++", "g++", "clang++"):
        if subprocess.run(["sh", "-c", f"command -v {name}"], stdout=subprocess.DEVNULL,
                          check=False).returncode == 0:
            return [name]
    sys.exit("documents.py: no C++ compiler; set CXX")


def compile_snippet(project: Project, document: Document, line: int, text: str) -> None:
    folders = [f"-I{folder}" for folder in sorted(project.root.glob("solutions/[0-9]*"))]
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch) / "snippet.cpp"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([*compiler(), *COMPILER_FLAGS, *folders, str(file)],
                              capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    errors = re.findall(rf"^{re.escape(document.name)}:(\d+):(?:\d+:)? (?:fatal )?error: (.*)",
                        done.stderr, re.MULTILINE)
    for number, message in errors:
        document.report(int(number), f"the snippet does not compile: {message}")
    if not errors:
        message = (done.stderr.strip() or "no message").splitlines()[0]
        document.report(line, f"the snippets do not compile: {message}")


# --- Commands -------------------------------------------------------------------------------------


def check_steps_named(project: Project, document: Document) -> None:
    """In `./workshop test 2`, `hint 2.1`, `diff 2_bump`: there is such a step and such a task."""
    for span in workshop_spans(document):
        for word in span.text.split():
            match = re.fullmatch(r"(\d+)(?:\.(\d+)|_\w+)?", word)
            if not match:
                continue
            step, task = match.groups()
            pattern = f"steps/{word}" if "_" in word else f"steps/{step}_*"
            folders = sorted(project.root.glob(pattern))
            lesson = folders[0] / "README.md" if folders else None
            if not folders:
                document.report(span.line, f"no step {word}: {span.text}")
            elif task and lesson.exists() and f"\n## {word}" not in lesson.read_text("utf-8"):
                document.report(span.line, f"no task {word}: {span.text}")


def workshop_spans(document: Document) -> Iterator[Span]:
    yield from (span for span in document.spans if is_workshop(span.text))
    for block in document.blocks:
        if block.language == "sh":
            yield from (span for span in commands_of(block) if is_workshop(span.text))


def is_workshop(text: str) -> bool:
    return text.split()[:1] == ["./workshop"]


def commands_of(block: Block) -> Iterator[Span]:
    lines = block.text.replace("\\\n", "\0").split("\n")
    number = block.line
    for line in lines:
        command = re.sub(r"(^|\s)#.*", "", line.replace("\0", " ")).strip()
        if command:
            yield Span(number, command)
        number += 1 + line.count("\0")


def names(option: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(option.split('=')[0])}(?![\w-])", text) is not None


class Runner:
    """Runs commands in the scratch copy, each once."""

    def __init__(self, scratch: pathlib.Path) -> None:
        self._scratch = scratch
        self._helps: dict[str, tuple[int, str]] = {}
        self._outcomes: dict[str, str] = {}

    def outcome(self, command: str) -> str:
        """What is wrong with it; empty when nothing is."""
        if command not in self._outcomes:
            self._outcomes[command] = self._try(command)
        return self._outcomes[command]

    def _try(self, command: str) -> str:
        rule = rule_for(command)
        if rule.skip:
            return ""
        limit = rule.interrupt_after or SECONDS_A_COMMAND
        code, output = self._run(f"{command} {rule.append}", limit)
        if code is None:
            return "" if rule.interrupt_after else f"still runs after {limit} s: {command}"
        if code == -signal.SIGKILL:
            return f"does not end at Ctrl-C: {command}"
        if code in rule.codes:
            return ""
        last = (output.strip() or "no output").splitlines()[-1]
        return f"exit code {code}: {command} ({last})"

    def mention(self, text: str) -> str:
        """What is wrong with a `./workshop ...` in the text."""
        words = [word.strip("[]") for word in text.split(" -- ")[0].split()[1:]]
        before = list(itertools.takewhile(lambda word: word.startswith("-"), words))
        command, *after = words[len(before):] or [""]
        code, known = self._help("")
        if code != 0:
            return f"exit code {code}: ./workshop --help"
        launcher = (self._scratch / "workshop").read_text("utf-8", "replace")
        unknown = [option for option in before if not names(option, known + launcher)]
        if re.fullmatch(r"[a-z]+", command):
            code, help_of_command = self._help(command)
            if code != 0 or help_of_command == known:
                return f"the workshop has no command {command}: {text}"
            unknown += [word for word in after
                        if word.startswith("-") and not names(word, help_of_command)]
        return f"the help does not know {unknown[0]}: {text}" if unknown else ""

    def _help(self, name: str) -> tuple[int, str]:
        if name not in self._helps:
            code, output = self._run(f"./workshop {name} --help", SECONDS_A_COMMAND)
            self._helps[name] = (-1 if code is None else code, output)
        return self._helps[name]

    def _run(self, command: str, limit: float) -> tuple[int | None, str]:
        """Exit code and output. The code is None when the command had to be interrupted, and
        -SIGKILL when that did not help."""
        # What a workshop that runs this script tells its children is not for the one in SCRATCH.
        variables = {name: value for name, value in os.environ.items()
                     if not name.startswith("WORKSHOP_")}
        with subprocess.Popen(["bash", "-c", command], cwd=self._scratch, env=variables, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, errors="replace",
                              start_new_session=True) as process:
            try:
                output, _ = process.communicate(timeout=limit)
                return process.returncode, output
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGINT)
            try:
                output, _ = process.communicate(timeout=SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
                return -signal.SIGKILL, output
            return None, output


def rule_for(command: str) -> Rule:
    words = command.split()
    for count in range(len(words), 0, -1):
        rule = RULES.get(" ".join(words[:count]))
        if rule:
            return rule
    return RULES[""]


def check_commands(document: Document, runner: Runner) -> None:
    for block in document.blocks:
        if block.language != "sh":
            continue
        for command in commands_of(block):
            problem = runner.outcome(command.text)
            if problem:
                document.report(command.line, problem)
    for span in workshop_spans(document):
        problem = runner.mention(span.text)
        if problem:
            document.report(span.line, problem)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", metavar="SCRATCH", nargs="?", type=pathlib.Path)
    parser.add_argument("--static", action="store_true", help="run no commands")
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2],
                        help="the project to read (default: the one this script is in)")
    options = parser.parse_args(arguments)
    if options.static == (options.scratch is not None):
        parser.error("either --static or SCRATCH")

    findings.clear()
    project = Project(options.root.resolve())
    check_chapters(project)
    for document in project.documents.values():
        check_links(project, document)
        check_paths(project, document)
        check_steps_named(project, document)
        if document.name in SNIPPETS_IN:
            check_snippets(project, document)
    if not options.static:
        runner = Runner(options.scratch.resolve())
        for document in project.documents.values():
            check_commands(document, runner)

    for finding in findings:
        print(finding)
    print(f"{len(project.documents)} documents, {len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A copy of the project in a folder of its own, with the untouched starters, to play learner in."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
from typing import NamedTuple, Sequence

import documents

ROOT = pathlib.Path(__file__).resolve().parents[2]
TODO_CALL = re.compile(r"(?<![\w.])todo\s*[(<]")


class Unable(Exception):
    """The copy cannot be made or used."""


class Outcome(NamedTuple):
    code: int
    text: str
    seconds: float


class Original(NamedTuple):
    """The project that is copied."""

    root: pathlib.Path
    build: pathlib.Path
    compiler: str  # as in CXX; empty: meson's choice

    @property
    def runner(self) -> pathlib.Path:
        return self.build / "tests/runner/workshop"


def surroundings() -> dict[str, str]:
    """The environment, without what would turn colours, places or git's repository into others."""
    names = ("COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "MALLOC_PERTURB_", "GIT_DIR",
             "GIT_WORK_TREE", "GIT_INDEX_FILE")
    return {name: value for name, value in os.environ.items() if name not in names}


def git(root: pathlib.Path, *words: str, text: str = "") -> str | None:
    """What git prints; None where it fails or there is none."""
    # No hooks, names or signatures of whoever runs this.
    environment = {**surroundings(), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "journey", f"GIT_{role}_EMAIL": "journey@localhost"}
    try:
        done = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(root), *words],
                              input=text, capture_output=True, text=True, check=False,
                              env=environment, errors="replace")
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def count_todo_calls(text: str) -> int:
    return len(TODO_CALL.findall(re.sub(r"//.*", "", text)))


def pristine_starter(root: pathlib.Path, file: str) -> str:
    """The starter as `./workshop reset` finds it: of all versions in git's history the newest of
    those with the most calls of todo(). Without a history, the file as it is."""
    best = (root / file).read_text(encoding="utf-8")
    commits = git(root, "rev-list", "HEAD", "--", file) or ""
    most = -1
    for commit in commits.split():
        version = git(root, "show", f"{commit}:./{file}")
        if version is not None and count_todo_calls(version) > most:
            most = count_todo_calls(version)
            best = version
    return best


def is_starter(file: str) -> bool:
    """True for what learners edit."""
    path = pathlib.PurePosixPath(file)
    return (path.parts[0] == "steps" and len(path.parts) > 2 and path.suffix in (".hpp", ".cpp")
            and path.name != "demo.cpp")


class Scratch:
    """The copy. Its folder is taken away by remove()."""

    def __init__(self, original: Original) -> None:
        self._original = original
        self._home = pathlib.Path(tempfile.mkdtemp(prefix="journey-"))
        self.root = self._home / "project"
        self.build = self.root / "build"
        try:
            self._copy_files()
            self._make_history()
            self._set_up()
            self._parts = (self.build / "parts.txt").read_text("utf-8")
            self._take_over_objects()
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)

    def _copy_files(self) -> None:
        for file in documents.list_files(self._original.root):
            target = self.root / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._original.root / file, target)
            if is_starter(file):
                target.write_text(pristine_starter(self._original.root, file), encoding="utf-8")

    def _make_history(self) -> None:
        """From which `reset` and others take the starters."""
        for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "as cloned"),
                      ("tag", "cloned")):
            if git(self.root, *words) is None:
                raise Unable(f"`git {' '.join(words)}` failed in {self.root}")

    def _set_up(self) -> None:
        environment = dict(os.environ)
        if self._original.compiler:
            environment["CXX"] = self._original.compiler
        done = subprocess.run(["meson", "setup", str(self.build), str(self.root)], text=True,
                              capture_output=True, check=False, env=environment)
        if done.returncode != 0:
            raise Unable(f"meson setup failed in {self.root}:\n{done.stdout[-2000:]}")

    def _take_over_objects(self) -> None:
        """Spares compiling the harness again. The commands and the distances between the folders
        are the same here, so ninja takes the objects for its own; where it sees a difference, it
        compiles."""
        for file in (".ninja_log", ".ninja_deps"):
            if (self._original.build / file).exists():
                shutil.copy2(self._original.build / file, self.build / file)
        precompiled = (".gch", ".pch")  # of g++ and of clang++; objects are newer than these
        self._copy_built("tests/harness", (".o", ".a", *precompiled))
        self._copy_built("tests/suite", (".o", ".a", ".cpp", *precompiled))
        self._copy_built("tests/traces", (".o", ".a"))
        for kind in ("judge", "course"):  # what is compiled once
            for folder in self._original.build.glob(f"tests/lib{kind}_*.a.p"):
                self._copy_built(f"tests/{folder.name}", (".o",))
        done = self.ninja("tests/harness/libharness.a",
                          *(f"tests/suite/lib{name}.a" for name in
                            ("suite", "plain_subjects", "thread_subjects")))
        if done.code != 0:
            raise Unable(f"the harness does not build:\n{done.text[-2000:]}")

    def _copy_built(self, folder: str, kinds: Sequence[str]) -> None:
        for file in (self._original.build / folder).rglob("*"):
            if file.suffix in kinds and file.is_file():
                target = self.build / file.relative_to(self._original.build)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, target)

    def take_over_runner(self) -> None:
        """So that the launcher, `./workshop`, has a runner here."""
        self._copy_built("tests/runner", (".o", ".a", ""))

    def ninja(self, *targets: str) -> Outcome:
        start = time.monotonic()
        done = subprocess.run(["ninja", "-C", str(self.build), *targets], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                              env=self.environment())
        return Outcome(done.returncode, done.stdout, time.monotonic() - start)

    # ---- Playing in it ---------------------------------------------------------------------------

    def path(self, file: str) -> pathlib.Path:
        return self.root / file

    def read(self, file: str) -> str:
        return self.path(file).read_text(encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        self.path(file).write_text(text, encoding="utf-8")

    def clear(self) -> None:
        """As it was cloned."""
        git(self.root, "reset", "-q", "--hard", "cloned")
        git(self.root, "clean", "-ffdqx", "steps")

    def commit_all(self) -> None:
        git(self.root, "commit", "-qam", "my work")

    def forget_hints(self) -> None:
        """How many were shown."""
        self.build.joinpath("hints").unlink(missing_ok=True)

    def limit_course(self, *labels: str) -> None:
        """The workshop knows only these parts; all of them where none is named."""
        lines = [line for line in self._parts.splitlines(keepends=True)
                 if not labels or line.count("\t") and line.split("\t")[1] in labels]
        (self.build / "parts.txt").write_text("".join(lines), "utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        return {**surroundings(), "WORKSHOP_ROOT": str(self.root),
                "WORKSHOP_BUILD": str(self.build), "LC_ALL": "C.UTF-8", "TERM": "dumb", **more}

    def command(self, words: Sequence[str]) -> list[str]:
        """`./workshop WORDS`, with the program that is built already."""
        return [str(self._original.runner), *words]

    def workshop(self, *words: str, limit: float = 60, **environment: str) -> Outcome:
        """Runs `./workshop WORDS`; the output is standard output and errors together."""
        start = time.monotonic()
        with subprocess.Popen(self.command(words), cwd=self.root, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=self.environment(**environment), start_new_session=True) as process:
            try:
                output, _ = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                process.terminate()
                output, _ = process.communicate()
                output += f"\n[stopped after {limit:.0f} s]\n".encode()
        seconds = time.monotonic() - start
        return Outcome(process.returncode, output.decode("utf-8", "replace"), seconds)

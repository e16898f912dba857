"""Scripted learners: what they type and save, and what they must see.

Each is a function. What it shows is a transcript, compared with `golden/NAME.txt`: the commands
behind `$`, what they print, and exit codes other than 0. For most of them the course has two steps,
so that a new step changes nothing.
"""

from __future__ import annotations

import os
import pathlib
import re
from typing import Callable

import golden
import headers
from scratch import Outcome, Scratch
from terminal import NothingSeen, Terminal

FOLDER = pathlib.Path(__file__).resolve().parent / "golden"

ALIGNMENT = "steps/1_alignment/alignment.hpp"
BUMP = "steps/2_bump/bump.hpp"
TASKS = {"1": ("1.1", "1.2", "1.3", "1.4"), "2": ("2.1", "2.2", "2.3", "2.4", "2.5")}
LATER_FILES = {"3": ("3_tracking/tracking.hpp",),
               "4": ("4_free_list/free_list.hpp", "4_free_list/bins.hpp",
                     "4_free_list/reallocate.hpp"),
               "5": ("5_thread_safe/spin_lock.hpp", "5_thread_safe/locked.hpp",
                     "5_thread_safe/atomic_bump.hpp", "5_thread_safe/lock_free_pool.hpp",
                     "5_thread_safe/cost.hpp")}


class Mistake(Exception):
    """The workshop did what it must not do."""


def expect(condition: bool, sentence: str) -> None:
    if not condition:
        raise Mistake(sentence)


class Learner:
    """Types commands and saves files, and writes down what can be seen."""

    def __init__(self, scratch: Scratch, patience: int) -> None:
        self.scratch = scratch
        self.patience = patience  # how many times longer than usual things may take
        self.transcript = ""
        scratch.clear()
        scratch.forget_hints()
        scratch.limit_course(*TASKS)

    def says(self, text: str) -> None:
        self.transcript += f"{text}\n\n"

    def types(self, *words: str, seen: Callable[[str], str] = lambda text: text) -> Outcome:
        """Of the output, the transcript has what `seen` makes of it."""
        outcome = self.scratch.workshop(*words)
        text = seen(golden.normalised(outcome.text, self.scratch.root)).strip("\n")
        self.transcript += f"$ {' '.join(('./workshop', *words))}\n{text}\n"
        if outcome.code != 0:
            self.transcript += f"(exit code {outcome.code})\n"
        self.transcript += "\n"
        return outcome

    def solves(self, *tasks: str) -> None:
        for task in tasks:
            for file in self.files_of(task[0]):
                solution = self.scratch.read(file.replace("steps/", "solutions/"))
                self.scratch.write(file, headers.solve(self.scratch.read(file), solution, task))

    def solves_steps(self, *steps: str) -> None:
        for step in steps:
            self.solves(*TASKS[step])

    def files_of(self, step: str) -> list[str]:
        """The headers of a step, as "steps/2_bump/bump.hpp"."""
        found = self.scratch.root.glob(f"solutions/{step}_*/*.hpp")
        return sorted(f"steps/{file.parent.name}/{file.name}" for file in found)

    def copies(self, file: str) -> None:
        """The whole file, from the solution."""
        self.scratch.write(f"steps/{file}", self.scratch.read(f"solutions/{file}"))

    def replaces(self, file: str, old: str, new: str) -> None:
        text = self.scratch.read(file)
        expect(text.count(old) == 1, f"the script expects once in {file}: {old}")
        self.scratch.write(file, text.replace(old, new))


# ---- What is seen of an output -------------------------------------------------------------------


def in_short(text: str) -> str:
    return golden.digest(text)


def named_step(text: str) -> str:
    return "".join(re.findall(r"\n *This is in step .*", text))


def whats_next(text: str) -> str:
    """Of the map: how much is done, and what is next."""
    wanted = re.compile(r".* tasks done|Next: .*|  edit .*|Everything is done\.")
    return "\n".join(line for line in text.splitlines() if wanted.fullmatch(line))


def without_hint(text: str) -> str:
    """The hints are the lesson's business."""
    return re.sub(r"(?:^  .*\n)+", "  [the hint]\n", text, flags=re.MULTILINE)


def first_lines(text: str) -> str:
    return "\n".join(text.splitlines()[:3] + ["[...]"])


def without_counts(text: str) -> str:
    """How often and how much a program allocates is its own business."""
    lines = [re.sub(r"0xN|\d+", "N", line) for line in text.splitlines()
             if not re.match(r" {4}\S* *(\d+  |\+0x)|\d+\.*\d* +\d+  #", line)]
    return re.sub(r" +", " ", "\n".join(lines))


# ---- The learners --------------------------------------------------------------------------------


def untouched(learner: Learner) -> None:
    learner.says("Cloned, and nothing written yet.")
    learner.types()
    learner.types("test")
    learner.types("test", "1.2", seen=in_short)
    learner.types("test", "2", seen=in_short)
    learner.types("test", "1", "--solution", seen=in_short)


def step_by_step(learner: Learner) -> None:
    for step in TASKS:
        for task in TASKS[step]:
            learner.says(f"Task {task} is written.")
            learner.solves(task)
            learner.types("test", task, seen=in_short)
            learner.types("test", step, seen=in_short)
            learner.types(seen=whats_next)
    learner.says("All is done.")
    learner.types("test")
    learner.types()


def the_later_steps(learner: Learner) -> None:
    learner.says("Steps 1 and 2 are written.")
    learner.solves_steps(*TASKS)
    learner.scratch.limit_course(*TASKS, *LATER_FILES)
    for step, files in LATER_FILES.items():
        learner.types("test", step, seen=in_short)
        for file in files:
            learner.says(f"{file} is written.")
            learner.copies(file)
            learner.types("test", step, seen=in_short)
        learner.types("demo", step, seen=first_lines)
    learner.types(seen=whats_next)


def real_programs(learner: Learner) -> None:
    learner.scratch.limit_course()
    learner.says("Nothing is written yet.")
    learner.types("run", "--", "echo", "hello")
    learner.says("Steps 1 to 4 are written.")
    learner.solves_steps(*TASKS)
    for file in LATER_FILES["3"] + LATER_FILES["4"]:
        learner.copies(file)
    learner.types("run", "--", "echo", "hello")
    learner.says("So is step 5.")
    learner.copies("5_thread_safe/locked.hpp")
    learner.types("run", "--", "sh", "-c", "echo hello; ls /no/such/folder; kill -TERM $$")
    learner.types("run", "--allocator", "tracked", "--", "echo", "hello", seen=without_counts)
    learner.types("run", "--", "no_such_program")
    learner.types("run", "--", "./README.md")

    learner.says("A block that is handed out stays in the list.")
    learner.replaces("steps/4_free_list/free_list.hpp", "take(found) - front - size",
                     "units_[found].size - front - size")
    learner.types("run", "--", "perl", "-e", "print 'hello'", seen=without_counts)
    learner.says("The compiler does not understand it.")
    learner.replaces("steps/4_free_list/free_list.hpp", "units_[found].size - front - size",
                     "units_[found].sice - front - size")
    learner.types("run", "--", "echo", "hello", seen=first_lines)


def jump_ahead(learner: Learner) -> None:
    learner.says("Only step 2 is written.")
    learner.solves_steps("2")
    learner.types("test", "2", seen=in_short)
    learner.types("test", "2", "--from-solutions")
    learner.types(seen=whats_next)


def fault_in_an_earlier_step(learner: Learner) -> None:
    learner.says("All is written, but step 1 has padding where none is needed.")
    learner.solves_steps(*TASKS)
    learner.replaces(ALIGNMENT, "    return padding_for(address_of(pointer), alignment);\n",
                     "    return alignment - address_of(pointer) % alignment;\n")
    learner.types("test", "2", seen=in_short)
    learner.types("test", "1", seen=in_short)

    learner.says("The header of step 1 does not even compile.")
    learner.replaces(ALIGNMENT, "return alignment - address_of(pointer) % alignment;", "return x;")
    learner.types("test", "2", seen=lambda text: in_short(text) + named_step(text))


def reset(learner: Learner) -> None:
    scratch = learner.scratch
    starter = scratch.read(BUMP)
    kept = lambda: sorted(scratch.path("steps/2_bump").glob("bump.kept-*.hpp"))

    learner.says("Nothing has changed yet.")
    learner.types("reset", "2")

    learner.says("A file has changed. (Where nobody can be asked, it is done.)")
    learner.solves("2.1")
    mine = scratch.read(BUMP)
    learner.types("reset", "2")
    expect(scratch.read(BUMP) == starter, "reset did not bring the starter back")
    expect([file.read_text("utf-8") for file in kept()] == [mine], "reset did not keep the file")

    learner.says("The file was deleted.")
    scratch.path(BUMP).unlink()
    learner.types("reset", "2", "--yes")
    expect(scratch.read(BUMP) == starter, "reset did not bring the starter back")

    learner.says("The work was committed.")
    learner.solves("2.1", "2.2")
    scratch.commit_all()
    learner.types("reset", "bump")
    expect(scratch.read(BUMP) == starter, "reset did not look behind the learner's own commit")

    learner.says("On a terminal it asks, and takes no for an answer.")
    learner.solves("2.1")
    mine = scratch.read(BUMP)
    for answer, expected in (("n", mine), ("", mine), ("y", starter)):
        with Terminal(scratch, "reset", "2") as terminal:
            terminal.wait_for("[y/N]", 10 * learner.patience)
            terminal.send(answer + "\n")
            terminal.wait_for_end(10 * learner.patience)
        expect(scratch.read(BUMP) == expected, f"after the answer '{answer}' the file is another")


def hint(learner: Learner) -> None:
    learner.says("One more each time.")
    for _ in range(5):
        learner.types("hint", "1.1", seen=without_hint)
    learner.types("hint", "1.1", "--again", seen=without_hint)

    learner.says("Without a task: the next one's.")
    learner.solves("1.1")
    learner.types("hint", seen=without_hint)
    learner.types("hint", "2.5", "--all", seen=without_hint)


def diff(learner: Learner) -> None:
    learner.types("diff", "2.3")
    learner.types("diff", "1", seen=first_lines)
    learner.solves("2.3")
    learner.types("diff", "2.3")


def wrong_usage(learner: Learner) -> None:
    for words in (("tset",), ("test", "9"), ("test", "1.9"), ("test", "1", "--fast"),
                  ("test", "1", "--solution", "--from-solutions"), ("test", "1", "2"),
                  ("hint", "2"), ("diff",), ("reset",), ("reset", "3"), ("run",)):
        learner.types(*words, seen=first_paragraph)


def first_paragraph(text: str) -> str:
    return text.split("\n\n")[0]


def watch(learner: Learner) -> None:
    scratch, patience = learner.scratch, learner.patience
    starter = scratch.read(ALIGNMENT)
    learner.solves("1.1")
    solved = scratch.read(ALIGNMENT)
    broken = solved.replace("namespace workshop {", "namespace workshop {{", 1)
    scratch.write(ALIGNMENT, starter)
    file = scratch.path(ALIGNMENT)
    begins, ends = "building and testing", "waiting for the next save"
    red, green, unreadable = "0 of 5", "5 of 5", "does not compile"

    with Terminal(scratch, "watch", "1") as terminal:
        def save(text: str) -> None:
            scratch.write(ALIGNMENT, text)

        def sees(verdict: str, what: str) -> None:
            terminal.wait_for(verdict, 20 * patience, what)
            terminal.wait_for(ends, 20 * patience, what)

        sees(red, "the first verdict")

        save(solved)
        seconds = terminal.wait_for(begins, 20 * patience)
        expect(seconds <= 0.3 * patience, f"a save was seen only after {seconds:.2f} s")
        sees(green, "the verdict after a save")

        for pause in (0.1, 0.4):
            save(broken)
            terminal.wait_for(begins, 20 * patience)
            terminal.sleep(pause)
            save(solved)
            sees(green, f"the verdict on what was saved {pause} s after the build began")

        file.unlink()
        sees("is missing", "the verdict on a file that vanished")
        save(solved)
        sees(green, "the verdict on a file that reappeared")

        new = file.with_name("alignment.hpp~new")
        new.write_text(starter, "utf-8")
        os.replace(new, file)
        sees(red, "the verdict on a file that another one was moved onto")

        terminal.seen = ""
        file.unlink()
        terminal.sleep(0.05)
        save(solved)
        sees(green, "the verdict on a file that was written anew")
        expect("is missing" not in terminal.seen, "an editor's way to save was taken for a loss")

        terminal.send("\x03")
        terminal.wait_for_end(5 * patience)


# Those that build step 2 come first.
ALL = (the_later_steps, real_programs, step_by_step, jump_ahead, fault_in_an_earlier_step,
       untouched, watch, hint, reset, diff, wrong_usage)


def play(script: Callable[[Learner], None], scratch: Scratch, accept: bool, patience: int) -> str:
    """What differs from the golden transcript; empty when nothing does."""
    learner = Learner(scratch, patience)
    try:
        script(learner)
    except (Mistake, NothingSeen) as problem:
        return f"    {problem}\n    so far:\n\n{learner.transcript}"
    if not learner.transcript:
        return ""
    return golden.Golden(FOLDER / f"{script.__name__}.txt", accept).check(learner.transcript)

"""Takes a header apart into what each block of contract lines, `///`, is about."""

from __future__ import annotations

import re
from typing import NamedTuple

TODO_KEY = re.compile(r"\bTODO ([\w.]*\w)")
ACCESS = re.compile(r"\s*(public|protected|private):\s*")


class Section(NamedTuple):
    contract: str  # its lines, joined; `private:` and so on for what follows that; "" at the start
    text: str  # from the contract's first line to the next section

    def tasks(self) -> list[str]:
        """The keys of its TODOs, in their order."""
        return TODO_KEY.findall(self.text)


def sections_of(header: str) -> list[Section]:
    sections = [Section("", "")]
    in_contract = False
    for line in header.splitlines(keepends=True):
        is_contract = line.lstrip().startswith("///")
        if is_contract and in_contract:
            last = sections.pop()
            sections.append(Section(f"{last.contract} {said_in(line)}", last.text + line))
        elif is_contract:
            sections.append(Section(said_in(line), line))
        elif ACCESS.fullmatch(line):
            sections.append(Section(line.strip(), line))
        else:
            last = sections.pop()
            sections.append(Section(last.contract, last.text + line))
        in_contract = is_contract
    return sections


def said_in(line: str) -> str:
    return line.strip().removeprefix("///").strip()


def solve(header: str, solution: str, task: str) -> str:
    """The header with the solution's code for this task, as a learner would have written it: what
    a SAFETY comment says is a task of its own."""
    solved = {section.contract: section.text for section in sections_of(solution)}
    result = ""
    for section in sections_of(header):
        text = section.text
        if re.search(rf"(?<!SAFETY: )TODO {re.escape(task)}\b", text):
            text = with_safety_of(text, solved[section.contract])
        elif f"SAFETY: TODO {task}:" in text:
            text = solved[section.contract]
        result += text
    return result


def with_safety_of(old: str, new: str) -> str:
    """The new text; where the old one has still to be given its SAFETY comment, with that TODO."""
    todo = re.search(r"^ *// SAFETY: TODO .*\n", old, re.MULTILINE)
    if not todo:
        return new
    return re.sub(r"^ *// SAFETY: .*\n(?: *//.*\n)*", lambda _: todo[0], new, flags=re.MULTILINE)

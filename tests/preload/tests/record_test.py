#!/usr/bin/env python3
"""Is what a program asked of malloc what stands in the trace?

    record_test.py RECORDER TRACE_OF ASKS
"""

import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# What asks.cpp does, with names for blocks. `@` marks another thread than the first.
EXPECTED = """
a A 70001
r A 170001
a B 90003
a C 80001 256
f B
r A 40002
@ f A
@ a D 90001
@ f D
r C 80003
a E 60001 64
f E
a F 50001
f F
""".split("\n")[1:-1]


def record(recorder: str, program: list[str], **more: str) -> list[pathlib.Path]:
    folder = pathlib.Path(tempfile.mkdtemp())
    start = 'export WORKSHOP_RECORD_PROCESS=$$ LD_PRELOAD="$0"; exec "$@"'
    environment = os.environ | {"WORKSHOP_RECORD_FOLDER": str(folder)} | more
    subprocess.run(["sh", "-c", start, recorder, *program], env=environment, check=True)
    return sorted(folder.iterdir())


def trace(trace_of: str, recording: pathlib.Path, name: str, first: int = 0) -> str:
    output = recording.with_name(name)
    subprocess.run([trace_of, recording, output, str(first), "asks"], check=True,
                   stdout=subprocess.DEVNULL)
    data = output.read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode()


OURS = {int(line.split()[-1]) for line in EXPECTED if line.split()[-1].isdigit()} | {80001, 60001}


def told(text: str) -> list[str]:
    """The operations on blocks that begin with one of our sizes, with names for their numbers."""
    names: dict[str, str] = {}
    unused = iter("ABCDEFGH")
    lines = []
    for line in text.splitlines()[2:]:
        match = re.fullmatch(r"(@\d+ )?([arf]) (\d+)(?: (\d+))?( \d+)?", line)
        assert match, line
        thread, action, block, size, alignment = match.groups()
        if action == "a" and int(size) in OURS:
            names[block] = next(unused)
        if block in names:
            lines.append(" ".join(filter(None, ["@" if thread else "", action, names[block], size,
                                                (alignment or "").strip()])))
        if action == "f":
            names.pop(block, None)
    return lines


def main() -> None:
    recorder, trace_of, asks = sys.argv[1:]
    recordings = record(recorder, [asks])
    assert len(recordings) == 1, recordings
    text = trace(trace_of, recordings[0], "whole.trace")
    found = told(text)
    assert found == EXPECTED, "\n".join(["expected", *EXPECTED, "found", *found])
    assert "55555" not in text, "what the child asked for is there"
    assert trace(trace_of, recordings[0], "packed.trace.gz") == text
    assert len(trace(trace_of, recordings[0], "short.trace", 3).splitlines()) == 5

    # Only a process of that name; the shell is none.
    chosen = record(recorder, ["sh", "-c", '"$0"; :', asks],
                    WORKSHOP_RECORD_PROGRAM=pathlib.Path(asks).name)
    assert len(chosen) == 1 and told(trace(trace_of, chosen[0], "c.trace")) == EXPECTED
    print("4 traces are as expected")


main()

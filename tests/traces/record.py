#!/usr/bin/env python3
"""Records what a program asks of malloc, as a trace.

    record.py OUTPUT [--first N] -- PROGRAM [ARGUMENT...]

The program's own process is recorded, not the ones that it starts. With --first N the trace ends
after N operations. Needs a C++ compiler, and a program that is linked dynamically.
"""

import argparse
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def convert(lines, first):
    """The lines of the recorder, with ids for addresses: the smallest that is not in use."""
    live, unused, threads = {}, [], {}
    count = 0

    def new_id(address):
        live[address] = unused.pop() if unused else len(live)
        return live[address]

    for line in lines:
        action, thread, *numbers = line.split()
        number = threads.setdefault(thread, len(threads))
        prefix = f"@{number} " if number else ""
        if action == "a":
            address, size, alignment = numbers
            if address in live:  # freed by somebody who did not come by us
                unused.append(live.pop(address))
            text = f"a {new_id(address)} {size}" + ("" if alignment == "16" else f" {alignment}")
        elif action == "f":
            if numbers[0] not in live:
                continue
            block = live.pop(numbers[0])
            unused.append(block)
            text = f"f {block}"
        else:
            old, address, size = numbers
            if old not in live:
                text = f"a {new_id(address)} {size}"
            elif address == "0":  # realloc(block, 0) frees
                block = live.pop(old)
                unused.append(block)
                text = f"f {block}"
            else:
                live[address] = live.pop(old)
                text = f"r {live[address]} {size}"
        yield prefix + text
        count += 1
        if count == first:
            return


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("program", nargs="+")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder) / "recorder.so"
        compiler = shlex.split(os.environ.get("CXX", "c++"))
        subprocess.run([*compiler, "-std=c++20", "-O2", "-fPIC", "-shared", "-o", library,
                        HERE / "recorder.cpp", "-ldl", "-pthread"], check=True)
        raw = pathlib.Path(folder) / "raw"
        process = subprocess.Popen(words.program, stdout=subprocess.DEVNULL, env={
            **os.environ, "LD_PRELOAD": str(library), "TRACE_RAW": str(raw)})
        code = process.wait()
        file = pathlib.Path(f"{raw}.{process.pid}")
        if code != 0 or not file.exists():
            sys.exit(f"{words.program[0]} ended with {code}; it was not recorded")
        operations = list(convert(file.read_text().splitlines(), words.first))
    command = shlex.join(words.program)
    if words.first:
        command += f", its first {words.first} operations"
    words.output.write_text(f"# {command}\nworkshop-trace 1\n" + "\n".join(operations) + "\n")
    print(f"{words.output}: {len(operations)} operations")


main()

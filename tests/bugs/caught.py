#!/usr/bin/env python3
"""Checks that a judge catches a planted bug: `caught.py TASKS JUDGE...`

At least one test case of one of the TASKS must end in another verdict than "done"; each judge must
come to its end, whatever the bug does.
"""

import subprocess
import sys


def verdicts(judge):
    result = subprocess.run([judge, "--verdicts", "1"], stdout=subprocess.PIPE, timeout=100,
                            check=False, text=True)
    lines = result.stdout.splitlines()
    if not lines or lines[-1] != "end of verdicts":
        sys.exit(f"{judge} did not come to its end")
    return [line.split("\t") for line in lines[:-1]]


def main(tasks, judges):
    caught = []
    for judge in judges:
        for kind, suite, _, name, summary, *_ in verdicts(judge):
            if kind != "done":
                caught.append(suite.split()[0])
                print(f"{kind}: {suite}: {name}\n    {summary}")
    if not caught:
        sys.exit("the bug was not caught")
    if not set(tasks) & set(caught):
        sys.exit(f"the bug was caught, but by no test of {' or '.join(tasks)}")


if __name__ == "__main__":
    main(sys.argv[1].split(), sys.argv[2:])

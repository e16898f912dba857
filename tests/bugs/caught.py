#!/usr/bin/env python3
"""Checks that a judge catches a planted bug: `caught.py [--as PART/NAME] TASKS JUDGE...`

At least one test case of one of the TASKS must end in another verdict than "done"; each judge must
come to its end, whatever the bug does. With --as, the test cases must fail as `fingerprints.txt`
has it of that bug.
"""

import subprocess
import sys

sys.dont_write_bytecode = True

import fingerprints  # noqa: E402


def judged(judges):
    try:
        return [fields for judge in judges for fields in fingerprints.run_judge(judge)]
    except (fingerprints.Unable, subprocess.TimeoutExpired) as problem:
        sys.exit(str(problem))


def check_caught(tasks, verdicts):
    caught = []
    for kind, suite, _, name, summary, *_ in verdicts:
        if kind != "done":
            caught.append(suite.split()[0])
            print(f"{kind}: {suite}: {name}\n    {summary}")
    if not caught:
        sys.exit("the bug was not caught")
    if not set(tasks) & set(caught):
        sys.exit(f"the bug was caught, but by no test of {' or '.join(tasks)}")


def check_fingerprint(bug, judges, verdicts):
    part, _, name = bug.rpartition("/")
    expected = fingerprints.read_table().get((part, name))
    if expected is None:
        sys.exit(f"fingerprints.txt has no line for {bug}; fingerprints.py says how to write it")
    found = fingerprints.drift(expected, verdicts)
    for _ in range(2):
        if found:  # every time? Threads may meet otherwise, and a busy machine may let a case hang
            again = fingerprints.drift(expected, judged(judges))
            found = [line for line in found if line in again]
    if found:
        sys.exit("it fails otherwise than fingerprints.txt has it; fingerprints.py says how to "
                 "write that again\n    " + "\n    ".join(found))


def main(arguments):
    bug = arguments[1] if arguments[0] == "--as" else None
    tasks, *judges = arguments[2:] if bug else arguments
    verdicts = judged(judges)
    check_caught(tasks.split(), verdicts)
    if bug:
        check_fingerprint(bug, judges, verdicts)


if __name__ == "__main__":
    main(sys.argv[1:])

#!/usr/bin/env python3
"""Real programs with a malloc of the workshop in front of their own.

    matrix.py LIBRARY [--quick] [--rounds N] [--only NAME,...] [--tests PROGRAM,...]
                      [--server PROGRAM]
    matrix.py LIBRARY --measure [--rounds N] [--only NAME,...]
    matrix.py --list

LIBRARY is the file for LD_PRELOAD. Each program does its work twice, without the library and with
it: what it writes and its exit code must be the same, byte for byte. A program that is not installed
is passed over, with a line. --quick takes ten programs at smaller work; --rounds repeats the work of
programs with threads. --tests adds test programs of ours, --server that of tests/traces.

--measure takes turns, so that what disturbs the machine disturbs both alike, and prints a table:
wall time, processor time and the peak of resident memory, medians, with their ratios to glibc's.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import NamedTuple

LIMIT = 300  # seconds that a program may take, against endless loops
PATH = "/usr/bin:/bin"  # the system's programs, not those somebody put before them


class Program(NamedTuple):
    name: str
    needs: str  # commands, separated by blanks
    work: str  # for bash; $N is the amount
    amount: int
    quick: int = 0  # the amount for --quick; 0: not among the ten
    prepare: str = ""  # done once, without the library
    threads: bool = False
    condition: str = ""  # a command that fails where the program cannot do this


BASH = r"""
declare -A counts
for ((i = 0; i < N; i++)); do
    word="word$((i % 97))"
    counts[$word]=$((${counts[$word]:-0} + i))
    list+=("$word${word//w/W}")
done
for word in "${!counts[@]}"; do echo "$word ${counts[$word]}"; done
echo "${#list[@]}"
printf '%s\n' "${list[@]}" | (while read -r line; do last=$line; done; echo "$last")
(exit 3) || echo "$?"
"""

PERL = r"""
my ($n) = @ARGV;
my %count;
for my $i (1 .. $n) { $count{"key" . $i % 5003} .= chr(97 + $i % 26); }
my $text = join ",", map { "$_=" . length $count{$_} } sort keys %count;
$text =~ s/(\d+)=(\d+)/$2:$1/g;
my @deep = map { [$_, [$_ x 3, { a => $_ }]] } 1 .. $n / 10;
print length $text, " ", substr($text, 0, 60), " ", $deep[-1][1][1]{a}, "\n";
"""

PYTHON_JSON = r"""
import json, random, sys
random.seed(1)
rows = [{"id": i, "tags": ["t%d" % random.randrange(50) for _ in range(i % 7)],
         "value": random.random(), "text": "x" * random.randrange(100)} for i in range(int(sys.argv[1]))]
text = json.dumps(rows)
assert json.loads(text) == rows
print(len(text), hash(text) and sum(map(len, text.split(","))))
"""

PYTHON_SQLITE = r"""
import sqlite3, sys
base = sqlite3.connect(":memory:")
base.execute("create table t(a integer, b text)")
base.executemany("insert into t values(?, ?)", ((i, str(i * 7919)) for i in range(int(sys.argv[1]))))
base.execute("create index i on t(b)")
print(base.execute("select count(*), sum(a), min(b), max(b) from t where b like ?", ("%99%",)).fetchall())
"""

PYTHON_PROCESSES = r"""
import multiprocessing, sys
def work(n): return sum(len(str(i) * 3) for i in range(n))
if __name__ == "__main__":
    with multiprocessing.Pool(4) as pool:
        print(pool.map(work, range(0, int(sys.argv[1]), 97)))
    queue = multiprocessing.Queue()
    child = multiprocessing.Process(target=lambda: queue.put([{"k": i} for i in range(1000)]))
    child.start(); print(len(queue.get())); child.join()
"""

PYTHON_THREADS = r"""
import concurrent.futures, hashlib, queue, sys, threading, zlib
def work(n):
    data = bytes(str(n) * 5000, "ascii")
    return hashlib.sha256(zlib.compress(data)).hexdigest()[:8], len([str(i) for i in range(n % 500)])
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print(list(pool.map(work, range(int(sys.argv[1]))))[-5:])
box, got = queue.Queue(100), []
def take():
    while (item := box.get()) is not None: got.append(len(item))
taker = threading.Thread(target=take); taker.start()
for i in range(int(sys.argv[1])): box.put("y" * (i % 1000))
box.put(None); taker.join(); print(sum(got))
"""

NODE = r"""
const n = +process.argv[2];
const rows = [];
for (let i = 0; i < n; i++) rows.push({ id: i, name: 'n' + i % 313, list: [i, i * 2, { deep: 'x'.repeat(i % 20) }] });
const text = JSON.stringify(rows);
const groups = new Map();
for (const row of JSON.parse(text)) groups.set(row.name, (groups.get(row.name) || 0) + row.list[1]);
console.log(text.length, groups.size, groups.get('n7'));
const buffers = [];
for (let i = 0; i < n / 100; i++) buffers.push(Buffer.alloc(1000 + i, i));
console.log(Buffer.concat(buffers).reduce((a, b) => (a + b) % 65521, 0));
"""

TEMPLATES = r"""
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>
#if AMOUNT > 10
#include <regex>
#endif
template <int N> struct Level {
    std::map<int, std::vector<std::string>> names;
    static int sum() { return Level<N - 1>::sum() + N; }
    auto make() { return [this](auto x) { return std::variant<int, std::string>{std::to_string(x + N)}; }; }
};
template <> struct Level<0> { static int sum() { return 0; } };
int main(int count, char**) {
#if AMOUNT > 10
    std::regex pattern("a+b*");
    if (std::regex_match("aab", pattern)) return 1;
#endif
    Level<AMOUNT> level;
    std::unordered_map<std::string, std::function<int(int)>> table;
    table["x"] = [](int a) { return a + Level<AMOUNT / 2>::sum(); };
    return static_cast<int>(level.make()(count).index()) + table["x"](count);
}
"""

CMAKE = r"""
cmake_minimum_required(VERSION 3.20)
project(many CXX)
foreach(i RANGE 1 {amount})
    set(file ${{CMAKE_BINARY_DIR}}/f${{i}}.cpp)
    file(WRITE ${{file}} "#include <string>\nstd::string f${{i}}() {{ return std::to_string(${{i}}); }}\n")
    list(APPEND files ${{file}})
    string(REPEAT "x${{i}};" 50 list)
    list(REMOVE_DUPLICATES list)
endforeach()
add_library(many STATIC ${{files}})
"""

# Minutes and seconds differ from run to run.
WITHOUT_TIMES = r"sed -E 's/[0-9.]+ ?(ms|sec|s|min)\b[0-9. sec]*/TIME/g'"

# Of Python's own tests those that work the allocator: much memory, threads, processes, foreign code.
PYTHON_TESTS = ("test_json test_list test_dict test_set test_bytes test_re test_zlib test_ctypes "
                "test_array test_memoryview test_gc test_thread test_threading test_fork1 "
                "test_xml_etree")

PROGRAMS = (
    Program("bash", "bash", BASH, 100_000, 10_000),
    Program("sort", "sort", "sort --parallel=2 numbers | sha256sum; sort -u -k2 -S 20M numbers | wc -l",
            50, 3, threads=True,
            prepare="/usr/bin/awk -v n=$((N * 70000)) 'BEGIN { srand(1); for (i = 0; i < n; i++) "
                    "print int(rand() * 1e9), i % 1000 }' > numbers"),
    Program("perl", "perl", f"perl -e '{PERL}' $N", 1_500_000, 150_000),
    Program("python3 json", "python3", f"python3 -c '{PYTHON_JSON}' $N", 100_000, 8_000),
    Program("python3 sqlite3", "python3", f"python3 -c '{PYTHON_SQLITE}' $N", 300_000),
    Program("python3 multiprocessing", "python3", f"python3 -c '{PYTHON_PROCESSES}' $N", 20_000),
    Program("python3 threads", "python3", f"python3 -c '{PYTHON_THREADS}' $N", 3_000, 400,
            threads=True),
    Program("python3 -m test", "python3",
            f"python3 -m test -q -j2 {PYTHON_TESTS} 2>&1 | grep -E 'tests OK|failed|result'",
            1, condition="python3 -c 'import test.test_json, test.libregrtest'"),
    Program("git", "git", """
        rm -rf copy && git clone -q origin copy && cd copy && git log --stat --format='%H %s' | sha256sum
        git diff HEAD~20 | sha256sum; git blame file3 | tail -1; git grep -c line HEAD~5 | sort | tail -3
        git repack -q -a -d --threads=2 && git fsck --no-progress && git count-objects""", 400, 60,
            threads=True, prepare="""
        export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
        git init -q origin && cd origin && git config gc.auto 0
        for ((i = 0; i < N; i++)); do
            for ((j = 0; j < 30; j++)); do echo "line $((i * j)) of $i"; done >> file$((i % 7))
            git add . && git commit -q -m "change $i"
        done"""),
    Program("sqlite3", "sqlite3", """rm -f base; sqlite3 base "
        pragma journal_mode = off; pragma synchronous = off;
        create table t(a integer primary key, b text);
        with recursive c(x) as (select 1 union all select x + 1 from c where x < $N)
        insert into t select x, hex(x * 7919) || x from c;
        create index i on t(b);
        select count(*), sum(a), max(b) from t where b > '34';
        delete from t where a % 3 = 0; vacuum; pragma integrity_check;
        select substr(b, 1, 2) as p, count(*) from t group by p order by 2 desc limit 5;\" """,
            1_000_000, 50_000),
    Program("g++", "g++", "g++ -std=c++20 -O1 -DAMOUNT=$N -c templates.cpp -o t.o && sha256sum t.o",
            300, 2, prepare=f"cat > templates.cpp <<'END'\n{TEMPLATES}\nEND"),
    Program("cmake", "cmake g++ ninja",
            f"rm -rf built; cmake -G Ninja -B built . 2>&1 | {WITHOUT_TIMES}; wc -c < built/build.ninja",
            400, prepare="cat > CMakeLists.txt <<END\n" +
            CMAKE.format(amount="$N").replace("${", "\\${") + "END"),
    # Which of its commands ends last is chance.
    Program("ninja", "ninja", "ninja -C . -f many.ninja | tail -1 | cut -d ' ' -f 1; cat o* | sha256sum; "
            "ninja -f many.ninja | tail -1; ninja -f many.ninja -t targets all | sha256sum; "
            "rm -f .ninja_log .ninja_deps o*", 300,
            prepare=r"""{ printf 'rule touch\n  command = echo $out > $out\n'
            for ((i = 0; i < N; i++)); do echo "build o$i: touch"; done; } > many.ninja"""),
    Program("xz", "xz", "xz -T2 -2 --block-size=1MiB -c data | tee packed | sha256sum; "
            "xz -dc packed | cmp - data && echo same", 12, 3, threads=True,
            prepare="/usr/bin/awk -v n=$((N * 40000)) 'BEGIN { for (i = 0; i < n; i++) "
                    "print i * i % 10007, \"of\", i % 211, i }' > data"),
    Program("openssl", "openssl", """
        head -c $((N * 1000000)) /dev/zero | openssl enc -aes-256-ctr -K 00 -iv 00 2>&1 | sha256sum
        for i in 1 2 3; do openssl genrsa 1024 2> /dev/null | openssl rsa -check -noout; done
        for digest in sha256 sha3-512 blake2b512; do head -c 1000000 /dev/zero | openssl dgst -$digest; done
        openssl list -cipher-algorithms | wc -l; openssl prime -generate -bits 256 | wc -l""", 100, 5),
    Program("node", "node", f'node -e "$(cat <<\'END\'\n{NODE}\nEND\n)" x $N'.replace(" x $N", " $N $N"),
            200_000, threads=True),
)


def environment(library: str) -> dict[str, str]:
    values = {"PATH": PATH, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "1",
              "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
              "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_NOSYSTEM": "1", "WORKSHOP_REPORT": "/dev/null"}
    if library:
        values["LD_PRELOAD"] = library
    return values


class Run(NamedTuple):
    output: bytes
    code: int
    seconds: float
    processor: float  # seconds of processor time, of all its processes
    peak_kib: int  # of the largest of its processes


def run(work: str, folder: pathlib.Path, amount: int, library: str = "") -> Run:
    values = environment(library) | {"HOME": str(folder)}
    begin = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(["bash", "-c", f"set -e -o pipefail\nN={amount}\n{work}"], cwd=folder, env=values,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        code, usage = wait(process)
        seconds = time.monotonic() - begin
        output.seek(0)
        return Run(output.read(), code, seconds, usage.ru_utime + usage.ru_stime,
                   usage.ru_maxrss)


def wait(process: subprocess.Popen) -> tuple[int, resource.struct_rusage]:
    """Its exit code, and what it and its children used."""
    def end() -> None:
        try:
            os.killpg(process.pid, 9)
        except ProcessLookupError:
            pass
    timer = threading.Timer(LIMIT, end)
    timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def missing(program: Program) -> str:
    for need in program.needs.split():
        if shutil.which(need, path=PATH) is None:
            return f"{need} is not installed"
    if program.condition and subprocess.run(
            ["bash", "-c", program.condition], env=environment(""), capture_output=True).returncode:
        return "its package is not installed"
    return ""


def difference(expected: Run, found: Run) -> str:
    """What differs, in a few lines; empty where nothing does."""
    if expected.code != found.code:
        tail = found.output[-2000:].decode(errors="replace")
        return f"exit code {found.code}; without the library {expected.code}\n{tail}"
    for number, (a, b) in enumerate(zip(expected.output.splitlines() + [b"<the end>"],
                                        found.output.splitlines() + [b"<the end>"]), 1):
        if a != b:
            return (f"line {number} differs\n    without: {a[:200].decode(errors='replace')}\n"
                    f"    with:    {b[:200].decode(errors='replace')}")
    return "" if expected.output == found.output else "the ends of the lines differ"


def check(program: Program, amount: int, rounds: int, library: str, folder: pathlib.Path) -> str:
    prepared = run(program.prepare, folder, amount) if program.prepare else None
    if prepared and prepared.code != 0:
        return f"could not be prepared: {prepared.output.decode(errors='replace')}"
    expected = run(program.work, folder, amount)
    if expected.code != 0:
        return f"fails without the library: {expected.output.decode(errors='replace')}"
    for _ in range(rounds if program.threads else 1):
        problem = difference(expected, run(program.work, folder, amount, library))
        if problem:
            return problem
    return ""


def is_in_front(library: str, folder: pathlib.Path) -> bool:
    """The dynamic linker only warns where it cannot load a library."""
    maps = run("cat /proc/self/maps", folder, 0, library)
    return pathlib.Path(library).name.encode() in maps.output


def check_all(options: argparse.Namespace, programs: list[Program], library: str) -> int:
    passed = failed = 0
    for program in programs:
        why = missing(program)
        if why:
            print(f"{program.name}: passed over, {why}", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            begin = time.monotonic()
            problem = check(program, program.quick if options.quick else program.amount,
                            options.rounds, library, pathlib.Path(folder))
        passed, failed = passed + (not problem), failed + bool(problem)
        print(f"{program.name}: {problem or 'the same'} ({time.monotonic() - begin:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def measure_all(options: argparse.Namespace, programs: list[Program], library: str) -> int:
    print("| program | wall, s | to glibc's | processor, s | to glibc's | peak, MiB | to glibc's |\n"
          "|---|---|---|---|---|---|---|")
    for program in programs:
        if missing(program) or program.amount == 1:  # tests are no work to be measured by
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            if program.prepare:
                run(program.prepare, folder, program.amount)
            run(program.work, folder, program.amount)  # files are in the cache from here on
            ours, theirs = [], []
            for number in range(options.rounds):
                for which in ((ours, theirs) if number % 2 else (theirs, ours)):
                    which.append(run(program.work, folder, program.amount,
                                     library if which is ours else ""))
        cells = [program.name]
        for measure, form, unit in (("seconds", ".2f", 1), ("processor", ".2f", 1),
                                    ("peak_kib", ".0f", 1024)):
            mine, glibc = (statistics.median(getattr(each, measure) for each in runs)
                           for runs in (ours, theirs))
            cells += [format(mine / unit, form), f"{mine / glibc:.2f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
    return 0


def own_tests(files: str) -> list[Program]:
    return [Program(pathlib.Path(file).name, "bash", f"'{os.path.abspath(file)}' --minimal", 1)
            for file in files.split(",") if file]


def own_server(file: str) -> list[Program]:
    return [Program("server", "bash", f"'{os.path.abspath(file)}' $N", 20_000, 2_000,
                    threads=True)] if file else []


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("library", nargs="?")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", default="")
    parser.add_argument("--tests", default="")
    parser.add_argument("--server", default="")
    options = parser.parse_args()
    names = [name for name in options.only.split(",") if name]
    all_programs = list(PROGRAMS) + own_tests(options.tests) + own_server(options.server)
    programs = [program for program in all_programs
                if (program.name in names if names else program.quick or not options.quick)]
    if options.list:
        print("\n".join(program.name for program in programs))
        return 0
    if options.library is None or len(programs) < len(names):
        parser.error("expected a LIBRARY, and names that --list knows")
    library = str(pathlib.Path(options.library).resolve())
    with tempfile.TemporaryDirectory() as folder:
        if not is_in_front(library, pathlib.Path(folder)):
            sys.exit(f"{library} is not one that the dynamic linker takes")
    options.rounds = options.rounds or (5 if options.measure else 1)
    return (measure_all if options.measure else check_all)(options, programs, library)


if __name__ == "__main__":
    sys.exit(main())

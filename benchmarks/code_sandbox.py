"""Whether the sandbox tells right programs from wrong ones, and how fast: HumanEval, MBPP, HumanEvalPack, and mutants of the right solutions.

    python -m benchmarks.code_sandbox [--data FOLDER] [--programs-at-once N] [--only NAME]...

HumanEval is the data set `human-eval` (dataflow datasets get human-eval). `--data` is a folder with code/mbpp_open.jsonl and
code/humanevalpack_buggy_6lang_open.jsonl.gz; without it those parts are left out. A mutant is a solution with one change that makes it behave
otherwise: the first of its mutants that its tests fail when both are run as one plain script in the sandbox, with no help of ours.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from operators.code.mutants import mutants_of
from operators.sandboxes import Language, Limits, Program, Suite, Test, Verdict, suite_of
from resources.sandbox import SandboxSettings
from resources.sandbox.bubblewrap import interpreter
from resources.sandbox.languages import languages_here
from resources.sandbox.pool import Launchers

MOST_MUTANTS = 30
ROUNDS = 3
REPEATS = 50
OWN_PROGRAM = """
import math
from typing import List

def mean_distance(values: List[float]) -> float:
    middle = math.fsum(values) / len(values)
    return math.fsum(abs(value - middle) for value in values) / len(values)

assert mean_distance([1.0, 2.0, 3.0, 6.0]) == 1.5
print(mean_distance([1.0, 3.0]))
"""
LANGUAGES: dict[str, Language] = {"python": "python", "js": "javascript", "cpp": "cpp", "java": "java", "go": "go", "rust": "rust"}
NOT_INSTALLED = ("use rand", "use regex", "use md5")
"""Packages that every Rust program of HumanEvalPack names; those that really need one cannot be built here."""


class Task(NamedTuple):
    name: str
    code: str
    tests: str
    """A plain script that follows the code."""
    suite: Suite

    def program(self, code: str | None = None) -> Program:
        return Program(self.code if code is None else code, suite=self.suite, limits=Limits(seconds=20))

    def script(self, code: str) -> Program:
        """Code and tests in one process, where the tests are the last to run."""
        return Program(f"{code}\n{self.tests}\n", limits=Limits(seconds=20))


def human_eval() -> list[Task]:
    from resources.datasets.store import path

    rows = [json.loads(line) for line in path("human-eval").read_text(encoding="utf-8").splitlines()]
    return [_human_eval_task(row) for row in rows]


def _human_eval_task(row: dict[str, Any]) -> Task:
    tests = f"{row['test']}\ncheck({row['entry_point']})"
    return Task(row["task_id"], row["prompt"] + row["canonical_solution"], tests, suite_of(tests))


def mbpp(data: Path) -> list[Task]:
    rows = [json.loads(line) for line in (data / "code/mbpp_open.jsonl").read_text(encoding="utf-8").splitlines()]
    tasks = []
    for row in rows:
        script = "\n".join([row["test_setup_code"], *row["test_list"]])
        suite = Suite(suite_of(row["test_list"]).tests, row["test_setup_code"])
        tasks.append(Task(f"MBPP/{row['task_id']}", row["code"], script, suite))
    return tasks


def told_apart(name: str, tasks: Sequence[Task], launchers: Launchers) -> None:
    """Right solutions, and one mutant of each that behaves otherwise."""
    started = time.perf_counter()
    verdicts = launchers.map([task.program() for task in tasks])
    seconds = time.perf_counter() - started
    print(f"{name}: {sum(verdict.passed for verdict in verdicts)} of {len(tasks)} right solutions passed, {len(tasks) / seconds:.1f} programs/s")
    _print_odd(tasks, verdicts, wrong=False)
    mutated = behaving_otherwise(tasks, launchers)
    verdicts = launchers.map([task.program(mutant) for task, mutant in mutated])
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(verdict.kind for verdict in verdicts).most_common())
    print(f"{name}: {sum(verdict.passed for verdict in verdicts)} of {len(mutated)} mutants passed ({kinds}); {len(tasks) - len(mutated)} have none")
    _print_odd([task for task, _ in mutated], verdicts, wrong=True)


def behaving_otherwise(tasks: Sequence[Task], launchers: Launchers) -> list[tuple[Task, str]]:
    """Of each task the first mutant that behaves otherwise, where it has one."""
    mutants = {task.name: iter(mutants_of(task.code, most=MOST_MUTANTS)) for task in tasks}
    found: dict[str, str] = {}
    open_tasks = list(tasks)
    while open_tasks:
        tried = [(task, mutant.source) for task in open_tasks if (mutant := next(mutants[task.name], None)) is not None]
        verdicts = launchers.map([task.script(source) for task, source in tried])
        found |= {task.name: source for (task, source), verdict in zip(tried, verdicts, strict=True) if verdict.kind == "failed"}
        open_tasks = [task for task, _ in tried if task.name not in found]
    return [(task, found[task.name]) for task in tasks if task.name in found]


def _print_odd(tasks: Sequence[Task], verdicts: Sequence[Verdict], *, wrong: bool) -> None:
    for task, verdict in zip(tasks, verdicts, strict=True):
        if verdict.passed == wrong:
            print(f"  {task.name}: {verdict.kind} {verdict.reason}")


def other_languages(data: Path, launchers: Launchers) -> None:
    """HumanEvalPack: the right and the broken solution of each task."""
    with gzip.open(data / "code/humanevalpack_buggy_6lang_open.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    for short, language in LANGUAGES.items():
        if language not in languages_here():
            print(f"HumanEvalPack, {language}: not installed here")
            continue
        programs = []
        chosen = [row for row in rows if row["language"] == short]
        for row in chosen:
            suite = suite_of(row["test"]) if language == "python" else Suite((Test(row["test"]),))
            for solution in (row["canonical_solution"], row["buggy_solution"]):
                lines = (row["prompt"] + solution).split("\n")
                code = "\n".join(line for line in lines if not line.startswith(NOT_INSTALLED))
                programs.append(Program(code, language, suite, limits=Limits(seconds=15, memory_mb=1024)))
        started = time.perf_counter()
        verdicts = launchers.map(programs)
        speed = len(programs) / (time.perf_counter() - started)
        right, broken = (sum(verdict.passed for verdict in verdicts[first::2]) for first in (0, 1))
        print(f"HumanEvalPack, {language}: of {len(chosen)}, {right} right and {broken} broken solutions passed, {speed:.1f} programs/s")
        for row, verdict in zip(chosen, verdicts[::2], strict=True):
            if not verdict.passed:
                print(f"  {row['task_id']}: {verdict.kind} {verdict.reason[:200]}")


def speed(tasks: Sequence[Task], launchers: Launchers, at_once: int) -> None:
    """Programs a second with a pool that is warm, and milliseconds beside a bare subprocess, which has no walls at all.

    Seconds depend on what else the machine does; the processor's time, of both sides of the sandbox, much less. What runs without walls is ours:
    code of a data set never does.
    """
    programs = [task.program() for task in tasks]
    launchers.map(programs[: 4 * at_once])
    best, processor = 0.0, float("inf")
    for _ in range(ROUNDS):
        started, used = time.perf_counter(), time.process_time()
        verdicts = launchers.map(programs)
        best = max(best, len(programs) / (time.perf_counter() - started))
        used = time.process_time() - used + sum(verdict.processor_seconds for verdict in verdicts)
        processor = min(processor, used / len(programs))
    cores = len(os.sched_getaffinity(0))
    print(f"speed: {best:.1f} programs/s, {at_once} at once on {cores} cores, beside a load of {os.getloadavg()[0]:.0f}")
    print(f"processor: {processor * 1000:.1f} ms a program, which is {1 / processor:.0f} programs/s on a core that does nothing else")
    used = _processor_seconds_of_children()
    for _ in range(REPEATS):
        subprocess.run([interpreter(), "-c", OWN_PROGRAM], capture_output=True, check=True)
    bare = (_processor_seconds_of_children() - used) / REPEATS * 1000
    started = time.process_time()
    verdicts = launchers.map([Program(OWN_PROGRAM)] * REPEATS)
    ours = (time.process_time() - started + sum(verdict.processor_seconds for verdict in verdicts)) / REPEATS * 1000
    print(f"a small program of ours: {ours:.1f} ms of the processor in the sandbox, {bare:.1f} ms as a bare subprocess, {ours - bare:+.1f} ms")


def _processor_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--programs-at-once", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--only", action="append", choices=["human-eval", "mbpp", "languages", "speed"])
    arguments = parser.parse_args()
    wanted = arguments.only or ["human-eval", "mbpp", "languages", "speed"]
    with Launchers(SandboxSettings(programs_at_once=arguments.programs_at_once)) as launchers:
        if "speed" in wanted:
            speed(human_eval(), launchers, arguments.programs_at_once)
        if "human-eval" in wanted:
            told_apart("HumanEval", human_eval(), launchers)
        if arguments.data is not None and "mbpp" in wanted:
            told_apart("MBPP", mbpp(arguments.data), launchers)
        if arguments.data is not None and "languages" in wanted:
            other_languages(arguments.data, launchers)
    return 0


if __name__ == "__main__":
    sys.exit(main())

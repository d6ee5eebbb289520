"""Programs as jobs for a launcher."""

from __future__ import annotations

import base64
import math
from pathlib import PurePosixPath
from typing import Any

from operators.sandboxes import Exchange, Limits, Program, Test
from resources.sandbox.inside.confinement import Confinement
from resources.sandbox.languages import build_of

LONGEST_CODE = 4_000_000
"""Characters of the code, its tests and its files together."""


def refusal(program: Program, languages: tuple[str, ...]) -> str:
    """Why a program is not run at all; empty where it is."""
    if program.language not in languages:
        return f"{program.language} is not installed here; there are {', '.join(languages)}"
    size = len(program.code) + len(program.suite.setup) + sum(len(content) for content in program.files.values())
    size += sum(len(test.code) if isinstance(test, Test) else len(test.stdin) for test in program.suite.tests) + len(program.stdin)
    if size > LONGEST_CODE:
        return f"{size:,} characters of code, tests, files and input are more than {LONGEST_CODE:,}"
    for name in program.files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            return f'the file name "{name}" does not stay in the working folder: give a relative one'
    limits = program.limits
    if not (math.isfinite(limits.seconds) and min(limits.seconds, limits.memory_mb, limits.disk_mb, limits.output_kb, limits.processes) > 0):
        return f"{limits} are no limits: each has to be above 0, and finite"
    return ""


def confinement_of(limits: Limits, *, tested: bool, python: bool, filter_: bytes) -> Confinement:
    return Confinement(
        seconds=limits.seconds,
        memory_mb=limits.memory_mb,
        processes=limits.processes,
        disk_mb=limits.disk_mb,
        tested=tested,
        proc=not python,
        address_space=python,
        filter=filter_.hex(),
    )


def tests_job(program: Program, tests: list[Test]) -> dict[str, Any]:
    """Python tests that call a Python program."""
    return {
        "files": _files(program),
        "python": [program.code],
        "code": program.code,
        "stdin": program.stdin,
        "arguments": list(program.arguments),
        "setup": program.suite.setup,
        "tests": [test.code for test in tests],
        "stop_at_first_failure": program.suite.stop_at_first_failure,
    }


def runs_job(program: Program) -> dict[str, Any]:
    """A program that is run as such: for each exchange, or once; of other languages than Python also with each of its tests."""
    exchanges = [test for test in program.suite.tests if isinstance(test, Exchange)]
    inputs = [exchange.stdin for exchange in exchanges] or ([program.stdin] if not program.suite.tests else [])
    builds: list[dict[str, Any]] = []
    if inputs:
        builds.append({**_build(program, None), "runs": [{"stdin": text} for text in inputs]})
    if program.language != "python":
        for test in program.suite.tests:
            if isinstance(test, Test):
                builds.append({**_build(program, f"{program.suite.setup}\n{test.code}"), "runs": [{"stdin": program.stdin}]})
    return {
        "files": _files(program),
        "python": [program.code] if program.language == "python" else [],
        "builds": builds,
        "output_bytes": program.limits.output_kb * 1024,
    }


def _build(program: Program, tests: str | None) -> dict[str, Any]:
    if program.language == "python":
        return {"files": {}, "compile": [], "run": [], "code": program.code, "arguments": list(program.arguments)}
    build = build_of(program.language, program.code, program.limits.memory_mb, tests=tests)
    files = {name: base64.b64encode(source.encode("utf-8", "replace")).decode() for name, source in build["files"].items()}
    return {**build, "files": files, "run": [*build["run"], *program.arguments]}


def _files(program: Program) -> dict[str, str]:
    contents = {name: content.encode("utf-8", "replace") if isinstance(content, str) else content for name, content in program.files.items()}
    return {name: base64.b64encode(content).decode() for name, content in contents.items()}

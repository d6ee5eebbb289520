"""What became of jobs, as verdicts on their programs."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from dataclasses import replace

from operators.sandboxes import Exchange, Limits, Program, Test, TestOutcome, Verdict, VerdictKind
from resources.sandbox.watching import Ended

LONGEST_REASON = 600


def named(program: Program) -> list[TestOutcome]:
    """The tests of a program, before they are run."""
    return [TestOutcome(test.name or f"test {place}", "not_run") for place, test in enumerate(program.suite.tests, 1)]


# From outside: the limits that the host itself saw broken

_ENDED_FROM_OUTSIDE: Mapping[str, VerdictKind] = {
    "timeout": "timeout",
    "output_limit": "output_limit",
    "out_of_memory": "out_of_memory",
    "stopped": "killed",
    "malformed": "failed",
    "lost": "killed",
}


def broken_limit(ended: Ended, limits: Limits) -> tuple[VerdictKind, str] | None:
    said = {
        "timeout": f"it had not ended after {limits.seconds:g} seconds",
        "output_limit": f"it wrote more than {limits.output_kb} kB",
        "out_of_memory": f"it took more than {limits.memory_mb} MB of memory",
        "stopped": "it was stopped by who had it run",
        "malformed": "its tests wrote into what they report by",
        "lost": "its sandbox was killed",
    }
    return (_ENDED_FROM_OUTSIDE[ended.why], said[ended.why]) if ended.why else None


def common_end(ended: Ended, limits: Limits) -> tuple[VerdictKind, str] | None:
    """A verdict that needs no look at the tests."""
    if broken := broken_limit(ended, limits):
        return broken
    if ended.reports and ended.reports[0][0] == "syntax error":
        return "syntax_error", str(ended.reports[0][1])
    if ended.status == 99 and not any(report[0] == "end" for report in ended.reports):
        return "refused", f"the sandbox failed: {ended.stderr.decode('utf-8', 'replace').strip()[-LONGEST_REASON:]}"
    return None


def verdict_on(program: Program, ended: Ended, *, tested: bool) -> Verdict:
    """What a job comes to. A report of another form than ours was not written by us, and counts against the program."""
    try:
        return verdict_on_tests(program, ended) if tested else verdict_on_runs(program, ended)
    except (ValueError, TypeError, IndexError, KeyError):
        return _verdict("failed", "what its tests reported has no meaning", named(program), ended, ended.stdout, ended.stderr, None)


def verdict_on_tests(program: Program, ended: Ended) -> Verdict:
    """What tests in Python say of a program. Whatever is missing in the report counts against it."""
    outcomes = named(program)
    places = [place for place, test in enumerate(program.suite.tests) if isinstance(test, Test)]
    out_of_memory, reason = False, ""
    kind: VerdictKind = "failed"
    status: int | None = None
    for what, *parts in ended.reports:
        if what == "test" and isinstance(parts[0], int) and 0 <= parts[0] < len(places):
            place, failure = places[parts[0]], parts[1]
            outcomes[place] = replace(outcomes[place], outcome="failed" if failure else "passed", message=str(failure[0]) if failure else "")
            out_of_memory = out_of_memory or (failure is not None and failure[1] == "MemoryError")
        elif what == "setup failed":
            reason, out_of_memory = f"the setup of the tests failed: {parts[0]}", parts[1] == "MemoryError"
        elif what == "not loaded":
            error, text, line = parts
            reason, out_of_memory = f"the program raised {error}: {text}" + (f" (line {line})" if line else ""), error == "MemoryError"
            if error in ("SystemExit", "KeyboardInterrupt"):
                reason = f"the program ended before its tests: {error} {text}".strip()
        elif what == "program":
            status = parts[0]
    ended_early = any(report[0] == "ended" for report in ended.reports)
    finished = bool(ended.reports) and ended.reports[-1] == ["end"]
    failed = next((outcome for outcome in outcomes if outcome.outcome == "failed"), None)
    if broken := common_end(ended, program.limits):
        kind, reason = broken
    elif out_of_memory:
        kind, reason = "out_of_memory", reason or f"it needed more than {program.limits.memory_mb} MB of memory"
    elif ended_early and status is not None and status < 0:
        kind, reason = killed(status)
    elif ended_early:
        reason = f"the program ended (status {status}) before its tests did"
    elif reason or not finished:
        reason = reason or "the tests ended before they had reported"
    elif failed is not None:
        reason = f"{failed.name}: {failed.message}" if not failed.message.startswith(failed.name) else failed.message
    elif all(outcomes[place].outcome == "passed" for place in places):
        kind = "passed"
    return _verdict(kind, reason, outcomes, ended, ended.stdout, ended.stderr, status)


def verdict_on_runs(program: Program, ended: Ended) -> Verdict:
    """What the runs of a program come to: exchanges first, then tests, as `runs_job` orders them."""
    outcomes = named(program)
    python = program.language == "python"
    order = [(None, place) for place, test in enumerate(program.suite.tests) if isinstance(test, Exchange)]
    builds: list[list[int]] = [[place for _, place in order]] if order or not program.suite.tests else []
    builds += [] if python else [[place] for place, test in enumerate(program.suite.tests) if isinstance(test, Test)]
    done = [0] * len(builds)
    out, error = [], []
    first_bad: tuple[VerdictKind, str] | None = None
    status: int | None = None
    for what, *parts in ended.reports:
        if what not in ("built", "run") or not isinstance(parts[0], int) or not 0 <= parts[0] < len(builds):
            continue
        build, status, stdout, stderr = parts[0], parts[1], str(parts[2]), str(parts[3])
        out.append(stdout)
        error.append(stderr)
        if what == "built":
            bad: tuple[VerdictKind, str] | None = _not_built(status, stderr, program.limits)
            concerned = builds[build]
        else:
            concerned = builds[build][done[build] : done[build] + 1]
            done[build] += 1
            expected = program.suite.tests[concerned[0]] if concerned else None
            bad = _bad_run(status, stdout, stderr, parts[4], expected, program)
        for place in concerned:
            outcomes[place] = replace(outcomes[place], outcome="failed" if bad else "passed", message=bad[1] if bad else "")
        if bad and first_bad is None:
            first_bad = bad[0], (f"{outcomes[concerned[0]].name}: {bad[1]}" if concerned and bad[0] == "failed" else bad[1])
    finished = bool(ended.reports) and ended.reports[-1] == ["end"]
    all_run = all(done[build] == max(1, len(places)) for build, places in enumerate(builds))
    kind, reason = common_end(ended, program.limits) or first_bad or ("failed", "it ended before its runs had")
    if (
        first_bad is None
        and common_end(ended, program.limits) is None
        and finished
        and all_run
        and all(outcomes[place].outcome == "passed" for places in builds for place in places)
    ):
        kind, reason = "passed", ""
    return _verdict(kind, reason, outcomes, ended, "".join(out).encode(), "".join(error).encode(), status)


def _not_built(status: int | None, stderr: str, limits: Limits) -> tuple[VerdictKind, str]:
    if status is None:
        return "output_limit", f"its compiler wrote more than {limits.output_kb} kB"
    if status < 0:
        return killed(status)
    return "syntax_error", stderr.strip()[:LONGEST_REASON] or f"its compiler ended with status {status}"


def _bad_run(
    status: int | None, stdout: str, stderr: str, reached_end: bool, expected: Test | Exchange | None, program: Program
) -> tuple[VerdictKind, str] | None:
    """What is wrong with one run, where anything is."""
    if status is None:
        return "output_limit", f"it wrote more than {program.limits.output_kb} kB"
    if status == -signal.SIGXCPU:
        return "timeout", f"it used more than {program.limits.seconds:g} seconds of the processor"
    if status < 0 and not _ran_out_of_memory(stderr):
        return killed(status) if status != -signal.SIGABRT or not isinstance(expected, Test) else ("failed", _last_line(stderr))
    if status != 0:
        if _ran_out_of_memory(stderr):
            return "out_of_memory", f"it needed more than {program.limits.memory_mb} MB of memory: {_last_line(stderr)}"
        return "failed", f"status {status}: {_last_line(stderr)}"
    if isinstance(expected, Test) and not reached_end:
        return "failed", "it ended with status 0 before its tests did"
    if isinstance(expected, Exchange) and lines_of(stdout) != lines_of(expected.expected):
        return "failed", _difference(stdout, expected.expected)
    return None


def lines_of(text: str) -> list[str]:
    """Lines without white space at their ends, and without blank lines at the end. Of all that parts lines in Unicode only a line end does."""
    return [line.rstrip() for line in re.split(r"\r\n?|\n", text.rstrip()) if text.strip()]


def _difference(printed: str, expected: str) -> str:
    ours, theirs = lines_of(printed), lines_of(expected)
    for number, (got, wanted) in enumerate(zip(ours, theirs, strict=False), 1):
        if got != wanted:
            return f"line {number} is {got[:100]!r}, not {wanted[:100]!r}"
    return f"it printed {len(ours)} lines, not {len(theirs)}"


_MEMORY_WORDS = ("MemoryError", "std::bad_alloc", "heap out of memory", "OutOfMemoryError", "memory allocation of", "annot allocate memory")


def _ran_out_of_memory(stderr: str) -> bool:
    return any(word in stderr[-4000:] for word in _MEMORY_WORDS)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    told = next((line for line in reversed(lines) if "rror" in line or "assert" in line.lower() or "panicked" in line), "")
    return (told or (lines[-1] if lines else "it wrote nothing to standard error"))[:LONGEST_REASON]


def killed(status: int) -> tuple[VerdictKind, str]:
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return "killed", f"{name} ended it"


def _verdict(kind: VerdictKind, reason: str, outcomes: list[TestOutcome], ended: Ended, out: bytes, error: bytes, status: int | None) -> Verdict:
    return Verdict(
        kind=kind,
        reason="" if kind == "passed" else reason[:LONGEST_REASON],
        tests=() if kind == "refused" else tuple(outcomes),
        stdout=out.decode("utf-8", "replace"),
        stderr=error.decode("utf-8", "replace"),
        exit_status=status if status is not None and status >= 0 else None,
        seconds=round(ended.seconds, 4),
        processor_seconds=round(ended.processor_seconds, 4),
        memory_mb=ended.memory_mb,
    )

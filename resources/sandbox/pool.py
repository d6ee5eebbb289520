"""The sandbox that operators are given: several launchers, each with a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from operators.asking.answers import Usage
from operators.sandboxes import Exchange, Language, Program, SandboxUnavailable, Test, Verdict
from resources.sandbox import bubblewrap
from resources.sandbox.jobs import confinement_of, refusal, runs_job, tests_job
from resources.sandbox.languages import folders_of_tools, languages_here, search_path
from resources.sandbox.launcher import Launcher
from resources.sandbox.settings import SandboxSettings
from resources.sandbox.system_call_filter import system_call_filter
from resources.sandbox.verdicts import verdict_on

logger = logging.getLogger(__name__)


class Stop:
    """Ends the programs that were given it, from another thread. Only those that run hold a descriptor for it: many more may wait their turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped = False
        self._listening: set[int] = set()

    def now(self) -> None:
        with self._lock:
            self._stopped = True
            for wake in self._listening:
                os.eventfd_write(wake, 1)

    @contextlib.contextmanager
    def listen(self) -> Iterator[int]:
        """A descriptor that can be read once programs are to end."""
        with self._lock:
            wake = os.eventfd(int(self._stopped))
            self._listening.add(wake)
        try:
            yield wake
        finally:
            with self._lock:  # else its number could be that of another file when it is written to
                self._listening.discard(wake)
                os.close(wake)


class Launchers:
    """Programs are run behind walls where those are to be had, and without only where they are not: `check_isolation` says whether that is wanted.

    There are threads, each with a launcher that it starts when it is first needed. Closing ends them all.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self._own = threading.local()
        self._started: list[Launcher] = []
        self._threads = ThreadPoolExecutor(settings.programs_at_once, thread_name_prefix="sandbox")
        self._filter = system_call_filter()
        self._environment = {**bubblewrap.ENVIRONMENT, "PATH": search_path(), "PYTHONPATH": os.pathsep.join(map(str, settings.import_from))}
        self._readable: tuple[Path, ...] = (*folders_of_tools(), *settings.import_from)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """What still waits is not run."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for launcher in self._started:
            launcher.close()

    def map(self, programs: Sequence[Program]) -> list[Verdict]:
        stop = Stop()
        running = [self._threads.submit(self.verdict, program, stop) for program in programs]
        try:
            return [verdict.result() for verdict in running]
        except BaseException:
            stop.now()
            for verdict in running:
                verdict.cancel()
            raise
        finally:
            wait(running)

    async def run(self, program: Program) -> Verdict:
        stop = Stop()
        running = self._threads.submit(self.verdict, program, stop)
        waited = asyncio.wrap_future(running)
        try:
            return await asyncio.shield(waited)
        except asyncio.CancelledError:
            stop.now()
            running.cancel()  # where it has not begun
            await asyncio.wait([waited])
            raise

    def verdict(self, program: Program, stop: Stop) -> Verdict:
        """Run one program, in a thread of ours."""
        if why := refusal(program, languages_here()):
            return Verdict("refused", why)
        limits = program.limits
        limits = replace(limits, seconds=min(limits.seconds, self.settings.max_seconds), memory_mb=min(limits.memory_mb, self.settings.max_memory_mb))
        program = replace(program, code=program.code.removeprefix("\ufeff"), limits=limits)  # a mark of how a file was written
        tests = [test for test in program.suite.tests if isinstance(test, Test)]
        if program.language != "python" or not tests:
            return self._runs(program, stop)
        verdict = self._tests(program, tests, stop)
        if len(tests) == len(program.suite.tests) or verdict.kind not in ("passed", "failed"):
            return verdict
        if not verdict.passed and program.suite.stop_at_first_failure:
            return verdict
        return _together(program, verdict, self._runs(program, stop))

    def _tests(self, program: Program, tests: list[Test], stop: Stop) -> Verdict:
        confinement = confinement_of(program.limits, tested=True, python=True, filter_=self._filter)
        with stop.listen() as wake:
            ended = self._launcher().run(confinement, tests_job(program, tests), program.limits.output_kb * 1024, wake)
        return verdict_on(program, ended, tested=True)

    def _runs(self, program: Program, stop: Stop) -> Verdict:
        confinement = confinement_of(program.limits, tested=False, python=program.language == "python", filter_=self._filter)
        with stop.listen() as wake:
            ended = self._launcher().run(confinement, runs_job(program), program.limits.output_kb * 1024, wake)
        return verdict_on(program, ended, tested=False)

    def _launcher(self) -> Launcher:
        """This thread's own. The kernel ends a launcher with the thread that started it."""
        launcher: Launcher | None = getattr(self._own, "launcher", None)
        if launcher is None:
            launcher = self._own.launcher = Launcher(self._readable, self._environment, unconfined=bool(bubblewrap.why_not()))
            self._started.append(launcher)
        return launcher


def _together(program: Program, of_tests: Verdict, of_runs: Verdict) -> Verdict:
    """One verdict of a program that has both tests and exchanges."""
    pairs = zip(program.suite.tests, of_tests.tests, of_runs.tests or of_tests.tests, strict=True)
    tests = tuple(run if isinstance(test, Exchange) else tested for test, tested, run in pairs)
    worse = of_tests if not of_tests.passed else of_runs
    return replace(
        worse,
        tests=tests,
        stdout=of_tests.stdout + of_runs.stdout,
        stderr=of_tests.stderr + of_runs.stderr,
        seconds=of_tests.seconds + of_runs.seconds,
        processor_seconds=of_tests.processor_seconds + of_runs.processor_seconds,
        memory_mb=max(of_tests.memory_mb, of_runs.memory_mb),
    )


class BubblewrapSession:
    """Keeps `operators.sandboxes.SandboxSession`."""

    def __init__(self, launchers: Launchers) -> None:
        self._launchers = launchers
        self.max_in_flight = launchers.settings.programs_at_once
        self.usage = Usage()
        """`calls` are programs that were run; `failed` those refused."""

    async def run(self, program: Program) -> Verdict:
        verdict = await self._launchers.run(program)
        self.usage.calls += 1
        self.usage.failed += verdict.kind == "refused"
        self.usage.seconds += verdict.seconds
        return verdict


class BubblewrapSandbox:
    """Keeps `operators.sandboxes.Sandbox`. Nothing is started until a session is."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[BubblewrapSession]:
        launchers = Launchers(self.settings)
        try:
            yield BubblewrapSession(launchers)
        finally:
            await asyncio.get_running_loop().run_in_executor(None, launchers.close)

    def run(self, programs: Sequence[Program]) -> list[Verdict]:
        with Launchers(self.settings) as launchers:
            return launchers.map(programs)

    def languages(self) -> tuple[Language, ...]:
        return languages_here()


def what_is_missing(settings: SandboxSettings) -> str:
    """Why no program can be run here, with what to do; empty where they can."""
    why = bubblewrap.why_not()
    if not why or (settings.unsafe_subprocess and sys.platform == "linux"):
        return ""
    return (
        f"code is only run in isolation, and there is none: {why}. "
        "To go without, which lets every program do what you can do, set unsafe_subprocess: true (DATAFLOW_SANDBOX_UNSAFE_SUBPROCESS=true)."
    )


def check_isolation(settings: SandboxSettings) -> None:
    """Raises SandboxUnavailable where none is to be had, and the settings do not say to go without. Going without is logged."""
    if missing := what_is_missing(settings):
        raise SandboxUnavailable(missing)
    if why := bubblewrap.why_not():
        logger.warning("programs run WITHOUT isolation, as unsafe_subprocess says: %s", why)

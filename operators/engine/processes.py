"""Processes, no more than a number, that answer messages: lines of JSON in, lines of JSON out.

They are new Python processes, never forks: this one has threads of Arrow, DuckDB and numba, of which a fork would copy the locks alone. They end when
this process ends, however it ends; see `serve`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

from operators.tables.errors import StageFailed
from operators.tables.threads import THREADS, usable_cores

logger = logging.getLogger(__name__)

Message: TypeAlias = Mapping[str, Any]

ONE_THREAD = (THREADS, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")
"""Environment variables that say how many threads a process starts: one each, for there are as many processes as cores."""
PARENT_LOOKED_AT_SECONDS = 0.5


class Processes:
    """Kept for the next question; give them back by `close`. As many as there are cores start when first asked, further ones when all have work."""

    def __init__(self, count: int, program: str) -> None:
        """`program`: a module that calls `serve` when it is run."""
        self.count = count
        self._program = program
        self._idle: queue.SimpleQueue[AnsweringProcess] = queue.SimpleQueue()
        """Of this start: after `close` there is another one."""
        self._changing = threading.Lock()
        self.started: list[AnsweringProcess] = []
        self._threads: ThreadPoolExecutor | None = None

    def answers(self, messages: Iterator[Message], what: Callable[[Message], str]) -> Iterator[Message]:
        """The answers in the order of the messages, of which few are taken before their turn. `what` says what a message asks for.

        Raises:
            StageFailed: a process ended, and so did the one that was given the message again.
        """
        self._start()
        assert self._threads is not None
        under_way: deque[Future[Message]] = deque()
        try:
            for message in messages:
                under_way.append(self._threads.submit(self._answer, self._idle, message, what))
                if len(under_way) > 2 * self.count:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            left = [future for future in under_way if not future.cancel()]
            if any(not future.done() for future in left):
                self.close()  # nobody waits for what they do now

    def close(self) -> None:
        """End all processes, whatever they do. They are started again when asked again."""
        with self._changing:
            threads, self._threads = self._threads, None
            processes, self.started = self.started, []
            self._idle = queue.SimpleQueue()
        for process in processes:
            process.kill()
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> None:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.count, thread_name_prefix="dataflow-parts")
            for _ in range(min(self.count, usable_cores())):
                self._add()

    def _add(self) -> None:
        process = AnsweringProcess(self._program)
        self.started.append(process)
        self._idle.put(process)

    def _answer(self, idle: queue.SimpleQueue[AnsweringProcess], message: Message, what: Callable[[Message], str]) -> Message:
        line = json.dumps(message).encode() + b"\n"
        for again in (False, True):
            process = self._next(idle)
            answer = process.ask(line)
            if answer is not None:
                idle.put(process)
                return answer
            said = process.how_it_ended()
            with self._changing:
                if self._idle is not idle:
                    break
                self.started.remove(process)
                self._add()
            if again:
                raise StageFailed(
                    f"A worker process ended twice ({said}) while it did this: {what(message)}. If memory ran out, take fewer workers; "
                    "with workers=1 this process does the work, and what ends it can be seen."
                )
            logger.warning("A worker process ended (%s) while it did this, which is done again: %s", said, what(message))
        raise StageFailed("the worker processes were closed.")

    def _next(self, idle: queue.SimpleQueue[AnsweringProcess]) -> AnsweringProcess:
        while self._idle is idle:
            with self._changing:
                if self._idle is idle and idle.empty() and len(self.started) < self.count:
                    self._add()
            with contextlib.suppress(queue.Empty):
                return idle.get(timeout=PARENT_LOOKED_AT_SECONDS)
        raise StageFailed("the worker processes were closed.")


class AnsweringProcess:
    """One process that answers lines. `program`: a module that calls `serve` when it is run."""

    def __init__(self, program: str) -> None:
        paths = [path or str(Path.cwd()) for path in sys.path]
        environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-P", "-m", program, str(os.getpid())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)

    @property
    def number(self) -> int:
        """Of the process, as the system counts them."""
        return self._process.pid

    def ask(self, line: bytes, seconds: float | None = None) -> Message | None:
        """The answer; None where the process ended, or was ended because it did not answer in so many seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
            if seconds is not None and not select.select([self._process.stdout], [], [], seconds)[0]:
                self.kill()
                return None
            answered = self._process.stdout.readline()
        except (OSError, ValueError):  # it has ended, or was closed meanwhile
            return None
        answer: Message | None = json.loads(answered) if answered.endswith(b"\n") else None
        return answer

    def how_it_ended(self) -> str:
        code = self._process.wait()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def serve(answer: Callable[[Message], Message]) -> None:
    """What a program of `Processes` does until the process that started it ends: answer each line of standard input on standard output.

    What is printed meanwhile goes to standard error. An interrupt from the keyboard is for the process that started it, which then ends this one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(int(sys.argv[1]),), daemon=True).start()
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        for line in sys.stdin.buffer:
            answers.write(json.dumps(answer(json.loads(line))).encode() + b"\n")
            answers.flush()


def _end_with_parent(parent: int) -> None:
    """Also in the middle of work, and where the parent was killed."""
    while os.getppid() == parent:
        time.sleep(PARENT_LOOKED_AT_SECONDS)
    os._exit(1)

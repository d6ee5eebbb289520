"""Running a program as such: built once, then run for each input, watched from outside of its process."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import select
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from resources.sandbox.inside.program_side import as_module, give_stdin, leave, run_source, status_of_exit

MARKER_DESCRIPTOR = 9
"""Where a program whose tests stand in its own code says that they came to their end."""

Start = Callable[[], None]


def run_builds(builds: Sequence[Mapping[str, Any]], output_bytes: int, report: int, tell: Callable[[list[Any]], None]) -> None:
    """Report ["built", place, status, stdout, stderr] where a build fails, and ["run", place, status, stdout, stderr, reached the end] for each run.

    `status` is the exit status, negative for a signal, None where there was too much output; then nothing more is run.
    """
    for place, build in enumerate(builds):
        marker = secrets.token_hex(16)
        for name, content in build["files"].items():
            _write(name, base64.b64decode(content).replace(b"{{MARKER}}", marker.encode()))
        for command in build["compile"]:
            status, out, error, _ = watched(_command(command), "", output_bytes, report)
            if status != 0:
                tell(["built", place, status, _text(out), _text(error)])
                break
        else:
            for run in build["runs"]:
                start = _command(build["run"]) if build["run"] else _python(build["code"], build["arguments"])
                status, out, error, marked = watched(start, run["stdin"], output_bytes, report, marker=bool(build["run"]))
                tell(["run", place, status, _text(out), _text(error), marked == marker.encode()])
                if status is None:
                    return


def watched(start: Start, stdin: str, output_bytes: int, report: int, marker: bool = False) -> tuple[int | None, bytes, bytes, bytes]:
    """Run something in a process of its own; its status, what it wrote to standard output, standard error and the marker's descriptor.

    `marker`: whether it has that. What it left running is killed. The status is None where it wrote more than `output_bytes`.
    """
    pipes = [os.pipe() for _ in range(3)]
    process = os.fork()
    if process == 0:
        try:
            for (_, end), number in zip(pipes, (1, 2, MARKER_DESCRIPTOR), strict=True):
                os.dup2(end, number)
            os.closerange(3, MARKER_DESCRIPTOR)
            os.closerange(MARKER_DESCRIPTOR + int(marker), 1024)
            give_stdin(stdin)
            start()
        finally:
            os._exit(127)
    for _, end in pipes:
        os.close(end)
    ended = os.pidfd_open(process)
    collected: dict[int, bytearray] = {read: bytearray() for read, _ in pipes}
    status: int | None = None
    try:
        open_ends = set(collected)
        alive = True
        while alive or open_ends:
            ready, _, _ = select.select([*open_ends, *([ended] if alive else [])], [], [], 0.0 if not alive else None)
            if not alive and not ready:
                break
            for descriptor in ready:
                if descriptor == ended:
                    _, waited = os.waitpid(process, 0)
                    status, alive = os.waitstatus_to_exitcode(waited), False
                    continue
                data = os.read(descriptor, 1 << 16)
                collected[descriptor] += data
                if not data:
                    open_ends.discard(descriptor)
            if sum(map(len, collected.values())) > output_bytes:
                return (None, *(bytes(collected[read][:output_bytes]) for read, _ in pipes))  # type: ignore[return-value]
        return (status, *(bytes(collected[read]) for read, _ in pipes))  # type: ignore[return-value]
    finally:
        if os.getpid() == 1:  # of a namespace of its own, in which there is nothing but what the program started
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.waitpid(-1, 0)
        for descriptor in (ended, *collected):
            os.close(descriptor)


def _command(command: Sequence[str]) -> Start:
    def start() -> None:
        sys.stdout.flush()
        os.execvpe(command[0], list(command), dict(os.environ))

    return start


def _python(code: str, arguments: list[str]) -> Start:
    """A Python program runs in a copy of this process: the interpreter need not start again."""

    def start() -> None:
        status = 0
        try:
            run_source(code, as_module("__main__"), arguments)
            _run_exit_functions()
        except SystemExit as error:
            _run_exit_functions()
            status = status_of_exit(error)
        except BaseException as error:  # as the interpreter does with what nobody caught
            sys.excepthook(type(error), error.with_traceback(_own_part(error)), error.__traceback__)
            _run_exit_functions()
            status = 1
        leave(status)

    return start


def _run_exit_functions() -> None:
    import atexit
    import threading

    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()


def _own_part(error: BaseException) -> Any:
    """The traceback from the program on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != "program.py":
        trace = trace.tb_next
    return trace


def _write(name: str, content: bytes) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")

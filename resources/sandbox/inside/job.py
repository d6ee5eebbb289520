"""One job, in the first process of its namespace: what the host sends is run, and what became of it reported."""

from __future__ import annotations

import base64
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from resources.sandbox.inside import messages
from resources.sandbox.inside.bridge import Bridge
from resources.sandbox.inside.program_side import serve_program
from resources.sandbox.inside.runs import run_builds
from resources.sandbox.inside.test_side import run_tests


def work(report: int, tested: bool) -> None:
    """Read what to run, run it, report.

    `tested`: tests call a Python program. Its process is started before anything of the tests is read, so that it cannot have them in its memory.
    """
    for_tests, for_program = socket.socketpair()
    process = 0
    if tested:
        process = os.fork()
        if process == 0:
            for_tests.close()
            os.close(report)
            serve_program(for_program)
    for_program.close()
    connection = socket.socket(fileno=report)
    job = messages.receive(connection)

    def tell(message: list[Any]) -> None:
        sys.stdout.flush()
        messages.send(connection, message)

    for name, content in job["files"].items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))
    if fault := syntax_fault(job):
        tell(["syntax error", fault])
    elif tested:
        run_python_tests(job, for_tests, process, tell)
    else:
        run_builds(job["builds"], job["output_bytes"], report, tell)
    tell(["end"])


def syntax_fault(job: dict[str, Any]) -> str:
    """What is wrong with a Python program as a text, where anything is."""
    for code in job["python"]:
        try:
            compile(code, "program.py", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
            return f"{line}{error.msg if isinstance(error, SyntaxError) else error}"
    return ""


def run_python_tests(job: dict[str, Any], connection: socket.socket, process: int, tell: Any) -> None:
    try:
        messages.send(connection, {"code": job["code"], "stdin": job["stdin"], "arguments": job["arguments"]})
        answer = messages.receive(connection)
        if answer != ["loaded"]:
            what, error, text, line = answer  # another form is no answer: the program wrote it
            tell([str(what), str(error)[:100], str(text), line if isinstance(line, int) else None])
            return
        run_tests(Bridge(connection, of_tests=True), job["code"], job["setup"], job["tests"], job["stop_at_first_failure"], tell)
    except messages.Ended:
        tell(["ended"])
    except (ValueError, TypeError):
        tell(["not loaded", "ValueError", "it wrote into its connection with the tests", None])
    connection.close()
    tell(["program", _status_of(process)])


def _status_of(process: int) -> int | None:
    """How the program's process ended; None where it had to be ended here, since it did not although nobody asks it anything more."""
    for _ in range(100):
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None

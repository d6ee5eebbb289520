"""The process that a Python program runs in while its tests, in another process, call it."""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import signal
import socket
import sys
import types
from typing import Any

from resources.sandbox.inside import messages
from resources.sandbox.inside.bridge import Bridge

NAME = "program"


def serve_program(connection: socket.socket) -> None:
    """Run the program that the tests' side sends, then answer its calls. Never returns."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with contextlib.suppress(messages.Ended):
        message = messages.receive(connection)
        give_stdin(message["stdin"])
        module = as_module(NAME)
        try:
            run_source(message["code"], module, message["arguments"])
        except BaseException as error:  # its own end is told to the tests' side, whatever it is
            messages.send(connection, ["not loaded", type(error).__name__, str(error)[:2000], line_of(error)])
        else:
            messages.send(connection, ["loaded"])
            Bridge(connection, of_tests=False, names=vars(module)).serve()
    leave(0)


def as_module(name: str) -> types.ModuleType:
    """A module for the program to run in, findable by its name, as classes and pickle expect."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    return module


def run_source(source: str, module: types.ModuleType, arguments: list[str]) -> None:
    for name in [name for name in sys.modules if name.startswith("resources")]:
        del sys.modules[name]  # the program's own modules may have that name
    sys.path[:] = ["", *sys.path]
    sys.argv = ["program.py", *arguments]
    module.__file__ = "program.py"
    linecache.cache["program.py"] = (len(source), None, source.splitlines(keepends=True), "program.py")
    exec(compile(source, "program.py", "exec"), vars(module))


def line_of(error: BaseException) -> int | None:
    """The line of the program in which it was raised."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "program.py":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def give_stdin(text: str) -> None:
    """A file without a name, so that any amount of it fits."""
    descriptor = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600)
    data = memoryview(text.encode("utf-8", "surrogatepass"))
    while data:
        data = data[os.write(descriptor, data) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.dup2(descriptor, 0)
    os.close(descriptor)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8", errors="replace")


def leave(status: int) -> None:
    """End, with what was printed written out."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(status)


def status_of_exit(error: SystemExit) -> int:
    code: Any = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1

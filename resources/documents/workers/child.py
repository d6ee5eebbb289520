"""The worker process: it converts one file at a time, or gives pictures of it, and ends when the process that asks has gone.

Started as `python -m resources.documents.workers.child FD`, where FD is one end of a socket.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar

from operators.document_model.conversion import Conversion, NotConverted
from operators.document_model.document import Document
from operators.document_model.pictures import Picture, PictureResult
from resources.documents.encoding import to_json
from resources.documents.stopped import Stopped
from resources.documents.workers.messages import PAGE_READ, PICTURE, READY, STOPPED, Task, Wanted
from resources.documents.workers.progress import PROGRESS

NICENESS: Final = 4
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
Made = TypeVar("Made")


class Child:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        PROGRESS.heard_by(lambda: connection.send_bytes(PAGE_READ))

    def serve(self) -> None:
        while True:
            try:
                task = Task.from_json(self._connection.recv_bytes())
                content = self._connection.recv_bytes()
            except EOFError:
                return
            if task.wanted is None:
                self._connection.send_bytes(to_json(self._converted(task, content)))
            elif (stopped := self._pictured(task, content, task.wanted)) is not None:
                self._connection.send_bytes(STOPPED)
                self._connection.send_bytes(to_json(stopped))

    def _converted(self, task: Task, content: bytes) -> Conversion:
        def convert(module: Any) -> Document:
            document: Document = module.convert(content, task.kind, task.name, task.options)
            return document

        document = self._guarded(task, convert, "converters")
        if isinstance(document, NotConverted):
            return document
        if not document.blocks:
            return NotConverted("empty", "no text was found in it")
        return replace(document, kind=document.kind or task.kind, converter=task.identity)

    def _pictured(self, task: Task, content: bytes, wanted: Wanted) -> NotConverted | None:
        """Each picture is sent as soon as it is made. The result is why the rest cannot be made."""
        return self._guarded(task, lambda module: self._send_all(module.pictures(content, wanted.targets, wanted.form, task.options)), "pictures")

    def _send_all(self, pictures: Iterator[PictureResult]) -> None:
        for one in pictures:
            if isinstance(one, Picture):
                self._connection.send_bytes(PICTURE)
                self._connection.send_bytes(one.content)
            else:
                self._connection.send_bytes(to_json(one))

    def _guarded(self, task: Task, work: Callable[[Any], Made], package: str) -> Made | NotConverted:
        """What a module makes within the limits, or why it makes nothing."""
        try:
            module = importlib.import_module(f"resources.documents.{package}.{task.module}")
            if hasattr(module, "prepare"):
                module.prepare(task.kind, task.options)
            self._connection.send_bytes(READY)
            _allow(task.options.memory_megabytes * 1_000_000)
            return work(module)
        except Stopped as stopped:
            return NotConverted(stopped.cause, str(stopped))
        except MemoryError:
            return NotConverted("memory limit", f"it needs more than {task.options.memory_megabytes:,} MB of memory")
        except RecursionError:
            return NotConverted("refused", "its parts are nested too deep")
        except Exception as error:  # of a parser, about this file
            return NotConverted("damaged", f"{type(error).__name__}: {str(error).strip().split(chr(10))[0][:300]}")
        finally:
            _allow(None)


def _allow(more: int | None) -> None:
    """Let this process have so many bytes of memory more than it has now; None: any number."""
    if sys.platform != "linux":
        return
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    if more is None:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        return
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        has = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (has + more, most))


def _leave_the_network() -> None:
    """No converter needs it. Where the system does not let a process go, the converters' own care has to do."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    os.setpgid(0, 0)  # Ctrl-C is for the process that asks
    os.nice(NICENESS)
    _leave_the_network()
    Child(Connection(int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()

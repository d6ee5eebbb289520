"""One worker process, from the side of the process that asks it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from typing import Final

from operators.document_model.conversion import Conversion, NotConverted
from operators.document_model.pictures import Picture, PictureResult
from resources.documents.encoding import from_json
from resources.documents.workers.messages import PAGE_READ, PICTURE, READY, STOPPED, Task

START_SECONDS: Final = 120.0
"""For starting the process, importing a converter and loading its models, on a machine that is busy."""
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "XDG_CACHE_HOME")
"""Of the environment; keys and passwords of others stay outside."""
_NO_ANSWER: Final = "the process that read it gave no answer that can be understood"


class Worker:
    """A process that converts, one file at a time. Not for several threads at once."""

    def __init__(self, most_bytes: int) -> None:
        self.done = 0
        self._most_bytes = most_bytes
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "MALLOC_ARENA_MAX": "2",
            "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with theirs:
            command = [sys.executable, "-P", "-m", "resources.documents.workers.child", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._connection = Connection(ours.detach())

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return not self._connection.closed

    def do(self, task: Task, content: bytes) -> Conversion:
        """The document, or why there is none; after some of the latter the worker is gone. Raises nothing for what a file does."""
        seconds = task.options.seconds
        self.done += 1
        try:
            self._connection.send_bytes(task.to_json())
            self._connection.send_bytes(content)
            answer = self._receive(START_SECONDS)
            while answer in (READY, PAGE_READ):
                answer = self._receive(seconds)
            if answer is not None:
                return from_json(answer)
        except EOFError:
            return self._why_it_died(task)
        except ValueError:
            self.close()
            return NotConverted("damaged", "the process that read it gave no document")
        except OSError as error:
            if self._process.poll() is not None or (not self._connection.closed and isinstance(error, BrokenPipeError | ConnectionResetError)):
                return self._why_it_died(task)
            self.close()
            return NotConverted("size limit", f"its text has more than {self._most_bytes / 1e6:,.0f} MB")
        self.close()
        return NotConverted("time limit", f"it takes longer than {seconds:g} s")

    def pictures(self, task: Task, content: bytes) -> tuple[list[PictureResult], NotConverted | None]:
        """The pictures that were made within the limits, in order, and why no more were; None where all were. The time limit is that of all."""
        targets = task.wanted.targets if task.wanted is not None else ()
        made: list[PictureResult] = []
        self.done += 1
        until = time.monotonic() + START_SECONDS
        try:
            self._connection.send_bytes(task.to_json())
            self._connection.send_bytes(content)
            while len(made) < len(targets):
                answer = self._receive(until - time.monotonic())
                if answer is None:
                    self.close()
                    return made, NotConverted("time limit", f"the pictures take longer than {task.options.seconds:g} s")
                if answer == STOPPED:
                    why = from_json(self._connection.recv_bytes(self._most_bytes))
                    return made, why if isinstance(why, NotConverted) else NotConverted("damaged", _NO_ANSWER)
                if answer == READY:
                    until = time.monotonic() + task.options.seconds
                elif answer == PICTURE:
                    made.append(Picture(self._connection.recv_bytes(self._most_bytes)))
                else:
                    why = from_json(answer)
                    made.append(why if isinstance(why, NotConverted) else NotConverted("damaged", _NO_ANSWER))
            return made, None
        except EOFError:
            return made, self._why_it_died(task)
        except ValueError:
            self.close()
            return made, NotConverted("damaged", _NO_ANSWER)
        except OSError as error:
            if self._process.poll() is not None or isinstance(error, BrokenPipeError | ConnectionResetError):
                return made, self._why_it_died(task)
            self.close()
            return made, NotConverted("size limit", f"a picture has more than {self._most_bytes / 1e6:,.0f} MB")

    def _receive(self, seconds: float) -> bytes | None:
        return self._connection.recv_bytes(self._most_bytes) if self._connection.poll(max(0.0, seconds)) else None

    def _why_it_died(self, task: Task) -> NotConverted:
        self._connection.close()
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            status = 0
        self.close()
        if status < 0 and -status in (signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL):
            what = f"it needs more than {task.options.memory_megabytes:,} MB of memory"
            return NotConverted("memory limit", f"{what}: its process ended with {signal.Signals(-status).name}")
        name = signal.Signals(-status).name if status < 0 else f"status {status}"
        return NotConverted("damaged", f"the process that read it ended with {name}")

    def close(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()

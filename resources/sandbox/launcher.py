"""The host's end of one sandbox: it is started once, and given one job after the other."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from operators.sandboxes import SandboxUnavailable
from resources.sandbox import bubblewrap
from resources.sandbox.inside import messages
from resources.sandbox.inside.confinement import Confinement

START_SECONDS = 30.0
END_SECONDS = 5.0
"""How long a job may take to end after it was killed, before its whole sandbox is."""
REPORT_BYTES = 2 * messages.MOST_BYTES


def _popen(line: list[str], kept: list[int], environment: dict[str, str] | None) -> subprocess.Popen[bytes]:
    nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
    return subprocess.Popen(line, stdin=nothing, stdout=nothing, stderr=pipe, pass_fds=kept, env=environment)


@dataclass
class Ended:
    """What is known of a job when nothing of it is left."""

    reports: list[list[Any]] = field(default_factory=list)
    stdout: bytes = b""
    stderr: bytes = b""
    seconds: float = 0.0
    memory_mb: float = 0.0
    processor_seconds: float = 0.0
    status: int | None = None
    """That of its first process, whose program is ours."""
    why: str = ""
    """Why it was ended from outside: "timeout", "output_limit", "out_of_memory", "stopped", "malformed", "lost"; empty where it ended by itself."""


class Launcher:
    """One running sandbox. It belongs to the thread that made it, and ends with it: so the kernel is told."""

    def __init__(self, readable: tuple[Path, ...], environment: Mapping[str, str], *, unconfined: bool = False) -> None:
        self._unconfined = unconfined
        self._readable = readable
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._lines = b""

    # Its life

    def start(self) -> None:
        """Nothing where it runs.

        Raises:
            SandboxUnavailable: it does not start.
        """
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        self._control, theirs = socket.socketpair()
        if self._unconfined:
            command = [*bubblewrap.python_arguments(), str(bubblewrap.INSIDE / "start.py"), str(theirs.fileno()), "unconfined"]
            self._process = _popen(command, [theirs.fileno()], self._environment)
            theirs.close()
            self._wait_until_ready(lambda: None)
            return
        passwd = os.memfd_create("passwd")
        os.write(passwd, bubblewrap.PASSWD)
        os.lseek(passwd, 0, os.SEEK_SET)
        command = [*bubblewrap.python_arguments(), "/sandbox/resources/sandbox/inside/start.py", str(theirs.fileno())]
        kept = [theirs.fileno(), passwd]
        is_root = os.geteuid() == 0
        if is_root:
            command += ["1"]  # a program's user, as root of the sandbox calls it
        line = bubblewrap.arguments(self._readable, self._environment, command, passwd)
        pipes: list[int] = []
        if is_root:
            information, told = os.pipe()
            waits, release = os.pipe()
            pipes = [told, waits]
            kept += pipes
            line[1:1] = ["--info-fd", str(told), "--userns-block-fd", str(waits)]
        self._process = _popen(line, kept, None)
        theirs.close()
        for descriptor in (passwd, *pipes):
            os.close(descriptor)

        def choose_users() -> None:
            if is_root:
                bubblewrap.choose_users(information, release)
                os.close(release)

        self._wait_until_ready(choose_users)

    def _wait_until_ready(self, first: Callable[[], None]) -> None:
        assert self._control is not None
        try:
            first()
            self._control.settimeout(START_SECONDS)
            if not self._line().get("ready"):
                raise OSError("it did not say that it is ready")
        except (OSError, ValueError) as error:
            self.close(kill=True)
            said = self._said()
            raise SandboxUnavailable(f"the sandbox does not start: {said or error}. `dataflow doctor` says more.") from None
        self._control.settimeout(None)

    def close(self, kill: bool = False) -> None:
        """End it, and wait until it is gone."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            if kill:
                self._process.kill()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._lines = b""

    def _said(self) -> str:
        if self._process is None or self._process.stderr is None:
            return ""
        with contextlib.suppress(OSError):
            os.set_blocking(self._process.stderr.fileno(), False)
            return (self._process.stderr.read() or b"").decode("utf-8", "replace").strip()[-500:]
        return ""

    def _line(self) -> dict[str, Any]:
        """The next thing that it says. Raises OSError where it is gone."""
        assert self._control is not None
        while b"\n" not in self._lines:
            data = self._control.recv(4096)
            if not data:
                raise OSError("it ended")
            self._lines += data
        line, _, self._lines = self._lines.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said

    # Jobs

    def run(self, confinement: Confinement, job: Mapping[str, Any], output_bytes: int, stop: threading.Event, wake: int) -> Ended:
        """Run a job to its end, whatever that is. `stop` ends it, once `wake`, a descriptor, can be read.

        Raises:
            SandboxUnavailable: the sandbox had ended, and does not start again.
            ValueError: the job is too large for a message.
        """
        to_send = memoryview(messages.encoded(job))
        self.start()
        assert self._control is not None
        ours, theirs = socket.socketpair()
        out, out_end = os.pipe()
        error, error_end = os.pipe()
        ended = Ended()
        started = time.perf_counter()
        try:
            try:
                socket.send_fds(self._control, [json.dumps(asdict(confinement)).encode()], [theirs.fileno(), out_end, error_end])
            except OSError:
                self.close(kill=True)
                ended.why = "lost"
                return ended
            finally:
                theirs.close()
                os.close(out_end)
                os.close(error_end)
            _Watch(self, ended, ours, (out, error), to_send, output_bytes, confinement.seconds, stop, wake).until_it_ended()
        finally:
            ours.close()
            os.close(out)
            os.close(error)
        ended.seconds = time.perf_counter() - started
        return ended


class _Watch:
    """Reads all that a job says, and ends it where it goes over a limit."""

    def __init__(
        self,
        launcher: Launcher,
        ended: Ended,
        report: socket.socket,
        outputs: tuple[int, int],
        to_send: memoryview,
        output_bytes: int,
        seconds: float,
        stop: threading.Event,
        wake: int,
    ) -> None:
        self.launcher = launcher
        self.ended = ended
        self.report = report
        self.outputs = {outputs[0]: bytearray(), outputs[1]: bytearray()}
        self.to_send = to_send
        self.output_bytes = output_bytes
        self.deadline = time.monotonic() + seconds
        self.stop = stop
        self.wake = wake
        self.reported = bytearray()
        self.over = False

    def until_it_ended(self) -> None:
        control = self.launcher._control
        assert control is not None
        self.report.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(control, selectors.EVENT_READ)
            selector.register(self.report, selectors.EVENT_READ | selectors.EVENT_WRITE)
            selector.register(self.wake, selectors.EVENT_READ)
            for descriptor in self.outputs:
                selector.register(descriptor, selectors.EVENT_READ)
            while not self.over:
                left = self.deadline - time.monotonic()
                if left <= 0:
                    if not self._end("timeout"):
                        return
                    continue
                for key, events in selector.select(min(left, 3600)):
                    if key.fileobj is control:
                        self._said()
                    elif key.fileobj is self.report:
                        self._transfer(selector, events)
                    elif key.fd == self.wake:
                        if self.stop.is_set():
                            selector.unregister(self.wake)
                            self._end("stopped")
                    else:
                        self._read_output(selector, key.fd)
            self._read_rest(selector)
        self.ended.stdout, self.ended.stderr = (bytes(data[: self.output_bytes]) for data in self.outputs.values())

    def _end(self, why: str) -> bool:
        """Have the job killed; False where that was done, and it does not end: then its sandbox is killed."""
        if self.ended.why and why == "timeout":
            self._lost()
            return False
        self.ended.why = self.ended.why or why
        self.deadline = time.monotonic() + END_SECONDS
        assert self.launcher._control is not None
        try:
            self.launcher._control.sendall(b"k")
        except OSError:
            self._lost()
        return True

    def _lost(self) -> None:
        self.launcher.close(kill=True)
        self.ended.why = self.ended.why or "lost"
        self.over = True

    def _said(self) -> None:
        try:
            said = self.launcher._line()
        except (OSError, ValueError):
            self._lost()
            return
        self.over = True
        self.ended.status = said["status"]
        self.ended.memory_mb = said["memory_mb"]
        self.ended.processor_seconds = said["processor_seconds"]
        if said["over_memory"]:
            self.ended.why = "out_of_memory"

    def _transfer(self, selector: selectors.BaseSelector, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self.to_send = self.to_send[self.report.send(self.to_send[: 1 << 20]) :]
                if not self.to_send:
                    selector.modify(self.report, selectors.EVENT_READ)
            if events & selectors.EVENT_READ:
                data = self.report.recv(1 << 20)
                if not data:
                    selector.unregister(self.report)
                self._reported(data)
        except BlockingIOError:
            pass
        except OSError:
            selector.unregister(self.report)

    def _reported(self, data: bytes) -> None:
        self.reported += data
        while len(self.reported) >= messages.LENGTH.size:
            (length,) = messages.LENGTH.unpack_from(self.reported)
            if length > REPORT_BYTES:
                self._end("malformed")
                self.reported.clear()
                return
            end = messages.LENGTH.size + length
            if len(self.reported) < end:
                return
            try:
                message = json.loads(self.reported[messages.LENGTH.size : end])
                self.ended.reports.append([str(message[0]), *message[1:]])
            except (ValueError, TypeError, IndexError, RecursionError):
                self._end("malformed")
            del self.reported[:end]

    def _read_output(self, selector: selectors.BaseSelector, descriptor: int) -> None:
        data = os.read(descriptor, 1 << 16)
        self.outputs[descriptor] += data
        too_much = sum(map(len, self.outputs.values())) > self.output_bytes
        if too_much:
            self._end("output_limit")
        if too_much or not data:
            selector.unregister(descriptor)

    def _read_rest(self, selector: selectors.BaseSelector) -> None:
        """Nothing of the job is left: what it said last lies in the pipes."""
        registered = {key.fd for key in selector.get_map().values()}
        for descriptor, data in self.outputs.items():
            os.set_blocking(descriptor, False)
            with contextlib.suppress(BlockingIOError):
                while descriptor in registered and len(data) <= self.output_bytes and (part := os.read(descriptor, 1 << 16)):
                    data += part
        if not self.ended.why and sum(map(len, self.outputs.values())) > self.output_bytes:
            self.ended.why = "output_limit"
        with contextlib.suppress(OSError):
            while self.report.fileno() in registered and (part := self.report.recv(1 << 20)):
                self._reported(part)

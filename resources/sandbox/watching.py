"""Reading all that a job says until nothing of it is left, and ending it where it goes over a limit."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from resources.sandbox.inside import messages

END_SECONDS = 5.0
"""How long a job may take to end after it was killed, before its whole sandbox is."""
REPORT_BYTES = 2 * messages.MOST_BYTES


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


class Watched(Protocol):
    """A launcher, as far as its jobs are watched."""

    control: socket.socket | None

    def next_said(self) -> dict[str, Any]: ...
    def close(self, kill: bool = False) -> None: ...


class Watch:
    """Reads all that a job says, and ends it where it goes over a limit."""

    def __init__(
        self,
        launcher: Watched,
        ended: Ended,
        report: socket.socket,
        outputs: tuple[int, int],
        to_send: memoryview,
        output_bytes: int,
        seconds: float,
        stop: int,
    ) -> None:
        self.launcher = launcher
        self.ended = ended
        self.report = report
        self.outputs = {outputs[0]: bytearray(), outputs[1]: bytearray()}
        self.to_send = to_send
        self.output_bytes = output_bytes
        self.deadline = time.monotonic() + seconds
        self.stop = stop
        self.reported = bytearray()
        self.over = False

    def until_it_ended(self) -> None:
        control = self.launcher.control
        assert control is not None
        self.report.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(control, selectors.EVENT_READ)
            selector.register(self.report, selectors.EVENT_READ | selectors.EVENT_WRITE)
            selector.register(self.stop, selectors.EVENT_READ)
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
                    elif key.fd == self.stop:
                        selector.unregister(self.stop)
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
        assert self.launcher.control is not None
        try:
            self.launcher.control.sendall(b"k")
        except OSError:
            self._lost()
        return True

    def _lost(self) -> None:
        self.launcher.close(kill=True)
        self.ended.why = self.ended.why or "lost"
        self.over = True

    def _said(self) -> None:
        try:
            said = self.launcher.next_said()
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

"""The host's end of one sandbox: it is started once, and given one job after the other."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from operators.sandboxes import SandboxUnavailable
from resources.sandbox import bubblewrap
from resources.sandbox.inside import messages
from resources.sandbox.inside.confinement import Confinement
from resources.sandbox.watching import END_SECONDS, Ended, Watch

START_SECONDS = 30.0


def _popen(line: list[str], kept: list[int], environment: dict[str, str] | None) -> subprocess.Popen[bytes]:
    nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
    return subprocess.Popen(line, stdin=nothing, stdout=nothing, stderr=pipe, pass_fds=kept, env=environment)


class Launcher:
    """One running sandbox. It belongs to the thread that made it, and ends with it: so the kernel is told."""

    def __init__(self, readable: tuple[Path, ...], environment: Mapping[str, str], *, unconfined: bool = False) -> None:
        self._unconfined = unconfined
        self._readable = readable
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
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
        self.control, theirs = socket.socketpair()
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
        assert self.control is not None
        try:
            first()
            self.control.settimeout(START_SECONDS)
            if not self.next_said().get("ready"):
                raise OSError("it did not say that it is ready")
        except (OSError, ValueError) as error:
            self.close(kill=True)
            said = self._said()
            raise SandboxUnavailable(f"the sandbox does not start: {said or error}. `dataflow doctor` says more.") from None
        self.control.settimeout(None)

    def close(self, kill: bool = False) -> None:
        """End it, and wait until it is gone."""
        if self.control is not None:
            self.control.close()
            self.control = None
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

    def next_said(self) -> dict[str, Any]:
        """The next thing that it says. Raises OSError where it is gone."""
        assert self.control is not None
        while b"\n" not in self._lines:
            data = self.control.recv(4096)
            if not data:
                raise OSError("it ended")
            self._lines += data
        line, _, self._lines = self._lines.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said

    # Jobs

    def run(self, confinement: Confinement, job: Mapping[str, Any], output_bytes: int, stop: int) -> Ended:
        """Run a job to its end, whatever that is. It is ended once `stop`, a descriptor, can be read.

        Raises:
            SandboxUnavailable: the sandbox had ended, and does not start again.
            ValueError: the job is too large for a message.
        """
        to_send = memoryview(messages.encoded(job))
        self.start()
        assert self.control is not None
        ours, theirs = socket.socketpair()
        out, out_end = os.pipe()
        error, error_end = os.pipe()
        ended = Ended()
        started = time.perf_counter()
        try:
            try:
                socket.send_fds(self.control, [json.dumps(asdict(confinement)).encode()], [theirs.fileno(), out_end, error_end])
            except OSError:
                self.close(kill=True)
                ended.why = "lost"
                return ended
            finally:
                theirs.close()
                os.close(out_end)
                os.close(error_end)
            Watch(self, ended, ours, (out, error), to_send, output_bytes, confinement.seconds, stop).until_it_ended()
        finally:
            ours.close()
            os.close(out)
            os.close(error)
        ended.seconds = time.perf_counter() - started
        return ended

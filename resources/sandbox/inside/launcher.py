"""The first process of a sandbox: it starts one job after the other, each in namespaces of its own, and sees that nothing of a job is left.

It never reads what a job runs, and gives its connection to the host to nobody.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from resources.sandbox.inside.confinement import Confinement, enter_namespaces, give_up_privileges, mount_own_files, note_address_space

Work: TypeAlias = Callable[[int, bool], None]
"""The job itself, given the descriptor that it reports on, and whether tests call a Python program."""
LOOK_SECONDS = 0.02
"""How often memory is looked at."""
MOST_BEFORE = 20
"""Number of the launcher's process in its namespace at most: bubblewrap starts it as the second."""
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def serve(control: socket.socket, user: int | None, work: Work) -> None:
    """Start jobs as the host asks for them, until it is gone.

    Raises:
        RuntimeError: this process is not in a namespace of its own. What it does to end a job would end all processes of the user.
    """
    if os.getppid() != 1 or os.getpid() > MOST_BEFORE:
        raise RuntimeError("the launcher was started outside of a sandbox")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    note_address_space()
    gc.collect()
    gc.freeze()  # pages that are never written are shared with every job
    control.sendall(b'{"ready": true}\n')
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not data:
            return
        confinement = Confinement.of(json.loads(data))
        ended = run_job(control, confinement, user, descriptors, work)
        control.sendall(json.dumps(ended).encode() + b"\n")


def run_job(control: socket.socket, confinement: Confinement, user: int | None, descriptors: list[int], work: Work) -> dict[str, Any]:
    """One job from its start until nothing of it is left: how it ended, and the most memory that was seen."""
    started = time.process_time()
    process = os.fork()
    if process == 0:
        control.close()
        _contained(confinement, user, descriptors, work)
    for descriptor in descriptors:
        os.close(descriptor)
    ended = os.pidfd_open(process)
    most, over, stopped = 0.0, False, False
    watched = select.poll()
    watched.register(ended, select.POLLIN)
    watched.register(control, select.POLLIN)
    own = _memory_mb(os.getpid())
    try:
        while True:
            ready = dict(watched.poll(LOOK_SECONDS * 1000))
            if ended in ready:
                break
            used = sum(max(0.0, _memory_mb(other) - own) for other in _others())
            most = max(most, used)
            over = over or used > confinement.memory_mb
            if control.fileno() in ready and not stopped:
                stopped = True
                if not control.recv(1):  # the host is gone
                    os.kill(-1, signal.SIGKILL)
                    sys.exit(0)
            if over or stopped:
                _kill()
    finally:
        os.close(ended)
    _, status, used_by_one = os.wait4(process, 0)
    _kill_all()
    most = max(most, used_by_one.ru_maxrss / 1024 - own)  # of those that were gone before they were looked at
    return {
        "status": os.waitstatus_to_exitcode(status),
        "memory_mb": round(most, 1),
        "over_memory": over,
        "processor_seconds": used_by_one.ru_utime + used_by_one.ru_stime + time.process_time() - started,
    }


def _contained(confinement: Confinement, user: int | None, descriptors: list[int], work: Work) -> None:
    """The parent of a job: outside of its namespace of processes, and so out of its reach. Never returns."""
    status = 99
    try:
        os.setsid()
        report, out, error = descriptors
        enter_namespaces(confinement, user)
        first = os.fork()
        if first == 0:
            os.setsid()  # signals to its group do not reach its parent
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(out, 1)
            os.dup2(error, 2)
            os.closerange(3, report)
            os.closerange(report + 1, 1024)
            mount_own_files(confinement)
            give_up_privileges(confinement)
            work(report, confinement.tested)
            os._exit(0)
        os.closerange(0, 1024)
        _, waited = os.waitpid(first, 0)
        status = os.waitstatus_to_exitcode(waited) % 256
    except BaseException as error_:  # whatever it is, this process must not go on as a second launcher
        os.write(2, f"{type(error_).__name__}: {error_}\n".encode())
    finally:
        os._exit(status)


def _others() -> list[int]:
    """All processes here but this one and the first."""
    own = os.getpid()
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and int(path.name) not in (1, own)]


def _memory_mb(process: int) -> float:
    """What it holds in memory; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * PAGE_MB
    except (OSError, IndexError, ValueError):
        return 0.0


def _kill_all() -> None:
    """Everything here but this process and the first, and wait until it is gone."""
    for _ in range(500):
        _kill()
        if not _others():
            return
        time.sleep(0.002)


def _kill() -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)

"""The launcher without walls, for where `unsafe_subprocess` was set by hand: limits and the filter of system calls are all that it puts on a program.

A program can read and write what its user can, and what it starts can outlive it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import tempfile
from typing import Any

from resources.sandbox.inside.confinement import Confinement, limit_resources, note_address_space
from resources.sandbox.inside.launcher import Work
from resources.sandbox.inside.system_calls import die_with_parent, filter_system_calls


def serve_unconfined(control: socket.socket, work: Work) -> None:
    """Start jobs as the host asks for them, until it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    note_address_space()
    control.sendall(b'{"ready": true}\n')
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not data:
            return
        ended = _run_job(control, Confinement.of(json.loads(data)), descriptors, work)
        if ended is None:
            return
        control.sendall(json.dumps(ended).encode() + b"\n")


def _run_job(control: socket.socket, confinement: Confinement, descriptors: list[int], work: Work) -> dict[str, Any] | None:
    """How it ended; None where the host is gone."""
    folder = tempfile.mkdtemp(prefix="dataflow-unsafe-")
    process = os.fork()
    if process == 0:
        control.close()
        _work(confinement, folder, descriptors, work)
    for descriptor in descriptors:
        os.close(descriptor)
    ended = os.pidfd_open(process)
    watched = select.poll()
    watched.register(ended, select.POLLIN)
    watched.register(control, select.POLLIN)
    host_is_there = True
    while ended not in dict(watched.poll()):
        host_is_there = bool(control.recv(1))
        _kill_group(process)
        if not host_is_there:
            watched.unregister(control)
    os.close(ended)
    _kill_group(process)  # while it is not waited for, no other process can have its number
    _, status, used = os.wait4(process, 0)
    shutil.rmtree(folder, ignore_errors=True)
    if not host_is_there:
        return None
    return {
        "status": os.waitstatus_to_exitcode(status),
        "memory_mb": round(used.ru_maxrss / 1024, 1),
        "over_memory": False,
        "processor_seconds": used.ru_utime + used.ru_stime,
    }


def _work(confinement: Confinement, folder: str, descriptors: list[int], work: Work) -> None:
    """The job. Never returns."""
    try:
        os.setsid()
        report, out, error = descriptors
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(error, 2)
        os.closerange(3, report)
        os.closerange(report + 1, 1024)
        os.chdir(folder)
        limit_resources(confinement, processes=False)  # those of the user would count, not those of the program
        die_with_parent()
        filter_system_calls(bytes.fromhex(confinement.filter))
        work(report, confinement.tested)
        os._exit(0)
    except BaseException as error_:  # whatever it is, this process must not go on as a second launcher
        os.write(2, f"{type(error_).__name__}: {error_}\n".encode())
    finally:
        os._exit(99)


def _kill_group(process: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)

"""Closing a process in: namespaces, mounts, user, limits, capabilities and system calls of its own, in the order in which each can still be had."""

from __future__ import annotations

import contextlib
import os
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resources.sandbox.inside import system_calls as system

FOLDER = "/tmp/work"
"""Working folder of a program."""
USER = 1000
MOST_FILES = 10_000

_NAMESPACES = (
    system.CLONE_NEWUSER
    | system.CLONE_NEWPID
    | system.CLONE_NEWNS
    | system.CLONE_NEWIPC
    | system.CLONE_NEWNET
    | system.CLONE_NEWUTS
    | system.CLONE_NEWCGROUP
)


@dataclass(frozen=True)
class Confinement:
    """Limits of one job, as the host sends them."""

    seconds: float
    memory_mb: int
    processes: int
    disk_mb: int
    tested: bool
    """Whether tests in Python call the program."""
    proc: bool
    """Whether to have /proc, without what is of the host. Else it is empty."""
    address_space: bool
    """Whether each process is limited in its address space, so that it sees its own failing allocations.
    Not for interpreters that reserve what they never use."""
    filter: str
    """The seccomp filter, in hexadecimal."""

    @classmethod
    def of(cls, message: dict[str, Any]) -> Confinement:
        return cls(**message)


def enter_namespaces(confinement: Confinement, user: int | None) -> None:
    """Leave everything that other programs could see. The next child is the first process of a namespace of its own.

    `user`: the user to become first, where this process may choose.
    """
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        system.set_dumpable(True)  # else it could not write its own map of users
    own_user, own_group = os.getuid(), os.getgid()
    system.unshare(_NAMESPACES)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{USER} {own_user} 1")
    _write("/proc/self/gid_map", f"{USER} {own_group} 1")


def mount_own_files(confinement: Confinement) -> None:
    """A /tmp of its own, in memory, limited in size; /dev/shm is a part of it. Done by the first process of the new namespace."""
    flags = system.MS_NOSUID | system.MS_NODEV
    system.mount("tmpfs", "/tmp", "tmpfs", flags, f"size={confinement.disk_mb}m,nr_inodes={MOST_FILES},mode=1777")
    for folder in (FOLDER, "/tmp/.shm"):
        Path(folder).mkdir(mode=0o700)
    system.mount("/tmp/.shm", "/dev/shm", "", system.MS_BIND)
    if confinement.proc:
        with contextlib.suppress(PermissionError):  # then that of the sandbox stays, which shows its launcher too, and no more
            system.mount("proc", "/proc", "proc", flags | system.MS_NOEXEC)
    else:
        system.mount("tmpfs", "/proc", "tmpfs", flags | system.MS_NOEXEC | system.MS_RDONLY, "size=4k,nr_inodes=2")
    os.chdir(FOLDER)


def give_up_privileges(confinement: Confinement) -> None:
    """Limits, then capabilities, then system calls. Nothing of it can be undone by the process or its children."""
    limit_resources(confinement)
    system.drop_capabilities()
    system.die_with_parent()  # after the capabilities: giving them up clears it
    system.set_dumpable(False)
    system.filter_system_calls(bytes.fromhex(confinement.filter))


def limit_resources(confinement: Confinement, processes: bool = True) -> None:
    megabyte = 1 << 20
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: int(confinement.seconds) + 2,
        resource.RLIMIT_FSIZE: confinement.disk_mb * megabyte,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if processes:
        limits[resource.RLIMIT_NPROC] = confinement.processes + 3  # with the three of ours
    if confinement.address_space:
        limits[resource.RLIMIT_AS] = _address_space() + confinement.memory_mb * megabyte
    for name, value in limits.items():
        resource.setrlimit(name, (value, value))


_OWN_ADDRESS_SPACE: list[int] = []


def note_address_space() -> None:
    """Remember how much the interpreter itself takes; /proc is gone when it is needed."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _OWN_ADDRESS_SPACE[:] = [pages * resource.getpagesize()]


def _address_space() -> int:
    return _OWN_ADDRESS_SPACE[0]


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="ascii")

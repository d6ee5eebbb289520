"""The seccomp filter: a program in the Berkeley Packet Filter's machine language that the kernel runs on every system call.

Calls that only administrators, debuggers and containers make are denied with "operation not permitted", as are sockets of any family but unix ones;
some that libraries try first and do without are "not implemented". All others are allowed: what they reach is decided by the namespaces.
"""

from __future__ import annotations

import errno
import platform
import struct

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_X32_BIT = 0x40000000
_AF_UNIX = 1
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

DENIED = (
    # looking into and signalling other processes' memory
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "process_madvise", "pidfd_getfd", "perf_event_open", "userfaultfd"),
    # mounts, roots and namespaces
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick"),
    *("mount_setattr", "name_to_handle_at", "open_by_handle_at", "fanotify_init"),
    # the kernel itself
    *("bpf", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "syslog"),
    *(
        "quotactl",
        "quotactl_fd",
        "settimeofday",
        "clock_settime",
        "clock_adjtime",
        "adjtimex",
        "sethostname",
        "setdomainname",
        "nfsservctl",
        "vhangup",
    ),
    *("iopl", "ioperm", "modify_ldt", "lookup_dcookie", "seccomp"),
    # keys, and memory that no limit counts
    *("add_key", "keyctl", "request_key", "memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "msgget", "semget", "mbind", "migrate_pages"),
    *("move_pages", "set_mempolicy"),
    # a user of its own, which none of them has
    *("setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset"),
)
NOT_IMPLEMENTED = ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register")
"""Libraries do without them. The flags of clone3 stand in memory, where a filter cannot read them."""

_X86_64 = (
    "ioctl 16 shmget 29 shmat 30 shmctl 31 socket 41 socketpair 53 clone 56 semget 64 msgget 68 ptrace 101 syslog 103 setuid 105 setgid 106 "
    "setreuid 113 setregid 114 setgroups 116 setresuid 117 setresgid 119 setfsuid 122 setfsgid 123 capset 126 vhangup 153 modify_ldt 154 "
    "pivot_root 155 adjtimex 159 chroot 161 acct 163 settimeofday 164 mount 165 umount2 166 swapon 167 swapoff 168 reboot 169 "
    "sethostname 170 setdomainname 171 iopl 172 ioperm 173 init_module 175 delete_module 176 quotactl 179 nfsservctl 180 lookup_dcookie 212 "
    "clock_settime 227 mbind 237 set_mempolicy 238 kexec_load 246 add_key 248 request_key 249 keyctl 250 migrate_pages 256 unshare 272 "
    "move_pages 279 perf_event_open 298 fanotify_init 300 name_to_handle_at 303 open_by_handle_at 304 clock_adjtime 305 setns 308 "
    "process_vm_readv 310 process_vm_writev 311 kcmp 312 finit_module 313 seccomp 317 memfd_create 319 kexec_file_load 320 bpf 321 "
    "userfaultfd 323"
)
_ARM_64 = (
    "ioctl 29 name_to_handle_at 264 open_by_handle_at 265 umount2 39 mount 40 pivot_root 41 nfsservctl 42 chroot 51 vhangup 58 quotactl 60 "
    "acct 89 capset 91 unshare 97 kexec_load 104 init_module 105 delete_module 106 clock_settime 112 syslog 116 ptrace 117 reboot 142 "
    "setregid 143 setgid 144 setreuid 145 setuid 146 setresuid 147 setresgid 149 setfsuid 151 setfsgid 152 setgroups 159 sethostname 161 "
    "setdomainname 162 settimeofday 170 adjtimex 171 msgget 186 semget 190 shmget 194 shmctl 195 shmat 196 socket 198 socketpair 199 "
    "add_key 217 request_key 218 keyctl 219 clone 220 swapon 224 swapoff 225 mbind 235 set_mempolicy 237 migrate_pages 238 move_pages 239 "
    "perf_event_open 241 fanotify_init 262 clock_adjtime 266 setns 268 process_vm_readv 270 process_vm_writev 271 kcmp 272 finit_module 273 "
    "seccomp 277 memfd_create 279 bpf 280 userfaultfd 282 kexec_file_load 294 lookup_dcookie 18"
)
_EVERYWHERE = (
    "io_uring_setup 425 io_uring_enter 426 io_uring_register 427 open_tree 428 move_mount 429 fsopen 430 fsconfig 431 fsmount 432 fspick 433 "
    "clone3 435 pidfd_getfd 438 process_madvise 440 mount_setattr 442 quotactl_fd 443 memfd_secret 447"
)
_MACHINES = {"x86_64": (0xC000003E, f"{_X86_64} {_EVERYWHERE}"), "aarch64": (0xC00000B7, f"{_ARM_64} {_EVERYWHERE}")}


class UnknownMachine(RuntimeError):
    """System calls have other numbers on this kind of processor."""


def system_call_filter(machine: str | None = None) -> bytes:
    """The filter for a kind of processor, by default this one's; 8 bytes an instruction.

    Raises:
        UnknownMachine: neither x86_64 nor aarch64.
    """
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        raise UnknownMachine(f"there is no filter of system calls for {machine} processors, only for {', '.join(_MACHINES)}")
    architecture, table = _MACHINES[machine]
    words = table.split()
    numbers = {name: int(number) for name, number in zip(words[::2], words[1::2], strict=True)}
    unpermitted, unimplemented = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    program = [
        *_when(_ARCHITECTURE, _JUMP_EQUAL, architecture, otherwise=_KILL),
        *_when(_NUMBER, _JUMP_AT_LEAST, _X32_BIT, then=unpermitted),
    ]
    for name in ("socket", "socketpair"):
        program += _call(numbers[name], _when(_FIRST_ARGUMENT, _JUMP_EQUAL, _AF_UNIX, otherwise=unpermitted))
    program += _call(numbers["clone"], _when(_FIRST_ARGUMENT, _JUMP_ANY_BIT, _NAMESPACE_FLAGS, then=unpermitted))
    for request in (_TIOCSTI, _TIOCLINUX):  # typing into the terminal that a sandbox was started from
        program += _call(numbers["ioctl"], _when(_SECOND_ARGUMENT, _JUMP_EQUAL, request, then=unpermitted))
    for names, result in ((DENIED, unpermitted), (NOT_IMPLEMENTED, unimplemented)):
        for name in names:
            if name in numbers:  # some exist on one kind of processor alone
                program += _when(_NUMBER, _JUMP_EQUAL, numbers[name], then=result)
    return b"".join([*program, _instruction(_RETURN, _ALLOW)])


def _instruction(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _when(offset: int, comparison: int, value: int, *, then: int | None = None, otherwise: int | None = None) -> list[bytes]:
    """Load a word of the call and end with `then` where the comparison holds, or with `otherwise` where it does not; else go on."""
    result = then if then is not None else otherwise
    assert result is not None
    jumps = (0, 1) if then is not None else (1, 0)
    return [_instruction(_LOAD, offset), _instruction(comparison, value, *jumps), _instruction(_RETURN, result)]


def _call(number: int, instructions: list[bytes]) -> list[bytes]:
    """Instructions for one system call alone."""
    return [_instruction(_LOAD, _NUMBER), _instruction(_JUMP_EQUAL, number, 0, len(instructions)), *instructions]

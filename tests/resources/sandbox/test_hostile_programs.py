"""Programs that attack the machine: each gets its true verdict in its limit, and none does what it must not.

A program says ESCAPED where it did. After all of them nothing is running that was not before.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from operators.sandboxes import Limits, Program, VerdictKind
from tests.resources.sandbox.conftest import Judge, command_line, descendants

SMALL = Limits(seconds=1, memory_mb=128, processes=16, disk_mb=16, output_kb=64)

SOCKET = f"sandbox-test-{os.getpid()}"
"""An abstract one of this process: other tests may run on the machine."""

CTYPES = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"

BOMBS: dict[str, tuple[VerdictKind, str]] = {
    "forks for ever": ("failed", "import os\nwhile True: os.fork()"),
    "forks and keeps all": ("timeout", "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(.01)"),
    "starts threads for ever": (
        "failed",
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
    ),
    "starts a shell's fork bomb": ("timeout", "import os\nos.execv('/bin/sh', ['sh', '-c', 'f() { f | f & }; f & while :; do :; done'])"),
    "allocates one large piece": ("out_of_memory", "a = bytearray(10**12)"),
    "allocates for ever": ("out_of_memory", "a = []\nwhile True: a.append(bytearray(1 << 20))"),
    "catches each failing allocation": (
        "timeout",
        "a = []\nwhile True:\n    try: a.append(bytearray(1 << 20))\n    except MemoryError: pass",
    ),
    "maps memory": ("out_of_memory", "import mmap\na = [mmap.mmap(-1, 1 << 24) for _ in range(99)]"),
    "shares mapped memory among processes": (
        "out_of_memory",
        "import mmap, os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        a = bytearray(os.urandom(1) * (60 << 20))\n"
        "        time.sleep(9)\ntime.sleep(9)",
    ),
    "fills /dev/shm": ("failed", "f = open('/dev/shm/a', 'wb')\nwhile True: f.write(bytes(1 << 20)); f.flush()"),
    "fills /tmp by many files": ("failed", "for i in range(99):\n    open(f'/tmp/{i}', 'wb').write(bytes(1 << 20))"),
    "makes files for ever": ("failed", "i = 0\nwhile True:\n    open(f'{i}', 'w').close()\n    i += 1"),
    "writes one huge file": ("failed", "f = open('a', 'wb')\nf.seek(1 << 40)\nf.write(b'a')\nf.flush()"),
    "opens files for ever": ("failed", "a = []\nwhile True: a.append(open('/dev/null'))"),
    "makes folders in folders": ("failed", "import os\nwhile True:\n    os.mkdir('a')\n    os.chdir('a')"),
    "prints for ever": ("output_limit", "while True: print('a' * 999)"),
    "writes errors for ever": ("output_limit", "import os\nwhile True: os.write(2, b'a' * 999)"),
    "prints one endless line": ("output_limit", "import sys\nwhile True: sys.stdout.write('a')"),
    "loops": ("timeout", "while True: pass"),
    "sleeps": ("timeout", "import time\ntime.sleep(99)"),
    "waits for input that never comes": ("timeout", "import os\nr, w = os.pipe()\nos.read(r, 1)"),
    "ignores all signals and loops": (
        "timeout",
        "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass",
    ),
    "matches a regular expression for ever": ("timeout", "import re\nre.match('(a+)+$', 'a' * 50 + 'b')"),
    "computes a power tower": ("timeout", "9**9**9"),
    "recurses for ever": ("failed", "def f(): f()\nf()"),
    "overflows the stack of C": (
        "killed",
        "import sys\nsys.setrecursionlimit(10**8)\nf = lambda: f()\nclass A:\n    __getattr__ = lambda s, n: getattr(s, n)\nA().a",
    ),
    "reads a null pointer": ("killed", "import ctypes\nctypes.string_at(0)"),
    "aborts": ("killed", "import os\nos.abort()"),
    "uses up the processor in a child": ("timeout", "import os\nif os.fork() == 0:\n    while True: pass\nos.wait()"),
}

ESCAPES = {
    "reads the files of the machine": "import os\n"
    f"for path in ('/etc/shadow', '/etc/hostname', {str(Path.home() / '.bashrc')!r}, {__file__!r}, '/home', '/var/log', '/mnt', '/boot'):\n"
    "    try: print('ESCAPED', path, os.listdir(path) if os.path.isdir(path) else open(path).read())\n    except OSError: pass",
    "follows a symbolic link out": "import os\nos.symlink('/proc/1/root/etc/shadow', 'a')\nos.symlink('../../../../etc/shadow', 'b')\n"
    "for name in 'ab':\n    try: print('ESCAPED', open(name).read())\n    except OSError: pass",
    "makes a hard link to a program of the system": "import os\ntry: os.link('/usr/bin/env', 'a'); print('ESCAPED')\nexcept OSError: pass",
    "writes to the system": "import os\n"
    "for path in ('/usr/bin/a', '/bin/a', '/lib/a', '/etc/passwd', '/a', '/sandbox/a', '/dev/a', '/proc/a', os.__file__):\n"
    "    try: open(path, 'a'); print('ESCAPED', path)\n    except OSError: pass",
    "reads the environment": "import os\nif 'SANDBOX_TEST_SECRET' in os.environ: print('ESCAPED')\n"
    "for path in ('/proc/self/environ', '/proc/1/environ', '/proc/2/environ'):\n    try: print('ESCAPED', open(path, 'rb').read())\n"
    "    except OSError: pass",
    "looks at processes": "import os\nif [name for name in os.listdir('/proc') if name.isdigit()]: print('ESCAPED')",
    "kills all processes of the user": "import os\ntry: os.kill(-1, 9)\nexcept ProcessLookupError: pass",
    "sends signals to its parents": "import os, signal\nfor pid in (os.getppid(), 1, 2):\n"
    "    for n in (signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGKILL):\n"
    "        if pid != os.getpid():\n            try: os.kill(pid, n)\n            except OSError: pass",
    "signals processes of the host by number": f"import os\ntry: os.kill({os.getpid()}, 9); print('ESCAPED')\nexcept ProcessLookupError: pass",
    "signals its group": "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nos.killpg(0, signal.SIGTERM)",
    "connects to the internet": "import socket\nfor family in (socket.AF_INET, socket.AF_INET6):\n"
    "    try: socket.socket(family); print('ESCAPED')\n    except OSError: pass",
    "opens other sockets": "import socket\nfor family in (16, 17, 38, 40, 29, 31, 44):\n    for kind in (1, 2, 3, 5):\n"
    "        try: socket.socket(family, kind); print('ESCAPED', family)\n"
    "        except OSError: pass",
    "looks a name up": "import socket\ntry: print('ESCAPED', socket.gethostbyname('example.com'))\nexcept OSError: pass",
    "connects to an abstract socket of the host": "import socket\n"
    f"try: socket.socket(socket.AF_UNIX).connect('\\0{SOCKET}'); print('ESCAPED')\nexcept OSError: pass",
    "connects to a socket in a folder of the host": "import glob, socket\n"
    "for path in ['/run/docker.sock', '/var/run/docker.sock', *glob.glob('/tmp/*/*'), *glob.glob('/run/**', recursive=True)]:\n"
    "    try: socket.socket(socket.AF_UNIX).connect(path); print('ESCAPED')\n    except OSError: pass",
    "traces its parent": CTYPES + "for pid in (1, os.getppid()):\n    if libc.ptrace(16, pid, 0, 0) == 0: print('ESCAPED')",
    "reads its parent's memory": CTYPES + "buffer = ctypes.create_string_buffer(8)\n"
    "class V(ctypes.Structure): _fields_ = [('a', ctypes.c_void_p), ('n', ctypes.c_size_t)]\n"
    "v = V(ctypes.addressof(buffer), 8)\nif libc.process_vm_readv(1, ctypes.byref(v), 1, ctypes.byref(v), 1, 0) > 0: print('ESCAPED')",
    "mounts": CTYPES + "for kind in (b'tmpfs', b'proc', b'sysfs'):\n    if libc.mount(b'none', b'/tmp', kind, 0, None) == 0: print('ESCAPED')",
    "unmounts": CTYPES + "for path in (b'/proc', b'/tmp', b'/'):\n    if libc.umount2(path, 2) == 0: print('ESCAPED')",
    "makes namespaces": CTYPES + "for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000):\n    if libc.unshare(flag) == 0: print('ESCAPED')\n"
    "    if libc.syscall(56, flag | 17, 0, 0, 0, 0) > 0: print('ESCAPED')",
    "enters namespaces": CTYPES + "import os\ntry: fd = os.open('/proc/1/ns/mnt', 0); print('ESCAPED')\nexcept OSError: pass",
    "changes its root": CTYPES + "if libc.chroot(b'/tmp') == 0: print('ESCAPED')",
    "becomes root": CTYPES + "for call in (libc.setuid, libc.setgid):\n    if call(0) == 0: print('ESCAPED')\n"
    "if 0 in (os.getuid(), os.geteuid(), os.getgid()): print('ESCAPED')",
    "runs a program that makes root": "import subprocess\n"
    "for command in (['su', '-c', 'id'], ['mount'], ['unshare', '-r', 'id'], ['sudo', '-n', 'id']):\n"
    "    try: done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)\n    except OSError: continue\n"
    "    if b'uid=0' in done.stdout: print('ESCAPED')",
    "loads a program into the kernel": CTYPES + "for number in (321, 175, 313, 246, 298, 323, 425, 248, 250, 319, 29):\n"
    "    if libc.syscall(number, 0, 0, 0, 0, 0) >= 0: print('ESCAPED', number)",
    "calls with the numbers of another machine": CTYPES + "if libc.syscall(0x40000000 + 39) >= 0: print('ESCAPED')",
    "opens devices": "import os\n"
    "for name in ('/dev/mem', '/dev/kmsg', '/dev/sda', '/dev/vda', '/dev/loop0', '/dev/fuse', '/dev/kvm', '/dev/net/tun'):\n"
    "    try: os.open(name, os.O_RDWR); print('ESCAPED', name)\n    except OSError: pass",
    "makes devices": "import os, stat\ntry: os.mknod('a', stat.S_IFBLK | 0o600, os.makedev(8, 0)); print('ESCAPED')\nexcept OSError: pass",
    "types into the terminal": "import fcntl, os\nfor fd in range(3):\n    try: fcntl.ioctl(fd, 0x5412, b'a'); print('ESCAPED')\n"
    "    except OSError: pass\n"
    "try: os.open('/dev/tty', os.O_RDWR); print('ESCAPED')\nexcept OSError: pass",
    "raises its limits": "import resource\nfor name in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):\n"
    "    try: resource.setrlimit(name, (resource.RLIM_INFINITY,) * 2); print('ESCAPED')\n    except (OSError, ValueError): pass",
    "leaves a daemon": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.closerange(0, 99)\n"
    "        time.sleep(600)\n    os._exit(0)",
    "leaves a daemon that holds the output": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)",
    "leaves files for the next": "import os\nfor path in ('/tmp/left', '/dev/shm/left', 'left'): open(path, 'w').write('a')",
    "finds what was left": "import os\nfor path in ('/tmp/left', '/dev/shm/left', 'left'):\n    if os.path.exists(path): print('ESCAPED')",
    "uses descriptors that it was left": "import os, stat\nfor fd in range(3, 1024):\n    try: os.fstat(fd); print('ESCAPED', fd)\n"
    "    except OSError: pass",
    "leaves shared memory": CTYPES + "if libc.shmget(1234, 4096, 0o1600) >= 0: print('ESCAPED')",
    "names the machine": CTYPES + "import socket\nif libc.sethostname(b'a', 1) == 0: print('ESCAPED')\n"
    f"if socket.gethostname() == {socket.gethostname()!r}: print('ESCAPED')",
}


@pytest.fixture(scope="module", autouse=True)
def secret() -> Iterator[None]:
    os.environ["SANDBOX_TEST_SECRET"] = "ESCAPED"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"\0{SOCKET}")
    listening.listen()
    yield
    listening.close()
    del os.environ["SANDBOX_TEST_SECRET"]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_gets_its_verdict(judge: Judge, name: str) -> None:
    expected, code = BOMBS[name]
    verdict = judge(Program(code, limits=SMALL if expected == "timeout" else replace(SMALL, seconds=30)))
    assert verdict.kind == expected, verdict
    assert verdict.memory_mb < 2 * SMALL.memory_mb
    assert len(verdict.stdout) + len(verdict.stderr) <= SMALL.output_kb * 1024


@pytest.mark.parametrize("name", ESCAPES)
def test_nothing_escapes(judge: Judge, name: str) -> None:
    verdict = judge(Program(ESCAPES[name], limits=replace(SMALL, seconds=30)))
    assert "ESCAPED" not in verdict.stdout, verdict
    assert verdict.kind == "passed", verdict


@pytest.fixture(scope="module", autouse=True)
def threads_before() -> int:
    """Those that other tests left in this process."""
    return threading.active_count()


def test_the_sandbox_still_works_and_nothing_of_the_programs_runs(judge: Judge, threads_before: int) -> None:
    assert judge(Program("print(1)")).stdout == "1\n"
    ours = [process for process in descendants(os.getpid()) if b"bwrap" in (line := command_line(process)) or b"/sandbox/" in line]
    assert len(ours) <= 3  # the two processes of bubblewrap, and the launcher
    assert threading.active_count() < threads_before + 10

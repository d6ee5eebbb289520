"""The outer wall: how bubblewrap is started, and whether it can be."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

INSTALL = "apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch), apk add bubblewrap (Alpine)"
INSIDE = Path(__file__).parent / "inside"
SPARE_USER = 1_900_000_000
"""A user that no system gives to anybody: programs run as it where this process is root and may choose."""
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp/work",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "USER": "user",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the same program does the same in every run
}
PASSWD = b"root:x:0:0:root:/:/bin/false\nuser:x:1000:1000:user:/tmp/work:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"


def python_arguments() -> list[str]:
    """The interpreter of this process, without the environment that it may stand in."""
    return [str(interpreter()), "-S", "-s", "-P", "-X", "utf8"]


@functools.cache
def interpreter() -> Path:
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def arguments(readable: Iterable[Path], environment: dict[str, str], command: Sequence[str], passwd: int) -> list[str]:
    """The command line: everything unshared, nothing of the system but /usr and `readable`, all read-only, no capability kept but inside.

    `passwd`: a descriptor that holds PASSWD.
    """
    line = ["bwrap", "--unshare-all", "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL"]
    line += ["--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]
    for name, value in environment.items():
        line += ["--setenv", name, value]
    for folder in ("/etc", "/sandbox", "/sandbox/resources", "/sandbox/resources/sandbox"):
        line += ["--perms", "0755", "--dir", folder]
    line += ["--ro-bind", "/usr", "/usr"]
    for folder in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if Path(folder).is_symlink():
            line += ["--symlink", str(Path(folder).readlink()), folder]
        elif Path(folder).is_dir():
            line += ["--ro-bind", folder, folder]
    for name in ("/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime"):
        line += ["--ro-bind-try", name, name]
    for path in _outside_usr([Path(sys.base_prefix), *readable]):
        for above in reversed(path.parents[:-1]):  # else they would be as closed as they are outside
            line += ["--perms", "0755", "--dir", str(above)]
        line += ["--ro-bind", str(path), str(path)]
    line += ["--perms", "0444", "--ro-bind-data", str(passwd), "/etc/passwd"]
    line += ["--ro-bind", str(INSIDE), "/sandbox/resources/sandbox/inside"]
    line += ["--proc", "/proc", "--dev", "/dev", "--dir", "/tmp", "--chdir", "/"]
    line += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*line, "--", *command]


def _outside_usr(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.is_relative_to("/usr") and path not in found and path.exists():
            found.append(path)
    return found


def choose_users(information: int, release: int) -> None:
    """Say which users there are inside, where this process is root: root for what starts the programs, and one more for the programs.

    `information` is what bubblewrap writes its facts to, `release` what it waits for.
    """
    with os.fdopen(information, "rb") as file:
        text = b""
        while not text.rstrip().endswith(b"}"):
            part = os.read(file.fileno(), 4096)
            if not part:
                raise OSError("bubblewrap ended before it had started")
            text += part
    process = json.loads(text)["child-pid"]
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{process}/{name}").write_text(f"0 0 1\n1 {SPARE_USER} 1\n")
    os.write(release, b"x")


@functools.cache
def why_not() -> str:
    """What is missing for bubblewrap to work here, with the command that mends it; empty where nothing is."""
    if sys.platform != "linux":
        return f"isolation needs Linux, and this is {sys.platform}"
    if shutil.which("bwrap") is None:
        return f"bubblewrap is not installed: {INSTALL}"
    line = ["bwrap", "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true"]
    tried = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)
    if tried.returncode == 0:
        return ""
    said = tried.stderr.strip() or f"status {tried.returncode}"
    return f"bubblewrap cannot make namespaces here ({said}): {_remedy()}"


def _remedy() -> str:
    def setting(name: str) -> str:
        path = Path("/proc/sys", name)
        return path.read_text().strip() if path.exists() else ""

    if setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile that allows bwrap to make user namespaces"
    if setting("kernel/unprivileged_userns_clone") == "0":
        return "sysctl kernel.unprivileged_userns_clone=1"
    if setting("user/max_user_namespaces") == "0":
        return "sysctl user.max_user_namespaces=10000"
    return "in a container, start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or with --privileged"

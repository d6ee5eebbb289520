"""What root has, an ordinary user has: the same isolation, the same verdicts."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from resources.sandbox import bubblewrap

ROOT = Path(__file__).parents[3]
NOBODY = 65534
SCRIPT = """
from operators.sandboxes import Limits, Program, suite_of
from resources.sandbox import SandboxSettings, open_sandbox
programs = [
    Program("print('hello')"),
    Program("def f(n): return n + 1", suite=suite_of("assert f(1) == 2")),
    Program("def f(n): return n", suite=suite_of("assert f(1) == 2")),
    Program("import os, time\\nwhile True:\\n    try: os.fork()\\n    except OSError: time.sleep(.1)", limits=Limits(seconds=1)),
    Program("for path in ('/a', '/dev/a', '/usr/a'):\\n    try: open(path, 'w'); print('ESCAPED')\\n    except OSError: pass"),
    Program("import os\\nassert os.listdir('/tmp') == ['.shm', 'work'] and not os.listdir('/proc') and os.getuid() == 1000"),
]
for verdict in open_sandbox(SandboxSettings(programs_at_once=1)).run(programs):
    print(verdict.kind, verdict.stdout.strip(), verdict.reason)
"""


def interpreter_for(user: int) -> str:
    """This interpreter, or the system's own of the same version, whichever the user may run."""
    looks = "import os; os.listdir(os.path.dirname(os.__file__))"
    for path in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([path, "-c", looks], user=user, group=user, extra_groups=[], capture_output=True, check=True, cwd="/")
            return path
    raise FileNotFoundError("no interpreter that it may run")


def test_an_ordinary_user_is_isolated_as_root_is() -> None:
    if any(not folder.stat().st_mode & 0o001 for folder in (ROOT, *ROOT.parents)):
        pytest.skip(f"nobody but its owner may enter {ROOT}")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}", "PYTHONDONTWRITEBYTECODE": "1"}
    how: dict[str, object] = {}
    python = sys.executable
    if os.geteuid() == 0:
        try:
            python = interpreter_for(NOBODY)
        except FileNotFoundError as error:
            pytest.skip(f"user {NOBODY} cannot run Python here: {error}")
        how = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    done = subprocess.run([python, "-c", SCRIPT], env=environment, cwd="/", capture_output=True, text=True, timeout=120, check=False, **how)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["passed", "passed", "failed", "timeout", "passed", "passed"], lines
    assert "ESCAPED" not in done.stdout
    assert bubblewrap.why_not() == ""

"""Where bubblewrap is not there nothing is run, unless that was said by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.resources.sandbox.conftest import environment_of_child

SCRIPT = """
from operators.sandboxes import Exchange, Limits, Program, Suite, suite_of
from resources.sandbox import open_sandbox
programs = [
    Program("print('hello')"),
    Program("def f(n): return n + 1", suite=suite_of("assert f(1) == 2")),
    Program("import os\\ndef f(n): os._exit(0)", suite=suite_of("assert f(1) == 2")),
    Program("print(int(input()) * 2)", suite=Suite((Exchange("2", "4"),))),
    Program("import subprocess\\nsubprocess.Popen(['sleep', '60'])\\nwhile True: pass", limits=Limits(seconds=1)),
    Program("a = bytearray(10**11)"),
]
for verdict in open_sandbox().run(programs):
    print(verdict.kind)
"""


def run(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """The script where no command is found."""
    environment = environment_of_child(PATH="/nowhere", TMPDIR=str(tmp_path), **settings)
    return subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_without_bubblewrap_nothing_is_run_and_the_command_that_installs_it_is_told(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "apt-get install bubblewrap" in done.stderr
    assert "unsafe_subprocess: true" in done.stderr


def test_going_without_has_to_be_said_and_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, DATAFLOW_SANDBOX_UNSAFE_SUBPROCESS="true")
    assert done.stdout.split() == ["passed", "passed", "failed", "passed", "timeout", "out_of_memory"], done
    assert "WITHOUT isolation" in done.stderr
    assert list(tmp_path.iterdir()) == []

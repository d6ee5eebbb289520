"""What the tests of faults run operators with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = """
import socket, sys
def refuse(*_, **__): raise OSError("this process has no network")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
import pyarrow as pa
from operators import MemoryStorage
"""


@pytest.fixture
def modules_after(tmp_path: Path) -> Callable[[str], set[str]]:
    """modules_after(code) -> the packages that a new process without a network and without keys has imported when the code is done."""

    def run(code: str) -> set[str]:
        script = f"{SCRIPT}\n{code}\nprint('modules', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
        root = str(Path(__file__).parents[3])
        environment = {"PATH": "", "PYTHONPATH": root, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert not [path for path in tmp_path.rglob("*") if path.suffix not in (".nbi", ".nbc") and path.is_file()], "it wrote files"
        return set(done.stdout.rpartition("modules")[2].split())

    return run


@pytest.fixture(scope="session")
def entity_pipeline(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a real spaCy pipeline, which knows its names from a list."""
    spacy = pytest.importorskip("spacy", reason="the extra [entities] is not installed: pip install 'dataflow-dagster[entities]'")
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    names = [("PERSON", "May"), ("GPE", "Paris"), ("ORG", "PERSON"), ("CARDINAL", "three"), ("DATE", "1995")]
    ruler.add_patterns([{"label": label, "pattern": name} for label, name in names])
    folder = tmp_path_factory.mktemp("entities") / "names"
    pipeline.to_disk(folder)
    return str(folder)

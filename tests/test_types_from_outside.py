"""What people write against the packages is checked with the types of the packages: they are marked as typed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = """
import resources.llm
import sensors
import dataflow_assets
from operators import Pipeline
from operators.testing import check_operator
from operators.text.rules.whole_text import WordCountFilter

result = WordCountFilter(min_words=5).run(["a text"])
reveal_type(result.rows_out)
reveal_type(check_operator)
reveal_type(Pipeline().run(["a text"]).report)
result.no_such_thing
"""


def test_mypy_sees_the_types_of_installed_packages(tmp_path: Path) -> None:
    """In an environment of its own, where mypy reads only packages that have a py.typed."""
    venv.create(tmp_path / "venv")
    [installed] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    for package in ("operators", "resources", "sensors", "dataflow_assets"):
        (installed / package).symlink_to(ROOT / package)
    (tmp_path / "mine.py").write_text(CODE)
    (tmp_path / "mypy.ini").write_text("[mypy]\nfollow_imports = silent\n[mypy-pyarrow.*,pydantic.*,pandas.*]\nignore_missing_imports = true\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", str(tmp_path / "venv" / "bin" / "python"), "mine.py"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")},
        capture_output=True,
        text=True,
    )
    assert "py.typed" not in done.stdout, done.stdout
    assert 'Revealed type is "int"' in done.stdout or 'Revealed type is "builtins.int"' in done.stdout, done.stdout + done.stderr
    assert "def (operator: operators.core.operator.Operator" in done.stdout
    assert "operators.engine.report.Report" in done.stdout
    assert '"RunResult" has no attribute "no_such_thing"' in done.stdout

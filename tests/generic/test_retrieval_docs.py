"""docs/retrieval.md: every example runs as it is pasted and prints what the page says, and every operator of its kinds is named.

`python -m tests.generic.test_retrieval_docs` writes what the examples print into the page.
"""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from operators.core import registry

PAGE = Path(__file__).parents[2] / "docs" / "retrieval.md"
TEXT = PAGE.read_text(encoding="utf-8")
PRINTED = "# -> "
FOLDERS = ("operators.generic.retrieval.", "operators.generic.vectors.", "operators.generic.web.", "operators.generic.by_parts")


def examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def code_of(example: str) -> str:
    return "".join(line for line in example.splitlines(keepends=True) if not line.startswith(PRINTED))


def output_of(example: str) -> str:
    return "".join(line.removeprefix(PRINTED) for line in example.splitlines(keepends=True) if line.startswith(PRINTED))


def run(example: str, names: dict[str, Any]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code_of(example), str(PAGE), "exec"), names)
    return printed.getvalue()


def test_every_example_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, with the names of those before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATAFLOW_INDEXES", str(tmp_path / "indexes"))
    names: dict[str, Any] = {"__name__": "example"}
    for example in examples():
        assert run(example, names) == output_of(example), code_of(example)


def test_every_operator_of_these_kinds_is_named() -> None:
    missing = [cls.__name__ for cls in registry.all_operators() if cls.__module__.startswith(FOLDERS) and f"`{cls.__name__}" not in TEXT]
    assert not missing


def write() -> None:
    """Write the page again, with what its examples print now."""
    names: dict[str, Any] = {"__name__": "example"}
    text = TEXT
    for example in examples():
        printed = "".join(f"{PRINTED}{line}\n" for line in run(example, names).splitlines())
        text = text.replace(example, code_of(example) + printed)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()

"""docs/notebook.md: every cell runs, in order, and shows what the page says.

`python -m tests.test_notebook_docs` writes what the cells show into the page.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "notebook.md"
SHOWN = "# -> "


def cells(page: str) -> list[tuple[str, str]]:
    """(code, what the page says it shows) of each."""
    found = []
    for body in re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        lines = body.splitlines()
        shown = "".join(f"{line[len(SHOWN) :]}\n" for line in lines if f"{line} ".startswith(SHOWN))
        found.append(("".join(f"{line}\n" for line in lines if not f"{line} ".startswith(SHOWN)), shown))
    return found


def show(code: str, names: dict[str, Any]) -> str:
    """What a cell prints, and the value of its last line, as a notebook shows it."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(tree, PAGE.name, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), PAGE.name, "eval"), names)
            if value is not None:
                print(repr(value))
    return "".join(f"{line.rstrip()}\n" for line in output.getvalue().splitlines())


def test_every_cell_shows_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATAFLOW_WAREHOUSE", raising=False)
    names: dict[str, Any] = {"__name__": "notebook"}
    found = cells(PAGE.read_text(encoding="utf-8"))
    assert len(found) >= 12
    for code, shown in found:
        assert show(code, names) == shown, code


def write_page() -> None:
    """Put what the cells show under them."""
    page = PAGE.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "notebook"}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for code, shown in cells(page):
            old = code + "".join(f"{SHOWN}{line}".rstrip() + "\n" for line in shown.splitlines())
            new = code + "".join(f"{SHOWN}{line}".rstrip() + "\n" for line in show(code, names).splitlines())
            assert f"```python\n{old}```" in page, old
            page = page.replace(f"```python\n{old}```", f"```python\n{new}```")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    write_page()

"""docs/documents.md: every operator of documents and every setting is named, and every example prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any, get_args

from operators.core import registry
from operators.document_model.conversion import Cause
from resources.documents import DocumentSettings

PAGE = (Path(__file__).parents[2] / "docs" / "documents.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PRINTED = "# -> "


def test_every_operator_setting_and_cause_is_named() -> None:
    named = set(re.findall(r"`([^`\n]+)`", PAGE))
    operators = {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "documents"}
    assert operators <= named
    assert set(DocumentSettings.model_fields) <= named
    assert set(get_args(Cause)) <= named


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    page = "<!doctype html><h1>Harbours</h1><p>Two of them are <i>small</i>.</p>"
    (tmp_path / "report.html").write_text(page + "<table><tr><th>Name<th>Ships<tr><td>Kiel<td>12</table>")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    names: dict[str, Any] = {"FOLDER": str(tmp_path)}
    assert len(BLOCKS) == 2
    for body in BLOCKS:
        lines = body.splitlines()
        code = "".join(line + "\n" for line in lines if not line.startswith(PRINTED.rstrip()))
        expected = [line.removeprefix(PRINTED).removeprefix(PRINTED.rstrip()) for line in lines if line.startswith(PRINTED.rstrip())]
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(code, "documents.md", "exec"), names)
        assert output.getvalue().splitlines() == expected
    names["documents"].close()

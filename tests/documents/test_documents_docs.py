"""docs/documents.md: every operator of documents and every setting is named, and every example prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from operators.core import registry
from operators.document_model.conversion import Cause
from resources.documents import DocumentSettings
from tests.pages import check_examples, text_of


def test_every_operator_setting_and_cause_is_named() -> None:
    named = set(re.findall(r"`([^`\n]+)`", text_of("documents.md")))
    operators = {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "documents"}
    assert operators - named == set()
    assert set(DocumentSettings.model_fields) <= named
    assert set(get_args(Cause)) <= named


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    page = "<!doctype html><h1>Harbours</h1><p>Two of them are <i>small</i>.</p>"
    (tmp_path / "report.html").write_text(page + "<table><tr><th>Name<th>Ships<tr><td>Kiel<td>12</table>")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    made = check_examples("documents.md", tmp_path, {"FOLDER": str(tmp_path)})
    made["documents"].close()

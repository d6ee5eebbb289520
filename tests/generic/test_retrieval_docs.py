"""docs/retrieval.md: every example runs as it is pasted and prints what the page says, and every operator of its kinds is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from operators.core import registry
from tests.pages import check_examples, text_of

FOLDERS = ("operators.generic.retrieval.", "operators.generic.vectors.", "operators.generic.web.", "operators.generic.by_parts")


def test_every_example_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_INDEXES", str(tmp_path / "indexes"))
    check_examples("retrieval.md", tmp_path)


def test_every_operator_of_these_kinds_is_named() -> None:
    text = text_of("retrieval.md")
    missing = [cls.__name__ for cls in registry.all_operators() if cls.__module__.startswith(FOLDERS) and f"`{cls.__name__}" not in text]
    assert not missing

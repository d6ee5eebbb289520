"""docs/chemistry.md names every operator of chemistry, and its example prints what the page says."""

from pathlib import Path

import pytest

from tests.pages import check_examples, check_names_every_operator


def test_every_operator_of_chemistry_is_named_and_none_that_there_is_not() -> None:
    check_names_every_operator("chemistry.md", "chemistry")


def test_the_example_prints_what_the_page_says(tmp_path: Path) -> None:
    pytest.importorskip("rdkit", reason="rdkit is not installed: pip install 'dataflow-dagster[chemistry]'")
    check_examples("chemistry.md", tmp_path)

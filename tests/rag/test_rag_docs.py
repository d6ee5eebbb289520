"""docs/rag.md names every operator of the domain, and none that does not exist; its examples run and print what it says."""

from pathlib import Path

from tests.pages import check_examples, check_names_every_operator


def test_every_operator_is_named() -> None:
    check_names_every_operator("rag.md", "rag")


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    check_examples("rag.md", tmp_path)

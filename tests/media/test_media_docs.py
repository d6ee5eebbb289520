"""docs/media.md names every operator of media; its examples run and print what it says."""

from pathlib import Path

from tests.pages import check_examples, check_names_every_operator


def test_every_operator_is_named() -> None:
    check_names_every_operator("media.md", "media")


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    check_examples("media.md", tmp_path)

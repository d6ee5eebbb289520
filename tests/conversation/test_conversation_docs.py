"""docs/conversations.md and docs/tools.md: every operator and pipeline is named, and every example prints what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataflow_assets.pipelines import all_pipelines
from tests.pages import check_examples, check_names_every_operator, text_of

PAGES = {"conversations.md": ("conversation", "multi_turn_chat"), "tools.md": ("tools", "tool_calls")}


@pytest.mark.parametrize(("page", "domain", "pipeline"), [(page, *said) for page, said in PAGES.items()])
def test_every_operator_of_the_domain_is_named_and_no_other_that_is_not_there(page: str, domain: str, pipeline: str) -> None:
    check_names_every_operator(page, domain)
    assert f"`{pipeline}`" in text_of(page)
    assert pipeline in all_pipelines()


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_print_what_the_page_says(page: str, tmp_path: Path) -> None:
    check_examples(page, tmp_path)

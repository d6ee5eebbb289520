"""docs/conversations.md and docs/tools.md: every operator and pipeline is named, and every example prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from dataflow_assets.pipelines import all_pipelines
from operators.core import registry

DOCS = Path(__file__).parents[2] / "docs"
PRINTED = "# -> "
PAGES = {"conversations.md": ("conversation", "multi_turn_chat"), "tools.md": ("tools", "tool_calls")}


@pytest.mark.parametrize(("page", "domain", "pipeline"), [(page, *said) for page, said in PAGES.items()])
def test_every_operator_of_the_domain_is_named_and_no_other_that_is_not_there(page: str, domain: str, pipeline: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    named = set(re.findall(r"`([A-Z]\w+)(?:\([^`]*\))?`", "\n".join(line for line in text.splitlines() if line.startswith("| "))))
    every = {cls.__name__ for cls in registry.all_operators()}
    ours = {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == domain}
    assert ours
    assert ours - named == set()
    assert named - every == set()
    assert f"`{pipeline}`" in text
    assert pipeline in all_pipelines()


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_print_what_the_page_says(page: str) -> None:
    names: dict[str, Any] = {"__name__": "session"}
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        lines = block.splitlines()
        expected = [line.removeprefix(PRINTED).rstrip() for line in lines if line.startswith(PRINTED)]
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile("\n".join(line for line in lines if not line.startswith(PRINTED)), page, "exec"), names)
        assert [line.rstrip() for line in output.getvalue().splitlines()] == expected

"""docs/benchmark.md: every operator and format is named, none that there is not, and every example prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

from operators.core import registry
from operators.evaluation.formats import FORMATS
from tests.pages import check_examples, text_of

TEXT = text_of("benchmark.md")


def test_every_operator_and_every_format_is_named() -> None:
    named = set(re.findall(r"`(Benchmark\w+)`", TEXT))
    assert named == {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "evaluation"}
    of_table = TEXT.partition("| format |")[2].partition("\n\n")[0]
    listed = [name for line in of_table.splitlines()[2:] for name in re.findall(r"[a-z_0-9]+", line.split("|")[1])]
    assert sorted(listed) == sorted(FORMATS)


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    check_examples("benchmark.md", tmp_path)

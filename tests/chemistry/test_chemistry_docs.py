"""docs/chemistry.md names every operator of chemistry, and its example prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from operators.core import registry

PAGE = Path(__file__).parents[2] / "docs" / "chemistry.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_operator_of_chemistry_is_named_and_none_that_there_is_not() -> None:
    named = set(re.findall(r"`(\w+(?:Generator|Evaluator))`", TEXT))
    assert named == {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "chemistry"}


def test_the_example_prints_what_the_page_says() -> None:
    pytest.importorskip("rdkit", reason="rdkit is not installed: pip install 'dataflow-dagster[chemistry]'")
    [block] = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    lines = block.splitlines()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile("\n".join(line for line in lines if not line.startswith("# -> ")), PAGE.name, "exec"), {})
    assert output.getvalue().splitlines() == [line.removeprefix("# -> ") for line in lines if line.startswith("# -> ")]

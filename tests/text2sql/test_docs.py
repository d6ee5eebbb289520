"""docs/text2sql.md names every operator of the domain, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from operators.core import registry

PAGE = (Path(__file__).parents[2] / "docs" / "text2sql.md").read_text(encoding="utf-8")


def test_every_operator_has_its_line() -> None:
    named = set(re.findall(r"^\| `([A-Z]\w+)` \|", PAGE, re.MULTILINE))
    every = {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "text2sql"}
    assert named == every

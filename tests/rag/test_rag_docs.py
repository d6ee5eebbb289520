"""docs/rag.md names every operator of the domain, and none that does not exist; its examples run and print what it says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from operators.core import registry

PAGE = Path(__file__).parents[2] / "docs" / "rag.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_operator_is_named() -> None:
    named = set(re.findall(r"`([A-Z]\w+)(?:\([^`]*\))?`", "\n".join(line for line in TEXT.splitlines() if line.startswith("| "))))
    every = {cls.__name__ for cls in registry.all_operators()}
    ours = {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "rag"}
    assert ours - named == set()
    assert named - every == set()


def test_the_examples_print_what_the_page_says() -> None:
    names: dict[str, object] = {"__name__": "session"}
    blocks = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        lines = block.splitlines()
        expected = "".join(line.removeprefix("# -> ") + "\n" for line in lines if line.startswith("# -> "))
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile("\n".join(line for line in lines if not line.startswith("# -> ")), PAGE.name, "exec"), names)
        assert output.getvalue() == expected, block

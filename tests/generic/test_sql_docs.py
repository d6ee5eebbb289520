"""docs/sql.md: the examples print what the page says, and it names the operators of SQL and functions."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from operators.core import registry

PAGE = Path(__file__).parents[2] / "docs" / "sql.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_operator_of_sql_and_functions_is_named() -> None:
    ours = {cls.__name__ for cls in registry.all_operators() if cls.__module__.startswith(("operators.generic.sql", "operators.generic.functions"))}
    assert ours == set(re.findall(r"`((?:SQL|Function)[A-Z]\w+)`", TEXT))


def test_the_examples_print_what_the_page_says() -> None:
    names: dict[str, object] = {"__name__": "session"}
    for block in re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE):
        lines = block.splitlines()
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile("\n".join(line for line in lines if not line.startswith("# -> ")), PAGE.name, "exec"), names)
        assert output.getvalue().splitlines() == [line.removeprefix("# -> ") for line in lines if line.startswith("# -> ")]

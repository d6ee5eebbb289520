"""docs/sql.md: the examples print what the page says, and it names the operators of SQL and functions."""

from __future__ import annotations

import re
from pathlib import Path

from operators.core import registry
from tests.pages import check_examples, text_of


def test_every_operator_of_sql_and_functions_is_named() -> None:
    ours = {cls.__name__ for cls in registry.all_operators() if cls.__module__.startswith(("operators.generic.sql", "operators.generic.functions"))}
    assert ours == set(re.findall(r"`((?:SQL|Function)[A-Z]\w+)`", text_of("sql.md")))


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    check_examples("sql.md", tmp_path)

"""SQL as syntax trees: what stands in double quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from operators.text2sql.components import components
from operators.text2sql.questions.rendering import in_words
from operators.text2sql.questions.values import unsaid_values
from operators.text2sql.trees import query_tree

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@given(TEXTS, TEXTS)
def test_what_a_query_compares_with_in_double_quotes_is_a_text(one: str, other: str) -> None:
    written = [text.replace('"', '""') for text in (one, other)]
    tree = query_tree(f'SELECT nämé FROM städte WHERE körper = "{written[0]}" AND wärme IN ("{written[1]}", "x")')
    said = {literal.name for literal in tree.find_all(exp.Literal)}
    assert said == {one, other, "x"}


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ('SELECT name FROM city WHERE country = "France"', ("name", "country")),
        ('SELECT name FROM city WHERE country LIKE "%an%" AND id BETWEEN "1" AND "9"', ("name", "country", "id")),
        ('SELECT COUNT(*) AS "n" FROM city WHERE NOT country = "France"', ("country",)),
        ('SELECT "name" FROM city WHERE country = "home country"', ("name", "country", "home country")),
        ('SELECT name FROM "big city" WHERE country = "home"', ("name", "country", "home")),
        ('SELECT name FROM city WHERE a."x" = b."y"', ("name", "x", "y")),
        ('SELECT name, home FROM city WHERE country = "home"', ("name", "home", "country")),
        ("SELECT name FROM city WHERE country = `home` AND a = [b]", ("name", "country", "home", "a", "b")),
    ],
)
def test_names_in_quotes_stay_names(sql: str, columns: tuple[str, ...]) -> None:
    assert set(components(sql).columns) == set(columns)


def test_other_engines_have_names_in_double_quotes() -> None:
    assert "france" in components('SELECT name FROM city WHERE country = "France"', "postgres").columns


def test_a_text_in_double_quotes_has_to_be_said() -> None:
    sql = 'SELECT name FROM city WHERE country = "New Zealand"'
    assert unsaid_values(sql, "Which cities are there?") == ["New Zealand"]
    assert "New Zealand" in in_words(sql)

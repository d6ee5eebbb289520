"""A function of your own as a stage, by its name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from operators.core import registry
from operators.generic.functions.operators import FunctionEvaluator, FunctionFilter, FunctionRefiner, FunctionRowsGenerator
from operators.generic.functions.signature import signature_of
from operators.tables.errors import ColumnError, ParameterError

MODULE = """
from collections.abc import Iterator
from pydantic import BaseModel

class Parts(BaseModel):
    first: str
    length: int

def parts(text: str) -> Parts:
    return Parts(first=text[:1], length=len(text))

def known(text: str | None, limit: int = 2) -> bool:
    return text is not None and len(text) >= limit

def fails(text: str) -> str:
    raise ValueError("no " + text)

def letters(text: str) -> Iterator[str]:
    yield from text

def unsaid(text: str):
    return text

def as_dict(text: str) -> Parts:
    return {"first": text[:1], "length": len(text)}

def as_text(text: str) -> Parts:
    return text

def dicts(text: str) -> Iterator[Parts]:
    yield {"first": text, "length": 1}
    yield Parts(first=text, length=2)

def one_text(text: str) -> Iterator[str]:
    return text

def set_of_words(text: str) -> set[str]:
    return set(text.split())

async def later(text: str) -> int:
    return 1

def anything(*values: str) -> int:
    return 1

def nothing() -> int:
    return 1
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of a user."""
    file = tmp_path / "own_functions.py"
    file.write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own_functions", raising=False)
    signature_of.cache_clear()
    return file


def test_each_kind_calls_the_function_with_the_columns_of_its_arguments(own: Path) -> None:
    rows = [{"text": "abc"}, {"text": "a"}, {"text": None}]
    made = FunctionEvaluator(python="own_functions:parts").run(rows).table.to_pylist()
    assert [(row["first"], row["length"]) for row in made] == [("a", 3), ("a", 1), (None, None)]
    kept = FunctionFilter(python="own_functions:known").run(rows)
    assert [row["text"] for row in kept.table.to_pylist()] == ["abc"]
    limited = FunctionFilter(python="own_functions:known").run([{**row, "limit": 1} for row in rows])
    assert [row["text"] for row in limited.table.to_pylist()] == ["abc", "a"]
    letters = FunctionRowsGenerator(python="own_functions:letters").run(rows[:1]).table.to_pylist()
    assert [(row["letters"], row["text"], len(row["parent_ids"])) for row in letters] == [("a", "abc", 1), ("b", "abc", 1), ("c", "abc", 1)]
    bound = FunctionEvaluator(python="own_functions:parts").run([{"body": "xy"}], input_text="body", output_length="size")
    assert bound.table.column("size").to_pylist() == [2]


def test_a_dict_does_for_a_model_and_nothing_else_does(own: Path) -> None:
    rows = [{"text": "abc"}]
    [made] = FunctionEvaluator(python="own_functions:as_dict").run(rows).table.to_pylist()
    assert (made["first"], made["length"]) == ("a", 3)
    several = FunctionRowsGenerator(python="own_functions:dicts", carry="none").run(rows).table
    assert several.select(["first", "length"]).to_pylist() == [{"first": "abc", "length": 1}, {"first": "abc", "length": 2}]
    aside = FunctionEvaluator(python="own_functions:as_text", max_failed=1.0).run(rows).rejected
    assert "as_text returned 'abc' of str, where its annotation says Parts" in aside["rejected_reason"][0].as_py()


def test_one_text_is_no_list_of_rows_and_a_set_has_an_order(own: Path) -> None:
    result = FunctionRowsGenerator(python="own_functions:one_text", carry="none", max_failed=1.0).run([{"text": "abc"}])
    assert result.table.num_rows == 0
    assert "returned one str" in result.rejected["rejected_reason"][0].as_py()
    words = "pear fig apple plum cherry quince"
    made = FunctionRowsGenerator(python="own_functions:set_of_words", carry="none").run([{"text": words}]).table
    assert made["set_of_words"].to_pylist() == sorted(words.split())


def test_a_row_on_which_it_raises_is_set_aside(own: Path) -> None:
    result = FunctionRefiner(python="own_functions:fails", max_failed=1.0).run([{"text": "a"}])
    assert [row["rejected_reason"] for row in result.rejected.to_pylist()] == ["ValueError: no a"]


@pytest.mark.parametrize(
    ("kind", "python", "said"),
    [
        (FunctionEvaluator, "own_functions:unsaid", "does not say what it returns"),
        (FunctionRowsGenerator, "own_functions:parts", "does not say which rows it makes"),
        (FunctionEvaluator, "own_functions:later", "is asynchronous"),
        (FunctionFilter, "own_functions:anything", "takes *values"),
        (FunctionFilter, "own_functions:nothing", "takes no argument"),
        (FunctionFilter, "own_functions:knwon", 'did you mean "known"'),
        (FunctionFilter, "own_function:known", "cannot be imported"),
        (FunctionFilter, "known", 'write "my_module:function"'),
    ],
)
def test_what_cannot_be_a_stage_is_told_when_it_is_made(own: Path, kind: Any, python: str, said: str) -> None:
    with pytest.raises(ParameterError) as error:
        kind(python=python)
    assert said in str(error.value)


def test_a_missing_column_is_told_before_anything_runs(own: Path) -> None:
    with pytest.raises(ColumnError, match='column "text" does not exist'):
        FunctionEvaluator(python="own_functions:parts").run([{"texts": "a"}])


def test_it_is_plain_data_and_another_function_body_is_another_fingerprint(own: Path) -> None:
    operator = FunctionEvaluator(python="own_functions:parts")
    assert registry.build(operator.as_dict()) == operator
    before = operator.fingerprint()
    assert before == FunctionEvaluator(python="own_functions:parts").fingerprint()
    own.write_text(MODULE.replace("text[:1]", "text[:2]"))
    assert operator.fingerprint() == before, "the function that was imported is the one that runs"
    del sys.modules["own_functions"]
    assert FunctionEvaluator(python="own_functions:parts").fingerprint() != before

"""Fault C10: no text makes an operator slow. The time grows with the length of the text and not with its square, whatever the text."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from operators.core import registry
from operators.core.operator import Operator
from operators.tables.errors import StageFailed
from operators.tables.storage import MemoryStorage
from operators.tables.types import arrow_type
from tests.growth import seconds, slowness
from tests.operators.adversarial import FAMILIES

EXEMPT = {"Task2VecDiversityEvaluator", "VendiEvaluator"}
"""Compare rows with each other, and read no single text."""


def operators() -> Iterator[Operator]:
    for operator in registry.examples():
        reads_text = any(declared.type is Any or arrow_type(declared.type) == pa.string() for declared in operator.inputs().values())
        if reads_text and not operator.needs and len(operator.tables) == 1 and type(operator).__name__ not in EXEMPT:
            yield operator


def seconds_of(operator: Operator, value: str) -> float:
    """Processor time of this thread for a table of one row, in which every column of text is `value`."""
    columns = operator.input_columns()
    types = {columns[short]: arrow_type(declared.type) or pa.string() for short, declared in operator.inputs().items()}
    table = pa.table({name: pa.array([value if type_ == pa.string() else None], type_) for name, type_ in types.items()})

    def run() -> None:
        with contextlib.suppress(StageFailed):  # where the one row could not be read: that too has to be quick
            operator.run(MemoryStorage(table), into=MemoryStorage(), rejected=MemoryStorage())

    return seconds(run)


@pytest.mark.parametrize("operator", list(operators()), ids=lambda operator: operator.name)
def test_c10_an_operator_takes_linear_time_for_every_family_of_texts(operator: Operator) -> None:
    if problems := operator.package_problems():
        pytest.skip(problems[0].suggestion)
    seconds_of(operator, "Warm up. " * 20)
    slow = [f"{family}: {found}" for family, piece in FAMILIES.items() if (found := slowness(partial(seconds_of, operator), piece))]
    assert not slow, "\n".join(slow)


def test_what_grows_with_the_square_of_the_length_is_found() -> None:
    def again_and_again(text: str) -> int:
        return sum(text.count("b", start) for start in range(0, len(text), 200))

    assert slowness(lambda text: seconds(lambda: again_and_again(text)), "a")
    assert not slowness(lambda text: seconds(lambda: text.count("b")), "a")

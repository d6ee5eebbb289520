"""Fault C10: no text makes an operator slow. The time grows with the length of the text and not with its square, whatever the text.

The one test that looks at a clock, since that is what it is about: at the processor time of this thread, the least of several tries. Other work on
the machine, or on the machine that it is a guest of, only adds to it: up to four times as much was seen for some seconds.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from itertools import pairwise

import pyarrow as pa
import pytest

from operators.core import registry
from operators.core.operator import Operator
from operators.tables.errors import StageFailed
from operators.tables.storage import MemoryStorage
from operators.tables.types import arrow_type
from tests.operators.adversarial import FAMILIES, text

LENGTHS = (16_000, 64_000, 256_000)
"""Characters. The longest only of what is done with the one before too soon to tell."""
SURELY = 1_000_000
"""Characters that are tried where the longest took too long: that growth has to go on, since of so short times chance makes much."""
MOST_GROWTH = 6
"""For four times the length."""
MOST_SECONDS_A_MEGABYTE = 6.0
"""Three times what is wanted on a machine that does nothing else. What is superlinear is found by its growth."""
TOO_SHORT_TO_TELL = 0.03
TRIES = 4
MOST_TRIES = 20
"""Of what looked slow in the first ones."""
CLEARLY = 1.25
"""How far from the limit the growth has to be for one try to do. A disturbance only adds time: what is fast enough once is fast enough, and a
growth with the square of the length, 16, looks like one below 4.8 only where the short text took three times too long."""

EXEMPT = {"Task2VecDiversityEvaluator", "VendiEvaluator"}
"""Compare rows with each other, and read no single text."""


def operators() -> Iterator[Operator]:
    for operator in registry.examples():
        reads_text = any(arrow_type(declared.type) == pa.string() for declared in operator.inputs().values())
        if reads_text and not operator.needs and len(operator.tables) == 1 and type(operator).__name__ not in EXEMPT:
            yield operator


def seconds(operator: Operator, value: str) -> float:
    """Processor time of this thread for a table of one row, in which every column of text is `value`."""
    columns = operator.input_columns()
    types = {columns[short]: arrow_type(declared.type) or pa.string() for short, declared in operator.inputs().items()}
    table = pa.table({name: pa.array([value if type_ == pa.string() else None], type_) for name, type_ in types.items()})
    storage = MemoryStorage(table)
    started = time.thread_time()
    with contextlib.suppress(StageFailed):  # where the one row could not be read: that too has to be quick
        operator.run(storage, into=MemoryStorage(), rejected=MemoryStorage())
    return time.thread_time() - started


def is_slow(long: float, short: float, length: int) -> bool:
    return long > TOO_SHORT_TO_TELL and (long > MOST_GROWTH * short or long > MOST_SECONDS_A_MEGABYTE * length / 1e6)


def growth(operator: Operator, piece: str, fewer: int, length: int) -> tuple[float, float]:
    """The least time of the longer text and of the shorter one, of as many tries as it takes to tell."""
    long, short = seconds(operator, text(piece, length)), float("inf")
    for attempt in range(MOST_TRIES):
        beyond_doubt = long > 2 * MOST_GROWTH * short or not is_slow(long, short, length)
        if long <= TOO_SHORT_TO_TELL or (attempt >= TRIES and beyond_doubt):
            break
        short = min(short, seconds(operator, text(piece, fewer)))
        if not is_slow(long, short / CLEARLY, length):
            break
        long = min(long, seconds(operator, text(piece, length)))
    return long, short


def slowness(operator: Operator, piece: str) -> str | None:
    """How the time grows, where it does so too fast."""
    for fewer, length in pairwise(LENGTHS):
        long, short = growth(operator, piece, fewer, length)
        if is_slow(long, short, length):
            if length < LENGTHS[-1] or is_slow(*growth(operator, piece, length, SURELY), SURELY):
                return f"{short:.3f} s for {fewer:,} characters, {long:.3f} s for {length:,}"
        elif long > TOO_SHORT_TO_TELL:
            return None
    return None


@pytest.mark.parametrize("operator", list(operators()), ids=lambda operator: operator.name)
def test_c10_an_operator_takes_linear_time_for_every_family_of_texts(operator: Operator) -> None:
    if problems := operator.package_problems():
        pytest.skip(problems[0].suggestion)
    seconds(operator, "Warm up. " * 20)
    slow = [f"{family}: {found}" for family, piece in FAMILIES.items() if (found := slowness(operator, piece))]
    assert not slow, "\n".join(slow)

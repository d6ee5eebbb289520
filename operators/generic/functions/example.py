"""Functions as a user would write them: what the operators of this folder are shown and tested with."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel


def word_count(text: str) -> int:
    """An evaluator: a value of the row."""
    return len(text.split())


def is_long(text: str, least: int = 3) -> tuple[bool, str]:
    """A filter. `least` is read from a column of this name, where there is one."""
    count = word_count(text)
    return count >= least, f"{count} words, fewer than {least}"


def without_spaces_around(text: str) -> str:
    """A refiner: the new value of its first argument."""
    return text.strip()


class Line(BaseModel):
    line: str
    number: int


def lines(text: str) -> Iterator[Line]:
    """A generator: a new row for each line that is not blank."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield Line(line=line, number=number)

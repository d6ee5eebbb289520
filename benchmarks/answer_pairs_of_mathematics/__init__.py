"""Pairs of a gold answer and another answer, written for `benchmarks/answer_equivalence.py`: the same, or not.

One pair a line, parted by " ‖ ". Lines that begin with "# " name the kind of the pairs below them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Pair(NamedTuple):
    kind: str
    gold: str
    answer: str
    equal: bool


def pairs() -> Iterator[Pair]:
    for name, equal in (("same", True), ("different", False)):
        kind = ""
        for line in Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                kind = line[2:]
            elif line:
                gold, answer = line.split(" ‖ ")
                yield Pair(kind, gold, answer, equal)

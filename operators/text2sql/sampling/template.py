"""What a template is: a function that draws one query with its question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from operators.text2sql.sampling.drawing import Draws

Pair: TypeAlias = tuple[str, str]
"""(query in SQLite's SQL, question)"""


@dataclass(frozen=True, slots=True)
class Template:
    """`draw` raises CannotDraw where the schema lacks what it needs."""

    name: str
    draw: Callable[[Draws], Pair]
    dialects: tuple[str, ...] = ()
    """The only engines that know what it uses; empty: all do."""


TEMPLATES: Final[dict[str, Template]] = {}
"""All, by name, in the order of the modules."""


def template(draw: Callable[[Draws], Pair]) -> Callable[[Draws], Pair]:
    """Makes the function a template of its name."""
    TEMPLATES[draw.__name__] = Template(draw.__name__, draw)
    return draw


def only(*dialects: str) -> Callable[[Callable[[Draws], Pair]], Callable[[Draws], Pair]]:
    """The same for these engines alone."""

    def make(draw: Callable[[Draws], Pair]) -> Callable[[Draws], Pair]:
        TEMPLATES[draw.__name__] = Template(draw.__name__, draw, dialects)
        return draw

    return make

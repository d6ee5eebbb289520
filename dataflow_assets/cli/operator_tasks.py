"""Which task an operator serves: the folder (or file) of its domain that it stands in. It orders the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operators.core.operator import Operator


def task_of(cls: type[Operator]) -> str:
    """operators.text.cleaning.html_text: "cleaning"; of an extension, what follows the name of its package."""
    parts = cls.__module__.split(".")
    place = 2 if parts[0] == "operators" else 1
    return parts[place] if len(parts) > place else parts[-1]


def in_order(operators: list[type[Operator]]) -> list[type[Operator]]:
    """By domain, then by task, then by kind and name."""
    from operators.core import registry

    return sorted(operators, key=lambda cls: (registry.domain(cls), task_of(cls), str(getattr(cls, "kind", "")), cls.__name__))

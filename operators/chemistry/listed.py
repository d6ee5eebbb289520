"""Molecules of a row as people list them: abbreviation, name and SMILES, as a list of structs, as JSON, or as Python wrote it."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

_LONGEST: Final = 200_000


class Molecule(BaseModel):
    """One molecule of a text."""

    abbreviation: str
    full_name: str
    smiles: str


def molecules_of(value: Any) -> list[Molecule]:
    """The molecules in a cell, in order; a part that is missing is "".

    Raises:
        ValueError: it is no list of molecules.

    >>> [one.abbreviation for one in molecules_of("[{'abbreviation': 'PMDA'}, {'abbreviation': 'ODA', 'smiles': 'C'}]")]
    ['PMDA', 'ODA']
    """
    return [_molecule(item) for item in _items(value)]


def names_of(value: Any) -> list[str]:
    """The abbreviations in a cell: of molecules, or a list of texts.

    >>> names_of(["PMDA", "ODA"]), names_of(None)
    (['PMDA', 'ODA'], [])
    """
    named = [item if isinstance(item, str) else _molecule(item).abbreviation for item in _items(value)]
    return [name.strip() for name in named if name.strip()]


def as_named(name: str) -> str:
    """A name without what does not make it another: case, spaces, hyphens of any kind.

    >>> as_named("4,4'-Oda") == as_named("4,4′‑ODA")
    True
    """
    plain = name.casefold().translate({ord(mark): "-" for mark in "‐‑‒–—−"} | {ord(mark): "'" for mark in "’′`´"})
    return "".join(mark for mark in plain if not mark.isspace() and mark != "-")


def _items(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list):
        raise ValueError(f"it is no list of molecules: {str(value)[:60]!r}")
    return [item for item in value if item is not None]


def _parsed(text: str) -> Any:
    if len(text) > _LONGEST:
        raise ValueError(f"a list of molecules of {len(text):,} characters is longer than {_LONGEST:,}")
    try:
        return json.loads(text)
    except ValueError:
        pass  # Python writes single quotes
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"it is no list of molecules: {text[:60]!r}") from error


def _molecule(item: Any) -> Molecule:
    if not isinstance(item, Mapping):
        raise ValueError(f"it is no molecule: {str(item)[:60]!r}")
    said = {name: item.get(name) for name in Molecule.model_fields}
    if not any(said.values()):
        raise ValueError(f"a molecule has neither abbreviation, full_name nor smiles: {str(dict(item))[:60]}")
    return Molecule(**{name: "" if value is None else str(value) for name, value in said.items()})

"""A taxonomy of two levels: classes with numbers, 3 and 3.2, that are found by number or by name."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from operators.tables.errors import closest


@dataclass(frozen=True)
class Taxonomy:
    classes: Mapping[str, tuple[str, ...]]

    @functools.cached_property
    def by_code(self) -> dict[str, tuple[str, str]]:
        """ "3.2" -> the names of both levels."""
        numbered = enumerate(self.classes.items(), 1)
        return {f"{first}.{second}": (name, part) for first, (name, parts) in numbered for second, part in enumerate(parts, 1)}

    def lines(self) -> list[str]:
        """The classes as a model reads them."""
        lines = []
        for first, (name, parts) in enumerate(self.classes.items(), 1):
            lines.append(f"{first} {name}")
            lines += [f"  {first}.{second} {part}" for second, part in enumerate(parts, 1)]
        return lines

    def find(self, said: str) -> tuple[str, str] | None:
        """The class of a number ("3.2"), of a name, or of both ("3.2 Circles"); None for what is none, however near.

        >>> math_taxonomy().find("4.2 Circles"), math_taxonomy().find("circles"), math_taxonomy().find("Cirkles")
        (('Geometry', 'Circles'), ('Geometry', 'Circles'), None)
        """
        said = " ".join(said.split()).strip(" .:\"'")
        code, _, name = said.partition(" ")
        if code.rstrip(".") in self.by_code:
            found = self.by_code[code.rstrip(".")]
            return found if not name or name.casefold() in (found[1].casefold(), " / ".join(found).casefold()) else None
        named = [pair for pair in self.by_code.values() if pair[1].casefold() == said.casefold()]
        return named[0] if len(named) == 1 else None

    def hint(self, said: str) -> str:
        """What is wrong with a class that is none."""
        near = closest(said, [part for _, part in self.by_code.values()])
        return f'"{said}" is no class of the list: give a number such as {next(iter(self.by_code))}. {near}'.strip()


@functools.cache
def load_taxonomy(path: str = "") -> Taxonomy:
    """From a JSON file of class -> [classes below]; the package's own without a path.

    Raises:
        ValueError: the file is no taxonomy of two levels.
    """
    document = json.loads(Path(path).read_text(encoding="utf-8")) if path else _own()
    classes = document.get("classes", document) if isinstance(document, dict) else document
    if not isinstance(classes, dict) or not classes or not all(isinstance(parts, list) and parts for parts in classes.values()):
        raise ValueError(f"{path} is no taxonomy: a JSON object of class -> list of the classes below it is needed")
    return Taxonomy({str(name): tuple(map(str, parts)) for name, parts in classes.items()})


def math_taxonomy() -> Taxonomy:
    return load_taxonomy()


def _own() -> dict[str, object]:
    document: dict[str, object] = json.loads(Path(__file__).with_name("taxonomy.json").read_text(encoding="utf-8"))
    return document

"""What is known of each language: languages.yaml, which says what the fields mean."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import yaml

from operators.kernels.source_syntax import syntax_of

LanguageKind: TypeAlias = Literal["code", "data", "markup", "prose"]


class ProgrammingLanguage(NamedTuple):
    """One entry."""

    name: str
    kind: LanguageKind
    extensions: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    grammar: str = ""
    magika: tuple[str, ...] = ()

    @property
    def syntax(self) -> int:
        """How it writes comments and strings, as the kernels read it; 0 where that is not known."""
        return syntax_of(self.marks)


@cache
def languages() -> dict[str, ProgrammingLanguage]:
    """By name."""
    entries = yaml.safe_load(Path(__file__).with_name("languages.yaml").read_text("utf-8"))
    return {name: _language(name, entry) for name, entry in entries.items()}


def _language(name: str, entry: dict[str, str | list[str]]) -> ProgrammingLanguage:
    lists = {field: tuple(value) for field, value in entry.items() if isinstance(value, list)}
    return ProgrammingLanguage(name, entry["kind"], grammar=str(entry.get("grammar", "")), **({"magika": (name.lower(),)} | lists))  # type: ignore[arg-type]


def names_of_kind(*kinds: LanguageKind) -> frozenset[str]:
    """The names of the languages of some kinds."""
    return frozenset(language.name for language in languages().values() if language.kind in kinds)


@cache
def by_extension() -> dict[str, tuple[str, ...]]:
    """Ending -> the names of its languages."""
    return _index("extensions")


@cache
def by_filename() -> dict[str, tuple[str, ...]]:
    return _index("filenames")


@cache
def by_interpreter() -> dict[str, tuple[str, ...]]:
    return _index("interpreters")


@cache
def by_magika_label() -> dict[str, tuple[str, ...]]:
    return _index("magika")


def _index(field: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for language in languages().values():
        for key in getattr(language, field):
            found.setdefault(key, []).append(language.name)
    return {key: tuple(names) for key, names in found.items()}

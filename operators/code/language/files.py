"""The languages of the files of a batch, as rules ask for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import compress
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from operators.code.language.identification import language_by_first_line, language_by_signs, listed_under, name_of_file
from operators.code.language.languages import languages
from operators.engine.batch import Mask

FileNames: TypeAlias = Sequence[str]
"""The last parts of paths, in lower case; "" where there is none."""


class FileLanguages:
    """Linguist's name of the language of each file, or "": the names that occur, and the place among them of each file's."""

    def __init__(self, known: Sequence[str], places: np.ndarray[Any, np.dtype[np.intp]]) -> None:
        self._known, self._places = known, places

    @classmethod
    def of(cls, names: Iterable[str]) -> FileLanguages:
        known: dict[str, int] = {}
        places = np.array([known.setdefault(name, len(known)) for name in names], np.intp)
        return cls(tuple(known), places)

    @property
    def names(self) -> list[str]:
        return [self._known[place] for place in self._places.tolist()]

    def __len__(self) -> int:
        return len(self._places)

    def filter(self, mask: Mask) -> FileLanguages:
        return FileLanguages(self._known, self._places[mask])

    def among(self, wanted: Collection[str]) -> Mask:
        """True for the files in some languages."""
        return self._of_each([name in wanted for name in self._known], np.bool_)

    def syntax(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How each writes comments and strings (`operators.kernels.source_syntax`); 0 where that is not known."""
        return self._of_each([_syntax().get(name, 0) for name in self._known], np.int64)

    def _of_each(self, values: Sequence[Any], dtype: type) -> np.ndarray[Any, Any]:
        """For each file what is said of its language."""
        each: np.ndarray[Any, Any] = np.array(values, dtype)[self._places]
        return each


class SourceFiles:
    """Name and language of each file of a batch. The language is that of the column of languages where it says one, else that of the name or of the
    first line."""

    def __init__(self, names: FileNames, languages: FileLanguages) -> None:
        self.names, self.languages = names, languages

    @classmethod
    def of(cls, text: pa.Array, paths: pa.Array | None, given: pa.Array | None) -> SourceFiles:
        names = [name_of_file(path) if path else "" for path in paths.to_pylist()] if paths is not None else [""] * len(text)
        spoken = given.to_pylist() if given is not None else [None] * len(text)
        found = (language or _language_of(names[row], text, row) or "" for row, language in enumerate(spoken))
        return cls(names, FileLanguages.of(found))

    def filter(self, mask: Mask) -> SourceFiles:
        return SourceFiles(list(compress(self.names, mask.tolist())), self.languages.filter(mask))


@cache
def _syntax() -> dict[str, int]:
    return {name: language.syntax for name, language in languages().items()}


def _language_of(name: str, texts: pa.Array, row: int) -> str | None:
    """The text is only read where the name does not say enough."""
    listed = listed_under(name)
    if len(listed) == 1:
        return listed[0]
    content = texts[row].as_py() or ""
    return language_by_signs(name, content, listed) if listed else language_by_first_line(content)

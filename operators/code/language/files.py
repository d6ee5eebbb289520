"""The languages of the files of a batch, as rules ask for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from operators.code.language.identification import language_by_first_line, language_by_name, name_of_file
from operators.code.language.languages import languages
from operators.engine.batch import Mask

FileNames: TypeAlias = Sequence[str]
"""The last parts of paths, in lower case; "" where there is none."""


class FileLanguages:
    """Linguist's name of the language of each file, or ""."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def __len__(self) -> int:
        return len(self.names)

    def among(self, wanted: Collection[str]) -> Mask:
        """True for the files in some languages."""
        return np.fromiter((name in wanted for name in self.names), np.bool_, len(self))

    def syntax(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How each writes comments and strings (`operators.kernels.source_syntax`); 0 where that is not known."""
        return np.fromiter((_syntax().get(name, 0) for name in self.names), np.int64, len(self))


class SourceFiles:
    """Name and language of each file of a batch. The language is that of the column of languages where it says one, else that of the name or of the
    first line."""

    def __init__(self, names: FileNames, languages: FileLanguages) -> None:
        self.names, self.languages = names, languages

    @classmethod
    def of(cls, text: pa.Array, paths: pa.Array | None, given: pa.Array | None) -> SourceFiles:
        nothing = [None] * len(text)
        names, spoken = [], []
        rows = zip(text, paths.to_pylist() if paths is not None else nothing, given.to_pylist() if given is not None else nothing, strict=True)
        for content, path, language in rows:
            names.append(name_of_file(path) if path else "")
            spoken.append(language or _language_of(path, content) or "")
        return cls(names, FileLanguages(spoken))

    def filter(self, mask: Mask) -> SourceFiles:
        kept = np.flatnonzero(mask).tolist()
        return SourceFiles([self.names[row] for row in kept], FileLanguages([self.languages.names[row] for row in kept]))


@cache
def _syntax() -> dict[str, int]:
    return {name: language.syntax for name, language in languages().items()}


def _language_of(path: str | None, content: pa.Scalar) -> str | None:
    """The content is only read where the name does not say enough."""
    if path and not name_of_file(path).endswith((".h", ".m", ".pl", ".pro", ".ts")) and (language := language_by_name(path)):
        return language
    text = content.as_py() or ""
    return (language_by_name(path, text) if path else None) or language_by_first_line(text)

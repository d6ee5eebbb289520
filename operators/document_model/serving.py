"""The protocol of converters, as operators see them. Formats and libraries live in `resources.documents`.

An operator that needs one declares `needs = ("documents",)` and the field `documents: str = "documents"`; its function is given the serving as the
argument `documents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from operators.document_model.conversion import Conversion, Source


@runtime_checkable
class DocumentServing(Protocol):
    """Converts files of many formats. Whatever a file does, its conversion ends within the limits and harms no other."""

    def convert(self, source: Source) -> Conversion:
        """The document, or why there is none. Raises nothing for what is wrong with the file."""
        ...

    def convert_all(self, sources: Iterable[Source]) -> Iterator[Conversion]:
        """The same for many, several at once, in their order. An unchanged file is not converted again."""
        ...

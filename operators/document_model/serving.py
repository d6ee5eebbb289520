"""The protocol of converters, as operators see them. Formats and libraries live in `resources.documents`.

An operator that needs one declares `needs = ("documents",)` and the field `documents: str = "documents"`; its function is given the serving as the
argument `documents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from operators.document_model.conversion import Conversion, Source
from operators.document_model.pictures import PictureForm, PictureResult


@runtime_checkable
class DocumentServing(Protocol):
    """Converts files of many formats. Whatever a file does, its conversion ends within the limits and harms no other."""

    def convert(self, source: Source) -> Conversion:
        """The document, or why there is none. Raises nothing for what is wrong with the file."""
        ...

    def convert_all(self, sources: Iterable[Source]) -> Iterator[Conversion]:
        """The same for many, several at once, in their order. An unchanged file is not converted again."""
        ...

    def pictures(self, source: Source, targets: Sequence[str], form: PictureForm) -> list[PictureResult]:
        """For each target of a figure, or place of a page (`operators.document_model.pictures`), its picture, or why there is none, in order.

        All of them together end within the limits of one conversion: what is not done then says so. Nothing is fetched from the web.
        """
        ...

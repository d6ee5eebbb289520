"""How pictures are taken from documents, for the operators that do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import Field

from operators.core.operator import Operator
from operators.document_model.conversion import NotConverted, Source
from operators.document_model.pictures import PictureForm, PictureResult
from operators.document_model.serving import DocumentServing

_AT_ONCE: Final = 64
"""Pictures of one document that are asked for together: as many are in memory."""


class CutsPictures(Operator, abstract=True):
    """Takes pictures from documents: places of PDF pages are drawn, files of other formats are taken as they are."""

    needs = ("documents",)

    documents: str = Field("documents", description="The resource that gives the pictures.")
    dots_per_inch: int = Field(150, ge=36, le=600, description="How finely places of PDF pages are drawn.")
    margin: float = Field(4.0, ge=0, le=72, description="Points around a place, for lines and letters that reach over its edge.")
    max_megapixels: float = Field(2.0, gt=0, le=50, description="Largest picture that is drawn, in millions of pixels; others are drawn coarser.")
    max_megabytes: float = Field(20.0, gt=0, le=200, description="Largest file of a picture that is taken, in millions of bytes.")

    @property
    def form(self) -> PictureForm:
        return PictureForm(self.dots_per_inch, self.margin, int(self.max_megapixels * 1e6), int(self.max_megabytes * 1e6))

    def cut(self, serving: DocumentServing, source: Source, targets: Sequence[str]) -> Iterator[PictureResult]:
        """The pictures of one document, in order. One that takes too long is not asked again: its further pictures have the same reason."""
        slow: NotConverted | None = None
        for start in range(0, len(targets), _AT_ONCE):
            some = targets[start : start + _AT_ONCE]
            found: Sequence[PictureResult] = [slow] * len(some) if slow is not None else serving.pictures(source, some, self.form)
            yield from found
            slow = slow or next((one for one in found if isinstance(one, NotConverted) and one.cause == "time limit"), None)

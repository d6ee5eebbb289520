"""What is asked of a converter, and what it comes to: a document, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from operators.document_model.document import Document

Cause: TypeAlias = Literal[
    "not allowed",
    "not found",
    "not a file",
    "not fetched",
    "empty",
    "unknown format",
    "encrypted",
    "damaged",
    "refused",
    "no text layer",
    "not installed",
    "size limit",
    "page limit",
    "time limit",
    "memory limit",
]
"""not allowed: a path outside the folders of the resource. not fetched: an address that must not be fetched, or gives nothing. damaged: the file
breaks the rules of its format. refused: it is made to do harm (archives that unpack to a thousand times their size, XML that defines entities)."""

NOTHING_FOUND_OUT: Final[tuple[Cause, ...]] = ("not installed",)
"""Causes that say nothing of the document: another run may convert it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file: by its bytes, its path below an allowed folder, or its address (http, https).

    Where `content` is given, `path` is only its name.
    """

    path: str = ""
    content: bytes | None = None

    @property
    def is_address(self) -> bool:
        return self.content is None and self.path.lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class NotConverted:
    cause: Cause
    message: str

    def __str__(self) -> str:
        return f"{self.cause}: {self.message}"


Conversion: TypeAlias = Document | NotConverted

"""Why a conversion ends without a document, as an exception of converters."""

from __future__ import annotations

from operators.document_model.conversion import Cause


class Stopped(Exception):
    """Raised by converters and by what reads files for them."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause: Cause = cause

"""What is looked at before a file is given to a library that reads it by itself."""

from __future__ import annotations

from typing import Final

from resources.documents.archives import open_archive, refuse_declarations
from resources.documents.options import Options

_OFFICE: Final = ("docx", "pptx", "xlsx")


def refuse(content: bytes, kind: str, options: Options) -> None:
    """Raises Stopped: it is damaged, has a password or too many pages, or is made to do harm."""
    if kind == "pdf":
        from resources.documents.converters.pdf import open_pdf

        open_pdf(content, options).close()
    elif kind in _OFFICE:
        with open_archive(content, options) as archive:
            refuse_declarations(archive)
    elif kind == "epub":
        from resources.documents.converters.epub import refuse_protected

        with open_archive(content, options) as archive:
            refuse_protected(archive)

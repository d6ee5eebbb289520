"""Pictures that are files beside a text (HTML, Markdown, reStructuredText), or stand in it as data."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from operators.document_model.conversion import NotConverted, Source
from operators.document_model.pictures import PictureForm, PictureResult
from resources.documents.files import read_file, real_path
from resources.documents.pictures.of_archive import picture_of
from resources.documents.stopped import Stopped

_DATA: Final = "data:"


def picture_beside(source: Source, target: str, roots: Sequence[Path], form: PictureForm) -> PictureResult:
    """The file that a text names, which has to lie below the folder of the text, links followed. Nothing is fetched."""
    if target.startswith(_DATA):
        return _of_data(target, form)
    try:
        name = urlsplit(target)
    except ValueError:
        return NotConverted("not found", f'"{target[:200]}" is no name of a file')
    if name.scheme or name.netloc or source.is_address:
        return NotConverted("not fetched", "pictures of the web are not fetched")
    if source.content is not None:
        return NotConverted("not found", "the document came as bytes, and no file lies beside it")
    try:
        folder = real_path(source.path, roots).parent
        file = real_path(str(folder / unquote(name.path)), roots)
        if not file.is_relative_to(folder):
            return NotConverted("not allowed", f"{target} lies outside the folder of its document")
        return picture_of(read_file(str(file), roots, form.most_bytes))
    except Stopped as stopped:
        return NotConverted(stopped.cause, str(stopped))


def _of_data(target: str, form: PictureForm) -> PictureResult:
    if len(target) > form.most_bytes * 4 // 3 + 100:
        return NotConverted("size limit", f"it has more than the {form.most_bytes:,} bytes that are allowed")
    try:
        return picture_of(base64.b64decode(target.partition(";base64,")[2], validate=True))
    except binascii.Error:
        return NotConverted("damaged", "its data are no base64")

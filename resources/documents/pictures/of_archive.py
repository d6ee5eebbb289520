"""Pictures that are parts of an archive: DOCX, PPTX, EPUB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from operators.asking.media import PICTURE_KINDS, picture_kind
from operators.document_model.conversion import NotConverted
from operators.document_model.pictures import Picture, PictureForm, PictureResult
from resources.documents.archives import open_archive, read_part
from resources.documents.options import Options
from resources.documents.stopped import Stopped


def pictures(content: bytes, targets: Sequence[str], form: PictureForm, options: Options) -> Iterator[PictureResult]:
    """The parts of these names, in their order. Raises Stopped: the archive cannot be opened."""
    with open_archive(content, options) as archive:
        known = {"".join(name.split()): name for name in archive.namelist()}  # the target of a figure has no spaces
        for target in targets:
            part = archive.NameToInfo.get(known.get(target) or unquote(target))
            if part is None:
                yield NotConverted("not found", f'the file has no part "{target[:200]}"')
            elif part.file_size > form.most_bytes:
                yield NotConverted("size limit", f"it has {part.file_size:,} bytes, and {form.most_bytes:,} are allowed")
            else:
                try:
                    yield picture_of(read_part(archive, part.filename))
                except Stopped as stopped:
                    yield NotConverted(stopped.cause, str(stopped))


def picture_of(content: bytes) -> PictureResult:
    """The picture that these bytes are, if models take its kind."""
    if picture_kind(content) is None:
        return NotConverted("unknown format", f"it is none of {', '.join(PICTURE_KINDS)}, which models take")
    return Picture(content)

"""Archives of parts (DOCX, PPTX, XLSX, EPUB): what they are, and whether unpacking them does harm."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final

from resources.documents.options import Options
from resources.documents.stopped import Stopped

MOST_PARTS: Final = 20_000
MOST_RATIO: Final = 300
"""Text is packed to a tenth; what is packed to less than a three hundredth was made for it. Small archives may be whatever they are."""
_SMALL: Final = 20_000_000
_DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")
_OFFICE: Final = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}


def open_archive(content: bytes, options: Options) -> zipfile.ZipFile:
    """The archive, after a look at what it would unpack to.

    Raises:
        Stopped: it is damaged, encrypted, or would become far larger than it is.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError) as error:
        raise Stopped("damaged", f"the archive cannot be opened: {error}") from None
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise Stopped("refused", f"the archive has {len(parts):,} parts, and {MOST_PARTS:,} are allowed")
    size = sum(part.file_size for part in parts)
    if size > options.unpacked_megabytes * 1_000_000:
        raise Stopped("refused", f"the archive unpacks to {size / 1e6:,.0f} MB, and {options.unpacked_megabytes:,} MB are allowed")
    if size > _SMALL and size > MOST_RATIO * len(content):
        raise Stopped("refused", f"the archive unpacks to {size // max(1, len(content)):,} times its size")
    if any(part.flag_bits & 1 for part in parts):
        raise Stopped("encrypted", "parts of the archive have a password")
    return archive


def kind_of_archive(content: bytes, options: Options) -> str:
    """ "docx", "pptx", "xlsx" or "epub". Raises Stopped: it is none of these, or see `open_archive`."""
    with open_archive(content, options) as archive:
        names = set(archive.namelist())
        if "mimetype" in names and read_part(archive, "mimetype")[:40].strip() == b"application/epub+zip":
            return "epub"
        for folder, kind in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return kind
        if "META-INF/container.xml" in names:
            return "epub"
        shown = ", ".join(sorted(names)[:3])
    raise Stopped("unknown format", f"an archive of other things ({shown}): unpack it")


def refuse_declarations(archive: zipfile.ZipFile) -> None:
    """For libraries that read an office file by themselves. Raises Stopped: a part declares entities or a document type, which none needs."""
    for part in archive.namelist():
        if part.endswith((".xml", ".rels")) and any(mark in read_part(archive, part)[:4096] for mark in _DECLARATIONS):
            raise Stopped("refused", f"{part} declares entities or a document type")


def read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """One part. Raises Stopped: it is not there, or damaged."""
    try:
        with archive.open(name) as part:
            size = archive.getinfo(name).file_size
            content = part.read(size + 1)
    except KeyError:
        raise Stopped("damaged", f"the archive has no part {name}") from None
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Stopped("damaged", f"the part {name} cannot be read: {error}") from None
    if len(content) > size:
        raise Stopped("refused", f"the part {name} is larger than the archive says")
    return content

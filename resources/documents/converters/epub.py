"""Books: the chapters of an EPUB in the order of its spine, each read as HTML."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import Final
from urllib.parse import unquote
from xml.etree import ElementTree
from zipfile import ZipFile

from operators.bases.html.xhtml import as_html
from operators.document_model.blocks import Block, one_line
from operators.document_model.document import Document
from resources.documents.archives import open_archive, read_part
from resources.documents.converters.html import blocks_of_html
from resources.documents.converters.xml_parts import attribute, local, parse_xml
from resources.documents.encodings import decode
from resources.documents.options import Options
from resources.documents.stopped import Stopped

_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^\[>]*>")
"""A document type without declarations of its own does no harm, and old books have one."""
_ENCRYPTION: Final = "META-INF/encryption.xml"
_PAGES: Final = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    from selectolax.lexbor import LexborHTMLParser

    with open_archive(content, options) as archive:
        path = _package(archive)
        package = _parsed(archive, path)
        refuse_protected(archive)
        chapters = _spine(package, posixpath.dirname(path))
        if len(chapters) > options.pages:
            raise Stopped("page limit", f"it has {len(chapters):,} chapters, and {options.pages:,} are allowed")
        blocks: list[Block] = []
        missing = []
        for chapter in chapters:
            if chapter not in archive.NameToInfo:
                missing.append(chapter)
                continue
            blocks += (
                _in_book(block, chapter) for block in blocks_of_html(LexborHTMLParser(as_html(decode(read_part(archive, chapter)))), True, chapter)
            )
        notes = (f"chapters that are not in the book: {', '.join(missing[:5])}",) if missing else ()
        return Document.of(blocks, title=_title(package), notes=notes)


def refuse_protected(archive: ZipFile) -> None:
    """Raises Stopped: the chapters are encrypted. Fonts may be."""
    if _ENCRYPTION in archive.namelist() and b"font" not in read_part(archive, _ENCRYPTION).lower():
        raise Stopped("encrypted", f"the book is protected ({_ENCRYPTION})")


def _in_book(block: Block, chapter: str) -> Block:
    """A picture is named by its part of the book, escaped as in the chapter, and no longer from the chapter."""
    if block.kind != "figure" or ":" in block.target:
        return block
    return replace(block, target=posixpath.normpath(posixpath.join(posixpath.dirname(chapter), block.target)))


def _parsed(archive: ZipFile, path: str) -> ElementTree.Element:
    return parse_xml(_DOCTYPE.sub(b"", read_part(archive, path)), path)


def _package(archive: ZipFile) -> str:
    """The path of the file that names all others."""
    container = _parsed(archive, "META-INF/container.xml")
    for element in container.iter():
        if local(element) == "rootfile" and (path := attribute(element, "full-path")):
            return path
    raise Stopped("damaged", "META-INF/container.xml names no package")


def _spine(package: ElementTree.Element, folder: str) -> list[str]:
    """Paths of the chapters in reading order, without the table of contents; paths that lead out of the archive are in it under no name."""
    files = {}
    for element in package.iter():
        if local(element) == "item" and attribute(element, "media-type") in _PAGES and "nav" not in attribute(element, "properties").split():
            files[attribute(element, "id")] = posixpath.normpath(posixpath.join(folder, unquote(attribute(element, "href").partition("#")[0])))
    spine = [attribute(element, "idref") for element in package.iter() if local(element) == "itemref"]
    return list(dict.fromkeys(files[name] for name in spine if name in files)) or list(files.values())


def _title(package: ElementTree.Element) -> str:
    return next((one_line(element.text or "") for element in package.iter() if local(element) == "title" and (element.text or "").strip()), "")

"""Which format a file has, told by its bytes. Among texts, which differ by habit only, the name may decide."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from operators.bases.html.tags import is_document
from resources.documents.encodings import decode, looks_like_text
from resources.documents.stopped import Stopped

_PICTURES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"BM")
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY: Final = {
    b"{\\rtf": "RTF: save it as DOCX",
    b"\x1f\x8b": "a gzip archive: unpack it",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"Rar!": "a RAR archive: unpack it",
    b"BZh": "a bzip2 archive: unpack it",
    b"\xfd7zXZ": "an xz archive: unpack it",
    b"\x28\xb5\x2f\xfd": "a zstd archive: unpack it",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"PAR1": "a Parquet table: read it as a source",
    b"SQLite format 3\0": "a database: read it as a source",
    b"%!PS": "PostScript: convert it to PDF",
}
_BY_SUFFIX: Final = {".md": "markdown", ".markdown": "markdown", ".mdx": "markdown", ".rst": "rst", ".csv": "csv", ".tsv": "csv"}
_MARKDOWN: Final = re.compile(r"^(?:#{1,6} \S|```|[-*+] \[[ x]\] |\|?[ \t]*:?-{3,}:?[ \t]*\|)|\]\(https?://", re.MULTILINE)
_RST: Final = re.compile(r"^\.\. [\w-]+::|^:\w+: |^\.\. _[\w -]+:|::\n\n[ \t]+\S|:\w+:`[^`\n]+`", re.MULTILINE)
_RST_TITLE: Final = re.compile(r"^(\S[^\n]{2,})\n([=~^\"'*+#-])\2{2,}\n", re.MULTILINE)
_MAIL: Final = re.compile(rb"(?:From [^\r\n]+\r?\n)?(?:[A-Za-z][A-Za-z0-9-]*+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*+){2,}+\r?\n")
_IN_MIME: Final = re.compile(
    rb"^(?:Content-Transfer-Encoding:[ \t]*(?:base64|quoted-printable)|Content-Type:[ \t]*multipart/)", re.IGNORECASE | re.MULTILINE
)
_LOOKED_AT: Final = 20_000
TEXTS: Final = frozenset(("html", "xml", "markdown", "rst", "csv", "text"))
"""Formats whose bytes are a text in some encoding."""


def kind_of(content: bytes, name: str = "") -> str:
    """One of `registry.KINDS`, or "zip" for archives, whose parts say what they are.

    Raises:
        Stopped: the file is empty, or of a format that nobody reads.
    """
    if not content.strip(b"\0\t\n\r \xef\xbb\xbf"):
        raise Stopped("empty", "the file holds nothing")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if content.startswith(_PICTURES) or (content.startswith(b"RIFF") and content[8:12] == b"WEBP"):
        return "image"
    if content.startswith(_OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Stopped("encrypted", "the office file has a password")
        raise Stopped("unknown format", "an office file of before 2007 (.doc, .xls, .ppt): save it as .docx, .xlsx or .pptx")
    for start, what in _BINARY.items():
        if content.startswith(start):
            raise Stopped("unknown format", what)
    if not looks_like_text(content):
        raise Stopped("unknown format", f"it begins with {content[:8]!r} and is no text")
    if _MAIL.match(content) and _IN_MIME.search(content[:_LOOKED_AT]):
        raise Stopped("unknown format", "a mail or web archive in MIME: save its text, and what is attached to it, as files")
    return kind_of_text(decode(content[:_LOOKED_AT]), name)


def kind_of_text(text: str, name: str = "") -> str:
    """The format of a text, from its first characters."""
    start = text.lstrip("\ufeff \t\r\n")
    if is_document(start):
        return "html"
    if start.startswith("<?xml"):
        return "html" if "<html" in start[:2000] else "xml"
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if suffix in (".html", ".htm", ".xhtml") and re.search(r"<[a-zA-Z][^<>]*>", start):
        return "html"
    if _RST.search(text) and (_RST_TITLE.search(text) or len(_RST.findall(text)) > 1):
        return "rst"
    if len(_MARKDOWN.findall(text)) >= 2:
        return "markdown"
    return "text"

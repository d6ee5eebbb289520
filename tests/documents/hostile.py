"""Files that are broken or made to do harm, and what may become of each."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.documents.made_pdfs import prose, sentences

CONVERTED = "converted"
SECRET = "root:"
"""What stands in /etc/passwd, and must stand in no document."""

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]>"
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
FORM_OF_ITSELF = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

NOTES_OUTSIDE = (
    f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r9" Type="{OFFICE}/footnotes" Target="file:///etc/passwd" TargetMode="External"/>'
    "</Relationships>"
)


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def docx(body: str, before: str = "", **more: str) -> bytes:
    document = f'<?xml version="1.0"?>{before}<w:document xmlns:w="{WORD}" xmlns:r="{OFFICE}"><w:body>{body}</w:body></w:document>'
    root = f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    return archive({"[Content_Types].xml": "<Types/>", "_rels/.rels": root, "word/document.xml": document, **more})


def word_paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(before: str, text: str) -> bytes:
    import openpyxl

    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "harbour"
    book.save(buffer)
    with zipfile.ZipFile(buffer) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    shared = f'<?xml version="1.0"?>{before}<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'
    return archive({**parts, "xl/sharedStrings.xml": shared})


def epub(chapter: str, href: str = "c.xhtml", **more: str) -> bytes:
    container = '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>'
    item = f'<item id="c" href="{href}" media-type="application/xhtml+xml"/><item id="d" href="d.xhtml" media-type="application/xhtml+xml"/>'
    package = f'<package><manifest>{item}</manifest><spine><itemref idref="c"/><itemref idref="d"/></spine></package>'
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "p.opf": package}
    return archive({**parts, "c.xhtml": chapter, "d.xhtml": "<html><body><p>The last chapter.</p></body></html>", **more})


def pdf(*objects: str | bytes, header: bytes = b"%PDF-1.7\n") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    made, places = header, []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + (content if isinstance(content, bytes) else content.encode()) + b"\nendobj\n"
    table = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n" + "".join(f"{place:010} 00000 n \n" for place in places)
    return made + f"{table}trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF".encode()


def stream(content: bytes, extra: str = "") -> bytes:
    packed = zlib.compress(content, 9)
    return f"<< /Length {len(packed)} /Filter /FlateDecode {extra} >>\nstream\n".encode() + packed + b"\nendstream"


def page_of(content: bytes, resources: str = "", *more: str | bytes) -> bytes:
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << {resources} >> >>"
    return pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, content, *more)


def locked(user: str, owner: str) -> bytes:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption(user, owner))
    canvas.drawString(60, 700, sentences(1, 1)[0])
    canvas.save()
    return buffer.getvalue()


def lying_archive() -> bytes:
    """The archive says that its part has five bytes; it has a million."""
    made = bytearray(docx(word_paragraph("harbour " * 120_000)))
    with zipfile.ZipFile(io.BytesIO(made)) as whole:
        size = whole.getinfo("word/document.xml").file_size
    return bytes(made).replace(struct.pack("<L", size), struct.pack("<L", 5))


def picture(width: int, height: int) -> bytes:
    """A PNG that says that it is so large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def scan() -> bytes:
    image = stream(b"\x80" * (100 * 100), "/Type /XObject /Subtype /Image /Width 100 /Height 100 /ColorSpace /DeviceGray /BitsPerComponent 8")
    return page_of(stream(b"600 0 0 800 0 0 cm /I Do"), "/XObject << /I 5 0 R >>", image)


def encrypted_zip() -> bytes:
    made = bytearray(docx(word_paragraph("harbour")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := made.find(mark, at + 1)) >= 0:
            made[at + place] |= 1
    return bytes(made)


GOOD_PDF = prose(1, seed=9)[0]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600

CONTENTS: Mapping[str, tuple[Callable[[], bytes] | bytes, tuple[str, ...]]] = {
    "nothing.pdf": (b"", ("empty",)),
    "zeros.docx": (b"\0" * 5000, ("empty",)),
    "blanks.txt": (b" \n\t\n" * 1000, ("empty",)),
    "noise.pdf": (lambda: random.Random(1).randbytes(20_000), ("unknown format",)),
    "program.txt": (b"\x7fELF" + b"\1" * 500, ("unknown format",)),
    "packed.pdf": (b"\x1f\x8b\x08" + b"x" * 500, ("unknown format",)),
    "page.pdf": (b"<!doctype html><body><p>The harbour is small.</p>", (CONVERTED,)),
    "letter.docx": (GOOD_PDF, (CONVERTED,)),
    "paper.txt": (lambda: docx(word_paragraph("The harbour is small.")), (CONVERTED,)),
    "latin.txt": ("Der Hafen ist schön, und die Brücke über den Fluß alt.".encode("latin-1"), (CONVERTED,)),
    "wide.txt": ("The harbour is small.".encode("utf-16-le"), (CONVERTED,)),
    "deep.html": (b"<!doctype html>" + b"<div>" * 20_000 + b"The harbour", (CONVERTED, "time limit", "memory limit")),
    "tables.html": (b"<!doctype html>" + b"<table><tr><td>" * 5_000 + b"The harbour", (CONVERTED, "time limit", "memory limit")),
    "angles.html": (b"<!doctype html><p>harbour" + b"<" * 300_000, (CONVERTED,)),
    "lists.md": (b"".join(b" " * (2 * at % 400) + b"- item\n" for at in range(20_000)), (CONVERTED,)),
    "brackets.md": (b"![" * 100_000 + b"\n\n" + b"[^" * 100_000 + b"\n\n" + b"|" * 100_000, (CONVERTED,)),
    "deep.rst": (b"A title\n=======\n\n.. note::\n" + b"".join(b" " * at + b"word\n\n" for at in range(2, 900)), (CONVERTED,)),
    "laughs.xml": (f'<?xml version="1.0"?>{LAUGHS}<x>harbour &i;</x>'.encode(), (CONVERTED, "refused")),
    "outside.xml": (f'<?xml version="1.0"?>{OUTSIDE}<x>harbour &e;</x>'.encode(), (CONVERTED, "refused")),
    "packed.eml": (b"From: a@b.c\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=", ("unknown format",)),
    "blank.md": (b"A harbour" + b"\n" * 500_000 + b"x", (CONVERTED,)),
    "plain.eml": (b"From: a@b.c\nSubject: ships\nContent-Type: text/plain\n\nThe harbour is small.", (CONVERTED,)),
    "half.pdf": (GOOD_PDF[: len(GOOD_PDF) // 2], (CONVERTED, "damaged", "empty")),
    "header.pdf": (b"%PDF-1.7\n", ("damaged",)),
    "locked.pdf": (lambda: locked("secret", "owner"), ("encrypted",)),
    "open.pdf": (lambda: locked("", "owner"), (CONVERTED,)),
    "circle.pdf": (pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"), ("damaged", "empty")),
    "endless.pdf": (
        pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 900000000 >>", "<< /Type /Page >>"),
        ("page limit", "damaged", "empty"),
    ),
    "thick.pdf": (
        pdf("<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{'3 0 R ' * 400}] /Count 400 >>", "<< /Type /Page /MediaBox [0 0 9 9] >>"),
        ("page limit",),
    ),
    "scan.pdf": (scan, ("no text layer",)),
    "bomb.pdf": (lambda: page_of(stream(b"1 0 0 1 0 0 cm " * 12_000_000)), ("memory limit", "time limit", "damaged", "empty")),
    "junk.pdf": (b"x" * 300 + GOOD_PDF, (CONVERTED,)),
    "mirror.pdf": (
        lambda: page_of(stream(b"/F Do"), "/XObject << /F 5 0 R >>", stream(b"/F Do", FORM_OF_ITSELF)),
        ("damaged", "empty"),
    ),
    "bomb.docx": (lambda: docx(word_paragraph("0" * 60_000_000)), ("refused",)),
    "crowd.docx": (lambda: archive({f"word/{at}.xml": "" for at in range(20_001)}), ("refused",)),
    "liar.docx": (lying_archive, ("damaged", "refused")),
    "half.docx": (lambda: docx(word_paragraph("harbour"))[:300], ("damaged",)),
    "laughs.docx": (lambda: docx(word_paragraph("&i;"), LAUGHS), ("refused",)),
    "outside.docx": (lambda: docx(word_paragraph("&e;"), OUTSIDE), ("refused",)),
    "deep.docx": (lambda: docx("<w:sdt>" * 50_000 + "</w:sdt>" * 50_000), ("refused",)),
    "link.docx": (
        lambda: docx(word_paragraph("The harbour is small."), **{"word/_rels/document.xml.rels": NOTES_OUTSIDE}),
        (CONVERTED,),
    ),
    "secret.docx": (OLE + "EncryptedPackage".encode("utf-16-le"), ("encrypted",)),
    "old.doc": (OLE, ("unknown format",)),
    "things.zip": (lambda: archive({"a.txt": "harbour"}), ("unknown format",)),
    "locked.docx": (encrypted_zip, ("encrypted",)),
    "outside.epub": (lambda: epub("<p>x</p>", "../../../../etc/passwd"), (CONVERTED,)),
    "protected.epub": (lambda: epub("<p>x</p>", **{"META-INF/encryption.xml": "<encryption>AES</encryption>"}), ("encrypted",)),
    "laughs.xlsx": (lambda: xlsx(LAUGHS, "&i;"), ("refused",)),
    "huge.png": (picture(60_000, 60_000), ("no text layer", "not installed")),
}  # fmt: skip
"""Name of a file -> its bytes, and the verdicts that are right."""


def place_odd_files(folder: Path) -> dict[str, tuple[str, ...]]:
    """Paths that are no ordinary files below the folder -> the verdicts that are right."""
    (folder / "a folder.pdf").mkdir()
    os.mkfifo(folder / "pipe.pdf")
    (folder / "link.pdf").symlink_to("/etc/passwd")
    (folder / "zero.pdf").symlink_to("/dev/zero")
    (folder / "loop.pdf").symlink_to(folder / "loop.pdf")
    with (folder / "giant.pdf").open("wb") as giant:
        giant.truncate(3_000_000_000)
    return {
        "a folder.pdf": ("not a file",),
        "pipe.pdf": ("not a file",),
        "link.pdf": ("not allowed",),
        "zero.pdf": ("not allowed",),
        "loop.pdf": ("not found", "not allowed"),
        "giant.pdf": ("size limit",),
        "../../../../../../etc/passwd": ("not allowed",),
        "/etc/passwd": ("not allowed",),
        "file:///etc/passwd": ("not found",),
        "missing.pdf": ("not found",),
        "x" * 5000: ("not found",),
        "a\0b.pdf": ("not found",),
        "http://127.0.0.1/x.pdf": ("not fetched",),
    }

"""What a web server answered, as text: status, type, and the body without its encodings, decoded with the charset that is declared."""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass

from operators.tables.files.errors import BadLine
from operators.tables.files.warc.records import parse_headers

MAX_BODY_BYTES = 256 << 20
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_META_WITHIN = 4096
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What browsers take these names for (WHATWG Encoding Standard, section 4.2)
_AS_BROWSERS_DO = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_TEXT_TYPES = ("text/", "application/xhtml", "application/xml", "application/json", "application/javascript")


@dataclass(frozen=True, slots=True)
class Page:
    """`text` is None for what is no text, such as an image. `charset` is the one that the text was decoded with."""

    status: int | None
    content_type: str
    charset: str | None
    text: str | None


def page_of_response(content: bytes) -> Page:
    """The page in an HTTP response with its status line and headers. Raises BadLine: no response, a broken encoding, not of the charset."""
    match = re.match(rb"HTTP/\d(?:\.\d)? +(\d{3})[^\n]*\n", content)
    end = re.search(rb"\r?\n\r?\n", content)
    if match is None or end is None:
        raise BadLine("holds no HTTP response")
    headers, _ = parse_headers(content[match.end() : end.start()].split(b"\n"))
    kind, _, _ = headers.get("content-type", "").partition(";")
    if kind and not kind.strip().lower().startswith(_TEXT_TYPES):
        return Page(int(match[1]), kind.strip().lower(), None, None)
    body = _without_encodings(content[end.end() :], headers)
    charset = charset_of(headers.get("content-type", ""), body)
    return Page(int(match[1]), kind.strip().lower(), charset, decoded(body, charset))


def decoded(body: bytes, charset: str) -> str:
    """Raises BadLine for bytes that are not of the charset: replaced, they would be lost."""
    try:
        return body.decode(_AS_BROWSERS_DO.get(charset.lower(), charset))
    except UnicodeDecodeError as error:
        raise BadLine(f"its bytes are not {charset}: {error.reason} at byte {error.start + 1} of the body") from None
    except (LookupError, ValueError):
        raise BadLine(f'declares the charset "{charset}", which is not known') from None


def charset_of(content_type: str, body: bytes) -> str:
    """The charset of a mark at the beginning, of the header, of the page's own head, or UTF-8, in this order, as browsers do."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    if declared := _CHARSET.search(content_type):
        return declared[1]
    if written := _META_CHARSET.search(body[:_META_WITHIN]):
        return written[1].decode("ascii")
    return "utf-8"


def _without_encodings(body: bytes, headers: dict[str, str]) -> bytes:
    """Many archives store bodies decoded and keep the headers: an encoding is undone only where the bytes are in it."""
    if "chunked" in headers.get("transfer-encoding", "").lower() and re.match(rb"[0-9A-Fa-f]+[^\n]{0,100}\n", body):
        body = _without_chunks(body)
    if headers.get("content-encoding", "").lower() in ("gzip", "x-gzip") and body.startswith(b"\x1f\x8b"):
        return _inflated(body, 31)
    if headers.get("content-encoding", "").lower() == "deflate" and body[:1] == b"\x78":
        return _inflated(body, 15)
    return body


def _without_chunks(body: bytes) -> bytes:
    parts: list[bytes] = []
    place = 0
    while match := re.compile(rb"([0-9A-Fa-f]+)[^\n]{0,100}\n").match(body, place):
        length = int(match[1], 16)
        if not length:
            return b"".join(parts)
        part = body[match.end() : match.end() + length]
        if len(part) < length:
            break
        parts.append(part)
        place = match.end() + length + (2 if body[match.end() + length :].startswith(b"\r\n") else 1)
    if not parts:
        return body  # it only looked like chunks
    raise BadLine("its chunks (Transfer-Encoding) are broken")


def _inflated(body: bytes, kind: int) -> bytes:
    stream = zlib.decompressobj(kind)
    try:
        found = stream.decompress(body, MAX_BODY_BYTES)
    except zlib.error as error:
        raise BadLine(f"its compressed body (Content-Encoding) is damaged ({error})") from None
    if not stream.eof:
        raise BadLine("its compressed body (Content-Encoding) is cut off, or too large")
    return found

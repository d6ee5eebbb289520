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
AS_BROWSERS_DO = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "latin5": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jis_2004",
    "x-euc-jp": "euc_jis_2004",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}
"""What browsers take these names for, which have more characters (WHATWG Encoding Standard, section 4.2); EUC-JP by its nearest codec of Python."""
_WIDE = re.compile(r"utf-?_?(16|32).*|ucs-?[24].*|iso-10646-ucs-2|(cs)?unicode(fffe|feff)?", re.IGNORECASE)
_OF_PYTHON_ONLY = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})
"""Python decodes by these names, and browsers do not: they would change texts that are nothing of the kind."""
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(;[^\r\n]{0,4096})?(\r?\n)")
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_TRAILERS = re.compile(rb"(?:[A-Za-z0-9_-]+:[^\n]*\n)*+\s*+")
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 16
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
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
        codec = codecs.lookup(AS_BROWSERS_DO.get(charset.lower(), charset)).name
        if codec.replace("_", "-") in _OF_PYTHON_ONLY:
            raise LookupError(codec)
        return body.decode(codec)
    except UnicodeDecodeError as error:
        raise BadLine(f"its bytes are not {charset}: {error.reason} at byte {error.start + 1} of the body") from None
    except (LookupError, ValueError):
        raise BadLine(f'declares the charset "{charset}", which is not known') from None


def charset_of(content_type: str, body: bytes) -> str:
    """The charset of a mark at the beginning, of the header, of the page's own head, or UTF-8, in this order, as browsers do.

    A page whose head can be read is not in UTF-16, whatever that head says; nor is one of nothing but ASCII.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    if declared := _CHARSET.search(content_type):
        return "utf-8" if _WIDE.fullmatch(declared[1]) and body.isascii() and b"\0" not in body else declared[1]
    if written := _META_CHARSET.search(body[:_META_WITHIN]):
        name = written[1].decode("ascii")
        if name.lower() == "x-user-defined":
            return "windows-1252"
        return "utf-8" if _WIDE.fullmatch(name) else name
    return "utf-8"


def _without_encodings(body: bytes, headers: dict[str, str]) -> bytes:
    """Many archives store bodies decoded and keep the headers: an encoding is undone only where the bytes are in it."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _without_chunks(body)
    for encoding in reversed(headers.get("content-encoding", "").lower().split(",")):
        if encoding.strip() in ("gzip", "x-gzip") and body.startswith(_GZIP):
            body = _gunzipped(body)
        elif encoding.strip() == "deflate" and body.startswith(_ZLIB):
            body, _ = _inflated(body, 15, MAX_BODY_BYTES)
    return body


def _without_chunks(body: bytes) -> bytes:
    """The content of the chunks (RFC 9112, section 7.1), or the body as it is where it was taken out of them before.

    Raises BadLine: it begins like a chunk, and is not in whole chunks to its end.
    """
    first = _CHUNK_SIZE.match(body)
    if first is None:
        return body
    line_end, parts = first[3], list[bytes]()
    size: re.Match[bytes] | None = first
    while size and (length := int(size[1], 16)):
        end = size.end() + length
        if not body.startswith(line_end, end):
            break
        parts.append(body[size.end() : end])
        size = _CHUNK_SIZE.match(body, end + len(line_end))
    else:
        rest = body[size.end() :] if size else b"cut"
        if _TRAILERS.fullmatch(rest) if parts else rest in (b"\r\n", b"\n"):
            return b"".join(parts)
    # a text may begin with a number as well: servers end the size of a chunk with both marks, and what may stand behind it is an assignment
    is_text = line_end == b"\n" or not int(first[1], 16) or (first[2] and b"=" not in first[2])
    ends_elsewhere = not parts and first.end() + int(first[1], 16) < len(body) and not body.endswith(_LAST_CHUNK)
    if is_text or ends_elsewhere:
        return body
    raise BadLine("its chunks (Transfer-Encoding) are cut or broken")


def _gunzipped(body: bytes) -> bytes:
    """The content of all members; zeros and other bytes behind them are no content."""
    parts: list[bytes] = []
    room, at = MAX_BODY_BYTES, 0
    while body.startswith(_GZIP, at):
        part, at = _member(body, at, room)
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _member(body: bytes, at: int, most: int) -> tuple[bytes, int]:
    """The content of the member that begins there, and where it ends. The rest of the body is not copied for each."""
    stream, parts = zlib.decompressobj(31), []
    view = memoryview(body)
    while not stream.eof and at < len(body) and most >= 0:
        piece = view[at : at + _PIECE]
        try:
            part = stream.decompress(piece, max(1, most))
        except zlib.error as error:
            raise BadLine(f"its compressed body (Content-Encoding) is damaged ({error})") from None
        parts.append(part)
        most -= len(part)
        at += len(piece) - len(stream.unused_data)
        if stream.unconsumed_tail:
            break  # larger than there is room for
    if not stream.eof:
        raise BadLine("its compressed body (Content-Encoding) is cut off, or too large")
    return b"".join(parts), at


def _inflated(body: bytes, kind: int, most: int) -> tuple[bytes, bytes]:
    """The content, and the bytes behind its end."""
    stream = zlib.decompressobj(kind)
    try:
        found = stream.decompress(body, max(1, most))
    except zlib.error as error:
        raise BadLine(f"its compressed body (Content-Encoding) is damaged ({error})") from None
    if not stream.eof:
        raise BadLine("its compressed body (Content-Encoding) is cut off, or too large")
    return found, stream.unused_data

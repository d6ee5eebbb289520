"""The answer to one request, read within its limits."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

import aiohttp

from resources.web.decompressing import Body
from resources.web.errors import Refused, TooLarge

_BLOCK_BYTES: Final = 1 << 16
_PDF: Final = b"%PDF-"
_UNSAID: Final = ("", "application/octet-stream", "binary/octet-stream")


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    content_type: str
    charset: str
    content: bytes


async def read_page(response: aiohttp.ClientResponse, most_bytes: int, types: Sequence[str]) -> Answer:
    """The content is read only of status 200.

    Raises:
        Refused: it is too large, of a type that is not among `types`, or cannot be decoded.
        aiohttp.ClientError: the connection broke off.
    """
    content_type, charset = _type_of(response.headers.get("Content-Type", ""))
    if response.status != 200:
        return Answer(response.status, response.headers, content_type, charset, b"")
    if content_type not in _UNSAID:
        _check_type(content_type, types)
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > most_bytes):
        raise TooLarge(f"it is larger than {most_bytes / 1e6:g} MB")
    body = _body(response, most_bytes)
    async for block in response.content.iter_chunked(_BLOCK_BYTES):
        body.add(block)
    body.end()
    if content_type in _UNSAID:  # servers that say nothing are believed of PDF alone
        content_type = "application/pdf" if body.content.startswith(_PDF) else content_type
        _check_type(content_type, types)
    return Answer(200, response.headers, content_type, charset, bytes(body.content))


async def read_beginning(response: aiohttp.ClientResponse, most_bytes: int) -> Answer:
    """What is too large is cut off, of any type. Raises as `read_page` otherwise."""
    content_type, charset = _type_of(response.headers.get("Content-Type", ""))
    body = _body(response, most_bytes)
    if response.status == 200:
        with contextlib.suppress(TooLarge):
            async for block in response.content.iter_chunked(_BLOCK_BYTES):
                body.add(block)
    return Answer(response.status, response.headers, content_type, charset, bytes(body.content))


def _body(response: aiohttp.ClientResponse, most_bytes: int) -> Body:
    return Body(response.headers.get("Content-Encoding", "").strip().lower(), most_bytes)


def _check_type(content_type: str, types: Sequence[str]) -> None:
    if not any(fnmatchcase(content_type, allowed) for allowed in types):
        raise Refused(f"its content type is {content_type[:80] or 'not said'}")


def _type_of(header: str) -> tuple[str, str]:
    content_type, _, parameters = header.partition(";")
    named = [parameter.partition("=") for parameter in parameters.split(";")]
    charset = next((value.strip().strip("\"'") for name, _, value in named if name.strip().lower() == "charset"), "")
    return content_type.strip().lower(), charset[:40].lower()

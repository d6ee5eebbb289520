"""Download over HTTP, going on where an earlier try ended. Credentials never follow a redirect to another server."""

from __future__ import annotations

import http.client
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import urlsplit

from resources.fetching.errors import FetchFailed
from resources.fetching.partial import PartialFile

TIMEOUT_SECONDS = 30.0
"""For connecting, and for each block that is waited for."""
_TRIES_WITHOUT_PROGRESS = 3
_BLOCK_BYTES = 1 << 16
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class _EndedEarly(FetchFailed):
    """The connection broke or was closed before the end: going on may help."""


class _Careful(urllib.request.HTTPRedirectHandler):
    """Follows redirects without credentials, unless they stay on the same server, and never from https to something else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme != "https"):
            raise FetchFailed(f"it redirects to {new.scheme}://{new.hostname}, and that is not followed")
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        token = req.unredirected_hdrs.get("Authorization")
        if request is not None and token and (old.scheme, old.netloc) == (new.scheme, new.netloc):
            request.add_unredirected_header("Authorization", token)
        return request


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows none: the first answer is what is asked for."""

    def redirect_request(self, *args: Any) -> None:
        return None


def download(url: str, partial: PartialFile, token: str = "") -> None:
    """Append the rest of a file. Broken connections are tried again, as long as each try brings something.

    Raises:
        FetchFailed: the server refuses, is not there, or has something else. What came stays in the file.
    """
    failed = 0
    while partial.length < partial.size:
        before = partial.length
        try:
            _append(url, partial, token)
            if partial.length < partial.size:
                raise _EndedEarly(f"it ended after {partial.length:,} of {partial.size:,} bytes")
        except (FetchFailed, OSError, http.client.HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code not in (408, 429):
                raise FetchFailed(_refusal(error, bool(token))) from error
            failed = 0 if partial.length > before else failed + 1
            if failed >= _TRIES_WITHOUT_PROGRESS or _is_final(error):
                raise FetchFailed(_words(error)) from error
            time.sleep(0.2 * failed)


def head(url: str, token: str = "") -> Mapping[str, str]:
    """The headers of the first answer, whatever it redirects to.

    Raises:
        FetchFailed: the server refuses or is not there.
    """
    try:
        with _open(_request(url, token, method="HEAD"), _Stay()) as answer:
            return dict(answer.headers.items())
    except urllib.error.HTTPError as error:
        if 300 <= error.code < 400:
            return dict(error.headers.items())
        raise FetchFailed(_refusal(error, bool(token))) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchFailed(_words(error)) from error


def _append(url: str, partial: PartialFile, token: str) -> None:
    request = _request(url, token)
    if partial.length:
        request.add_header("Range", f"bytes={partial.length}-")
    with _open(request, _Careful()) as answer:
        if partial.length and answer.status == 200:
            partial.cut(0)  # a server that knows no ranges sends the whole file
        elif partial.length:
            match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if answer.status != 206 or match is None or int(match[1]) != partial.length or match[2] not in ("*", str(partial.size)):
                raise FetchFailed(f"it was asked to go on after {partial.length:,} of {partial.size:,} bytes and answered with something else")
        elif (length := answer.headers.get("Content-Length")) and int(length) != partial.size:
            raise FetchFailed(f"it has a file of {int(length):,} bytes there, not of {partial.size:,}")
        while block := answer.read(_BLOCK_BYTES):
            partial.append(block)


def _request(url: str, token: str, method: str = "GET") -> urllib.request.Request:
    if urlsplit(url).scheme not in ("http", "https"):
        raise FetchFailed("only http and https addresses can be fetched")
    request = urllib.request.Request(url, headers={"User-Agent": "dataflow", "Accept-Encoding": "identity"}, method=method)
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    return request


def _open(request: urllib.request.Request, redirects: urllib.request.BaseHandler) -> Any:
    return urllib.request.build_opener(redirects).open(request, timeout=TIMEOUT_SECONDS)


def _is_final(error: Exception) -> bool:
    """A wrong file stays wrong, and a name that nobody knows stays unknown."""
    unknown = isinstance(getattr(error, "reason", None), socket.gaierror)
    return unknown or (isinstance(error, FetchFailed) and not isinstance(error, _EndedEarly))


def _refusal(error: urllib.error.HTTPError, had_token: bool) -> str:
    if error.code in (401, 403):
        return f"it answers {error.code}: " + ("the token in HF_TOKEN may not read it" if had_token else "a token in HF_TOKEN may be needed")
    if error.code < 400:
        return f"it answers {error.code} and redirects to what is not followed"
    return f"it answers {error.code}" + (": the file is not there" if error.code in (404, 410) else "")


def _words(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"it answers {error.code}"
    reason = getattr(error, "reason", None)
    return f"it cannot be reached: {reason}" if reason is not None else str(error) or type(error).__name__

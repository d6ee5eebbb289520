"""Who may ask, and what is taken in at all, before anything of a request is read."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from aiohttp import web

from resources.gateway import refusals
from resources.gateway.chat_request import BadRequest
from resources.gateway.settings import GatewaySettings


class Refused(Exception):
    """A request that is not looked at any further."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


class Admission:
    """Knows what is open, in questions and in bytes."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.open = 0
        self._settings = settings
        self._bytes = 0
        self._token = None if settings.token is None else settings.token.get_secret_value().encode()

    def check(self, request: web.Request) -> None:
        """Raises Refused: no token, a wrong one, or a page in somebody's browser that asks on its own account."""
        if "Origin" in request.headers:
            raise Refused(refusals.of_gateway(403, "browser_refused", "the gateway answers programs, and no pages in a browser (a header Origin)."))
        if self._token is None:
            return
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode("utf-8", "surrogateescape"), self._token):
            message = "the token of the gateway is missing or wrong: send its DATAFLOW_GATEWAY_TOKEN as the key (DATAFLOW_LLM_API_KEY)."
            raise Refused(refusals.of_gateway(401, "invalid_api_key", message))

    @contextmanager
    def question(self, size: int) -> Iterator[None]:
        """Open for as long as the context lasts. Raises Refused when too many are."""
        settings = self._settings
        if self.open >= settings.most_open or (self.open and self._bytes + size > settings.open_megabytes * 1e6):
            raise Refused(refusals.busy(f"{self.open} questions are open at the gateway: ask again."))
        self.open += 1
        self._bytes += size
        try:
            yield
        finally:
            self.open -= 1
            self._bytes -= size

    async def body(self, request: web.Request) -> tuple[dict[str, Any], int]:
        """The object in it, and its size in bytes.

        Raises:
            BadRequest: no JSON object.
            Refused: too large, too slow, or of another type.
        """
        if request.content_type != "application/json":
            raise Refused(refusals.of_gateway(415, "unsupported_media_type", "send JSON, with Content-Type: application/json."))
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                content = await request.read()
        except TimeoutError:
            raise Refused(refusals.of_gateway(408, "request_timeout", f"the body did not come in {self._settings.body_seconds:g} s.")) from None
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"the body is no JSON ({error}).") from None
        if not isinstance(body, dict):
            raise BadRequest(f"the body should be a JSON object, not a {type(body).__name__}.")
        return body, len(content)

"""One HTTP request to a server that the user named: no redirect is followed, no answer is taken that does not fit, every error is a BackendError."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from resources.llm.answers.masking import masked
from resources.llm.answers.meanings import provider_of
from resources.llm.answers.reply import BackendError
from resources.llm.backends.http_errors import ErrorReader
from resources.llm.settings.base_url import is_local, shown
from resources.llm.settings.server import ServerSettings

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

_KEEP_ALIVE_SECONDS = 30.0


class HttpServer:
    """One server, how it is reached, and what its errors mean."""

    def __init__(self, settings: ServerSettings, name: str | None = None, provider: str | None = None, remedy: str = "") -> None:
        if settings.base_url is None:
            raise ValueError("an OpenAI-compatible server needs a base_url.")
        self.settings = settings
        self.base_url = settings.base_url
        self.name = name or f"the server at {shown(self.base_url)}"
        self.remedy = remedy
        self.secrets = settings.secrets()
        self.errors = ErrorReader(self.name, provider_of(provider, urlsplit(self.base_url).hostname), self.secrets)

    def session(self) -> aiohttp.ClientSession:
        """With the headers of every request; inside an event loop."""
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=self.settings.timeout)
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS, ttl_dns_cache=300)
        through_proxy = not is_local(urlsplit(self.base_url).hostname)
        return aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=self._headers(), cookie_jar=aiohttp.DummyCookieJar(), trust_env=through_proxy
        )

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "dataflow"}
        if self.settings.api_key is not None:
            headers["Authorization"] = f"Bearer {self.settings.api_key.get_secret_value()}"
        return headers | {name: value.get_secret_value() for name, value in self.settings.headers.items()}

    async def exchange(
        self, session: aiohttp.ClientSession, method: str, url: str | URL, data: bytes | None = None
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        """Status, headers, body and seconds. Raises BackendError where there is none."""
        started = time.perf_counter()
        try:
            async with session.request(method, url, data=data, allow_redirects=False) as response:
                content = await self._body(response)
                return response.status, response.headers, content, time.perf_counter() - started
        except BackendError:
            raise
        except Exception as error:  # whatever a peer can do to a parser of HTTP is the peer's fault
            raise self.error_of_connection(error) from None

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """Raises BackendError for one that is larger than an answer can be. It is not read to its end, and not asked for again."""
        most = int(self.settings.answer_megabytes * 1_000_000)
        if response.content_length is not None and response.content_length > most:
            raise self._too_large(response)
        if response.content_length is not None and "Content-Encoding" not in response.headers:
            return await response.read()  # no more can come than it says
        chunks, size = [], 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > most:
                raise self._too_large(response)
            chunks.append(chunk)
        return b"".join(chunks)

    def _too_large(self, response: aiohttp.ClientResponse) -> BackendError:
        response.close()
        most = f"{self.settings.answer_megabytes:g} MB"
        return BackendError("malformed", f"{self.name} sends an answer of more than {most}, which is not taken (answer_megabytes)")

    def error(self, status: int, headers: Mapping[str, str], body: bytes, asked: str = "") -> BackendError:
        return self.errors.error(status, headers, body, asked)

    def error_of_connection(self, error: Exception) -> BackendError:
        import aiohttp

        if isinstance(error, aiohttp.ClientConnectorError):
            refused = isinstance(error.os_error, ConnectionRefusedError)
            reason = "the connection was refused" if refused else masked(str(error.os_error), self.secrets)
            return BackendError("unavailable", f"{self.name} cannot be reached: {reason}", retryable=True, unreachable=True)
        if isinstance(error, TimeoutError):
            return BackendError("timeout", f"no answer from {self.name} within {self.settings.timeout:g} s", retryable=True, overload=True)
        how = type(error).__name__ if isinstance(error, aiohttp.ClientError | OSError) else "what came over it is no HTTP"
        return BackendError("unavailable", f"the connection to {self.name} broke ({how})", retryable=True)

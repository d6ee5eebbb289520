"""One HTTP request to a server that the user named: no redirect is followed, no answer is taken that does not fit, every error is a BackendError."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from operators.asking.usage_label import current_label
from resources.llm.answers import gateway_words
from resources.llm.answers.masking import masked
from resources.llm.answers.meanings import provider_of
from resources.llm.answers.reply import BackendError
from resources.llm.answers.server_words import ServerWords
from resources.llm.backends.http_errors import ErrorReader
from resources.llm.settings.base_url import is_local, shown
from resources.llm.settings.providers import GATEWAY
from resources.llm.settings.server import ServerSettings

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

_KEEP_ALIVE_SECONDS = 30.0
_CONNECT_SECONDS = 20.0
"""A network that drops what is sent to an address says nothing: whoever does not answer for so long is not there."""
_LEAST_WAIT_SECONDS = 1.0
"""Between two questions whether an answer is there: a server that always says at once that it is not is not asked all the time."""


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
        host = urlsplit(self.base_url).hostname
        self.errors = ErrorReader(self.name, provider_of(provider, host), self.secrets, settings.key_variable, settings.model_variable)
        self.may_be_gateway = provider == GATEWAY or (provider is None and name is None and is_local(host))
        """Whether it is told for whom a request is. Strangers need not know the names of pipelines; an answer of a gateway settles it."""
        self.key_was_taken = False
        """Whether any question was answered, so that no refusal of a single one says anything of the key."""

    def session(self) -> aiohttp.ClientSession:
        """With the headers of every request; inside an event loop."""
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=self.settings.timeout, sock_connect=_CONNECT_SECONDS)
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
        self, session: aiohttp.ClientSession, method: str, url: str | URL, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        """Status, headers, body and seconds. Raises BackendError where there is none."""
        started = time.perf_counter()
        try:
            async with session.request(method, url, data=data, headers=headers, allow_redirects=False) as response:
                content = await self._body(response)
                return response.status, response.headers, content, time.perf_counter() - started
        except BackendError:
            raise
        except Exception as error:  # whatever a peer can do to a parser of HTTP is the peer's fault
            raise self.error_of_connection(error) from None

    async def ask(
        self, session: aiohttp.ClientSession, url: str | URL, data: bytes, run: str, *, sample: int = 0, context: int | None = None
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        """As `exchange`, of a question: a gateway is told for whom it is, and asked again for as long as it says that the question is under way."""
        started = time.perf_counter()
        while True:
            headers = gateway_words.headers_of(current_label(), run, self.settings.timeout, sample, context) if self.may_be_gateway else None
            status, told, content, seconds = await self.exchange(session, "POST", url, data, headers)
            self.key_was_taken = self.key_was_taken or status == 200
            if not gateway_words.is_under_way(status, content):
                return status, told, content, time.perf_counter() - started
            await asyncio.sleep(max(0.0, _LEAST_WAIT_SECONDS - seconds))

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
        return self.errors.error(status, headers, body, asked, self.key_was_taken)

    def error_in_answer(self, said: ServerWords, asked: str) -> BackendError:
        """Of an answer with the status of a success."""
        return self.errors.error_of(200, {}, said, asked, self.key_was_taken)

    def error_of_connection(self, error: Exception) -> BackendError:
        import aiohttp

        if isinstance(error, aiohttp.ClientConnectorError):
            return self._unreachable(error)
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return self._through_proxy(f"does not pass requests on ({error.status} {masked(error.message, self.secrets)})")
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return self._not_reached(f"no connection within {_CONNECT_SECONDS:g} s")
        if isinstance(error, TimeoutError):
            return BackendError("timeout", f"no answer from {self.name} within {self.settings.timeout:g} s", retryable=True, overload=True)
        how = type(error).__name__ if isinstance(error, aiohttp.ClientError | OSError) else "what came over it is no HTTP"
        return BackendError("unavailable", f"the connection to {self.name} broke ({how})", retryable=True)

    def _unreachable(self, error: aiohttp.ClientConnectorError) -> BackendError:
        import aiohttp

        reason = "the connection was refused" if isinstance(error.os_error, ConnectionRefusedError) else masked(str(error.os_error), self.secrets)
        if isinstance(error, aiohttp.ClientProxyConnectionError) or error.host != urlsplit(self.base_url).hostname:
            return self._through_proxy(f"cannot be reached: {reason}")
        if isinstance(error.os_error, ssl.SSLCertVerificationError):
            said = f"its certificate is not trusted ({error.os_error.verify_message})"
            return self._not_reached(said, "Where its authority is your own, name the file of the authority's certificate in SSL_CERT_FILE.")
        if isinstance(error.os_error, ssl.SSLError) and error.os_error.reason == "WRONG_VERSION_NUMBER":
            return self._not_reached("it speaks no TLS", "Give its address with http:// in place of https://.")
        return self._not_reached(reason)

    def _through_proxy(self, what: str) -> BackendError:
        """Of a proxy that the environment names: what it does is no fault of the server."""
        scheme = urlsplit(self.base_url).scheme
        proxy = urlsplit(getproxies().get(scheme, ""))
        at = f" at {proxy.hostname}:{proxy.port}" if proxy.hostname and proxy.port else ""
        variable = f"{scheme.upper()}_PROXY"
        remedy = f"Mend {variable}, or name the host of the server in NO_PROXY."
        message = f"the proxy{at} ({variable}), through which {self.name} is asked, {what}"
        return BackendError("unavailable", message, retryable=True, unreachable=True, remedy=remedy)

    def _not_reached(self, why: str, remedy: str = "") -> BackendError:
        return BackendError("unavailable", f"{self.name} cannot be reached: {why}", retryable=True, unreachable=True, remedy=remedy)

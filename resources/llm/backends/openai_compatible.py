"""Any server that speaks OpenAI's chat completions, over aiohttp and orjson: the openai package takes 7 to 17 times the processor time."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import orjson

from operators.asking.requests import GivenText, Request
from resources.llm.answers.completion_json import reply_of
from resources.llm.answers.log_probabilities import none_given
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.backends import echoed_prompt, forced_decoding
from resources.llm.backends.chat_messages import as_json
from resources.llm.backends.http_errors import error_of_status, message_of, without_secrets
from resources.llm.backends.model_name import only_model
from resources.llm.backends.structured_output import RequestManner
from resources.llm.settings.base_url import endpoint, is_local, shown
from resources.llm.settings.language_model import LLMSettings
from resources.llm.settings.providers import GivenTextManner

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

_KEEP_ALIVE_SECONDS = 30.0


class OpenAICompatibleBackend:
    """One model of one server."""

    def __init__(
        self, settings: LLMSettings, manner: RequestManner | None = None, name: str | None = None, given_text: GivenTextManner | None = None
    ) -> None:
        if settings.base_url is None:
            raise ValueError("an OpenAI-compatible server needs a base_url.")
        self.settings = settings
        self.base_url = settings.base_url
        self.max_in_flight = settings.max_in_flight
        self.name = name or f"the server at {shown(self.base_url)}"
        known = settings.preset()
        start = f" (`{known.start}`)" if known is not None and known.start else ""
        self.remedy = f"Start it{start}, or point DATAFLOW_LLM_BASE_URL (or base_url) at a server that runs; unset, the embedded model serves."
        self.manner = manner or RequestManner(self.name, known)
        self.given_text = given_text or (known.given_text if known is not None else "echo")

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[HttpConnection]:
        async with self.http_session() as session:
            model = self.settings.model or await only_model(session, self)
            yield HttpConnection(self, session, model)

    def http_session(self) -> aiohttp.ClientSession:
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

    def error_of_connection(self, error: Exception) -> BackendError:
        import aiohttp

        if isinstance(error, aiohttp.ClientConnectorError):
            reason = "the connection was refused" if isinstance(error.os_error, ConnectionRefusedError) else str(error.os_error)
            return BackendError("unavailable", f"{self.name} cannot be reached: {reason}", retryable=True, unreachable=True)
        if isinstance(error, TimeoutError):
            return BackendError("timeout", f"no answer from {self.name} within {self.settings.timeout:g} s", retryable=True, overload=True)
        return BackendError("unavailable", f"the connection to {self.name} broke ({type(error).__name__})", retryable=True)

    def error_of(self, status: int, headers: Mapping[str, str], body: bytes) -> BackendError:
        return error_of_status(status, headers, without_secrets(message_of(body), self.settings.secrets()), self.name)


async def _refused(connection: HttpConnection, given: GivenText) -> Reply:
    raise none_given(connection.name)


_WAYS_TO_WEIGH: dict[GivenTextManner, Callable[[HttpConnection, GivenText], Awaitable[Reply]]] = {
    "echo": echoed_prompt.log_probabilities,
    "llama.cpp": forced_decoding.log_probabilities,
    "none": _refused,
}


class HttpConnection:
    def __init__(self, backend: OpenAICompatibleBackend, session: aiohttp.ClientSession, model: str) -> None:
        self.model = model
        self.name = backend.name
        self.settings = backend.settings
        self.identity: Mapping[str, Any] = {"base_url": backend.base_url, "extra_body": backend.settings.extra_body}
        self._backend = backend
        self._session = session
        self._urls: dict[str, URL] = {}
        self.context_tokens: float | None = None
        """How long a prompt may be, once somebody asked."""

    async def log_probabilities(self, given: GivenText) -> Reply:
        return await _WAYS_TO_WEIGH[self._backend.given_text](self, given)

    async def complete(self, request: Request) -> Reply:
        while True:
            sent = self._backend.manner.state()
            try:
                return await self._attempt(request)
            except BackendError as error:
                if error.kind != "bad_request" or error.fatal or not self._backend.manner.learn(error.message, sent, request.json_schema is not None):
                    raise

    async def _attempt(self, request: Request) -> Reply:
        content, seconds = await self.send("/chat/completions", self.body_of(request))
        return reply_of(content, request, self.model, seconds, self.name)

    async def send(self, path: str, body: Mapping[str, Any] | None, at_root: bool = False) -> tuple[bytes, float]:
        """What the server answers, and after how many seconds. `at_root`: beside /v1, where servers keep what is not OpenAI's; no body: a GET.

        Raises:
            BackendError: no answer, or one that refuses.
        """
        import aiohttp

        method, data = ("GET", None) if body is None else ("POST", orjson.dumps(body, default=dict))
        started = time.perf_counter()
        try:
            async with self._session.request(method, self._url(path, at_root), data=data, allow_redirects=False) as response:
                content = await response.read()
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise self._backend.error_of_connection(error) from None
        if response.status != 200:
            raise self._backend.error_of(response.status, response.headers, content)
        return content, time.perf_counter() - started

    def _url(self, path: str, at_root: bool) -> URL:
        """Parsed once: it takes longer than all the rest of sending."""
        from yarl import URL

        if path not in self._urls:
            parts = urlsplit(self._backend.base_url)
            base = urlunsplit(parts._replace(path=parts.path.removesuffix("/v1"))) if at_root else self._backend.base_url
            self._urls[path] = URL(endpoint(base, path))
        return self._urls[path]

    def body_of(self, request: Request) -> dict[str, Any]:
        manner, sampling = self._backend.manner, request.sampling
        body: dict[str, Any] = {"model": self.model, "messages": as_json(request.messages)}
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.max_tokens is not None:
            body[manner.token_limit] = sampling.max_tokens
        if sampling.top_p is not None:
            body["top_p"] = sampling.top_p
        if (seed := manner.seed_of(sampling.seed, request.sample)) is not None:
            body["seed"] = seed
        if sampling.stop:
            body["stop"] = sampling.stop
        if request.json_schema is not None:
            manner.apply(body, request.json_schema)
        body.update(self._backend.settings.extra_body)
        return body

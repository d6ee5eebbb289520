"""Any server that speaks OpenAI's chat completions, over aiohttp and orjson: the openai package takes 7 to 17 times the processor time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import orjson

from operators.asking.requests import GivenText, Request, Sampling
from resources.llm.answers.completion_json import ErrorInAnswer, reply_of
from resources.llm.answers.log_probabilities import none_given
from resources.llm.answers.masking import masked, reveals
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.server_words import words_of
from resources.llm.backends import echoed_prompt, forced_decoding
from resources.llm.backends.http_client import HttpServer
from resources.llm.backends.model_name import only_model
from resources.llm.backends.request_manner import Manner, RequestManner
from resources.llm.settings.base_url import endpoint
from resources.llm.settings.language_model import LLMSettings
from resources.llm.settings.providers import GivenTextManner
from resources.llm.settings.secret_values import without_keys

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL


_HARMLESS = Request.of("Hello", sampling=Sampling(max_tokens=1))


class OpenAICompatibleBackend:
    """One model of one server."""

    def __init__(
        self, settings: LLMSettings, manner: RequestManner | None = None, name: str | None = None, given_text: GivenTextManner | None = None
    ) -> None:
        known = settings.preset()
        start = f" (`{known.start}`)" if known is not None and known.start else ""
        remedy = f"Start it{start}, or point DATAFLOW_LLM_BASE_URL (or base_url) at a server that runs; unset, the embedded model serves."
        self.server = HttpServer(settings, name, known.name if known is not None else None, remedy)
        self.settings = settings
        self.base_url = self.server.base_url
        self.max_in_flight = settings.max_in_flight
        self.name = self.server.name
        self.remedy = remedy
        self.manner = manner or RequestManner(self.name, known)
        self.given_text = given_text or (known.given_text if known is not None else "echo")

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[HttpConnection]:
        async with self.server.session() as session:
            model = self.settings.model or await only_model(session, self.server)
            yield HttpConnection(self, session, model)


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
        self.identity: Mapping[str, Any] = {"base_url": without_keys(backend.base_url), "extra_body": backend.settings.extra_body}
        self._backend = backend
        self._server = backend.server
        self._session = session
        self._urls: dict[str, URL] = {}
        self._harmless: asyncio.Future[Any] | None = None
        self.context_tokens: float | None = None
        """How long a prompt may be, once somebody asked."""

    async def log_probabilities(self, given: GivenText) -> Reply:
        return await _WAYS_TO_WEIGH[self._backend.given_text](self, given)

    async def complete(self, request: Request) -> Reply:
        return await self._backend.manner.ask(request, lambda manner: self._attempt(request, manner))

    async def _attempt(self, request: Request, manner: Manner) -> Reply:
        url, body = self._url("/chat/completions", False), orjson.dumps(self.body_of(request, manner), default=dict)
        status, headers, content, seconds = await self._server.ask(self._session, url, body, self.settings.run, sample=request.sample)
        if status == 403 and not self._server.key_was_taken and words_of(content).says_no_more_than_403:
            await self._find_out_whether_the_key_is_taken()
        return self.reply_of(status, headers, content, request, seconds)

    async def _find_out_whether_the_key_is_taken(self) -> None:
        """A firewall that refuses one row and a server that refuses the key may say the same. A harmless question, asked once, tells which it is."""
        if self._harmless is None:
            body = orjson.dumps(self.body_of(_HARMLESS, self._backend.manner.of(_HARMLESS)), default=dict)
            url = self._url("/chat/completions", False)
            self._harmless = asyncio.ensure_future(self._server.ask(self._session, url, body, self.settings.run))
        with suppress(BackendError):  # then the first refusal stands
            await asyncio.shield(self._harmless)

    def reply_of(self, status: int, headers: Mapping[str, str], content: bytes, request: Request, seconds: float) -> Reply:
        """What an answer says. Raises BackendError for one that refuses, that says nothing, or that gives a key away."""
        server = self._server
        if status != 200:
            raise server.error(status, headers, content, request.text)
        try:
            reply = reply_of(content, request, self.model, seconds, self.name)
        except ErrorInAnswer as error:
            raise server.error_in_answer(error.said, request.text) from None
        except BackendError as error:
            error.message = masked(error.message, server.secrets)
            raise
        if reply.keeper:
            server.may_be_gateway = True
        if not server.secrets:
            return reply
        if reply.ending == "whole" and (reveals(reply.text, server.secrets) or reveals(reply.reasoning, server.secrets)):
            raise BackendError("malformed", f"{self.name} repeats the key in its answer, which is not kept")
        model = masked(reply.model, server.secrets)
        if reply.ending == "whole":
            return reply if model == reply.model else replace(reply, model=model)
        text, reason, reasoning = (masked(shown, server.secrets) for shown in (reply.text, reply.finish_reason, reply.reasoning))
        return replace(reply, model=model, text=text, finish_reason=reason, reasoning=reasoning)

    async def send(self, path: str, body: Mapping[str, Any] | None, at_root: bool = False, context: int | None = None) -> tuple[bytes, float]:
        """What the server answers, and after how many seconds. `at_root`: beside /v1, where servers keep what is not OpenAI's; no body: a GET.

        `context`: of a prompt to be weighed, how many characters stand before the text that is meant, for a gateway.

        Raises:
            BackendError: no answer, or one that refuses.
        """
        server, session, url = self._server, self._session, self._url(path, at_root)
        if body is None:
            status, headers, content, seconds = await server.exchange(session, "GET", url)
        else:
            data = orjson.dumps(body, default=dict)
            status, headers, content, seconds = await server.ask(session, url, data, self.settings.run, context=context)
        if status != 200:
            raise self._server.error(status, headers, content)
        return content, seconds

    def _url(self, path: str, at_root: bool) -> URL:
        """Parsed once: it takes longer than all the rest of sending."""
        from yarl import URL

        if path not in self._urls:
            parts = urlsplit(self._backend.base_url)
            base = urlunsplit(parts._replace(path=parts.path.removesuffix("/v1"))) if at_root else self._backend.base_url
            self._urls[path] = URL(endpoint(base, path))
        return self._urls[path]

    def body_of(self, request: Request, manner: Manner | None = None) -> dict[str, Any]:
        return {**self._backend.manner.body_of(request, self.model, manner), **self._backend.settings.extra_body}

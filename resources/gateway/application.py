"""The routes of the gateway."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeAlias, TypeVar

import orjson
from aiohttp import web

from operators.asking.answers import Failure, ServingStopped, TextsRefused
from operators.asking.usage_label import usage_label
from resources.embeddings.settings import EmbeddingSettings
from resources.gateway import chat_request, completion, embedding_request, given_text, refusals
from resources.gateway.admission import Admission, Refused
from resources.gateway.chat_request import BadRequest
from resources.gateway.served_embeddings import ServedEmbeddings
from resources.gateway.served_model import Closing, ServedModel
from resources.gateway.settings import GatewaySettings
from resources.llm.answers.gateway_words import CONTEXT, MOST_SAMPLES, SAMPLE, UNDER_WAY, WAIT, label_in, number_in
from resources.llm.answers.log_probabilities import weighed_of

logger = logging.getLogger(__name__)

_LONGEST_WAIT_SECONDS = 50.0
"""For an answer that is not there yet, where whoever asks knows how to ask again: below what proxies and clients wait."""
_GRACE_SECONDS = 30.0
"""How long a question keeps its place in the queue that nobody waits for: for its worker to ask again. What was sent is finished in any case."""
_MAY_PASS = ("rate_limited", "unavailable", "timeout", "malformed")
_CLOSING = "the gateway is closing: ask again when it is back."

Render: TypeAlias = Callable[[Any], web.Response]
Value = TypeVar("Value")


class Gateway:
    """Answers for one or more language models, and for an embedding model where there is one."""

    def __init__(self, models: Sequence[ServedModel], embeddings: ServedEmbeddings | None, settings: GatewaySettings) -> None:
        self._models = models
        self._embeddings = embeddings
        self._admission = Admission(settings)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False
        self.application = web.Application(client_max_size=int(settings.request_megabytes * 1e6), middlewares=[self._always_json])
        self.application.add_routes(
            [
                web.get("/health", self._health),
                web.get("/v1/models", self._list),
                web.post("/v1/chat/completions", self._chat),
                web.post("/v1/completions", self._weigh),
                web.post("/v1/embeddings", self._embed),
            ]
        )

    async def open(self) -> None:
        """Raises ServingStopped: a model cannot be served."""
        for model in self._models:
            await model.session()
        if repeated := sorted({name for name in self.names if self.names.count(name) > 1}):
            raise ServingStopped(f"two models are called {repeated[0]!r}, and no worker could say which it means: start a gateway for each.")

    async def close(self) -> None:
        """No further questions; those that were sent come back, are kept, and are answered."""
        self._closing = True
        for model in self._models:
            await model.close()

    @property
    def names(self) -> list[str]:
        return [model.name for model in self._models] + ([] if self._embeddings is None else [self._embeddings.name])

    @web.middleware
    async def _always_json(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        try:
            if request.path != "/health":
                self._admission.check(request)
            return await handler(request)
        except Refused as refused:
            return refused.response
        except BadRequest as wrong:
            return refusals.of_request(str(wrong))
        except web.HTTPRequestEntityTooLarge as error:
            return refusals.of_gateway(413, "request_too_large", f"the body is larger than the gateway takes: {error.text}")
        except web.HTTPException as error:
            there = "POST /v1/chat/completions, /v1/embeddings, /v1/completions; GET /v1/models, /health"
            return refusals.of_gateway(error.status, "not_found", f"{request.method} {request.path[:200]}: {error.reason}. There are {there}.")
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("a request to %s failed inside the gateway", request.path)
            return refusals.of_gateway(500, "internal_error", "the gateway failed at this request; its log says why.")

    async def _health(self, _: web.Request) -> web.Response:
        """For load balancers: no model is asked."""
        return web.json_response({"status": "closing" if self._closing else "ok"}, status=503 if self._closing else 200)

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model", "owned_by": "dataflow"} for name in self.names]})

    async def _chat(self, request: web.Request) -> web.Response:
        body, size = await self._admission.body(request)
        model = self._model_of(body)
        asked = chat_request.request_of(body, _told(lambda: number_in(request.headers, SAMPLE, MOST_SAMPLES)) or 0, model.extra_body)

        def render(outcome: Any) -> web.Response:
            reply, cached = outcome
            return self._failed(reply) if isinstance(reply, Failure) else _json(completion.as_json(reply, cached, model.caution))

        return await self._answered(request, size, lambda: model.reply(asked), render)

    async def _weigh(self, request: web.Request) -> web.Response:
        body, size = await self._admission.body(request)
        model = self._model_of(body)
        asked = given_text.given_text_of(body, _told(lambda: number_in(request.headers, CONTEXT, 2**40)), model.extra_body)

        def render(outcome: Any) -> web.Response:
            reply, cached = outcome
            return self._failed(reply) if isinstance(reply, Failure) else _json(given_text.as_json(weighed_of(reply, cached), model.caution))

        return await self._answered(request, size, lambda: model.reply(asked), render)

    async def _embed(self, request: web.Request) -> web.Response:
        body, size = await self._admission.body(request)
        served = self._embeddings
        if served is None:
            raise Refused(refusals.of_model(str(body.get("model")), self.names, EmbeddingSettings.model_variable))
        asked = embedding_request.texts_of(body, served.extra_body)
        if body.get("model") != served.name:
            raise Refused(refusals.of_model(str(body.get("model")), [served.name], EmbeddingSettings.model_variable))

        def render(found: Any) -> web.Response:
            return _json(embedding_request.as_json(found, served.name, asked))

        return await self._answered(request, size, lambda: served.vectors(asked.texts), render)

    def _model_of(self, body: dict[str, Any]) -> ServedModel:
        found = next((model for model in self._models if model.name == body.get("model")), None)
        if found is None:
            raise Refused(refusals.of_model(str(body.get("model")), self.names))
        return found

    async def _answered(self, request: web.Request, size: int, answer: Callable[[], Coroutine[Any, Any, Any]], render: Render) -> web.Response:
        """The answer, or that it is under way, where whoever asks knows how to ask again."""
        label, wait = _told(lambda: label_in(request.headers)), _told(lambda: _wait_in(request))
        with self._admission.question(size), usage_label(*label):
            if self._closing:
                raise Refused(refusals.busy(_CLOSING))
            return await self._outcome(asyncio.create_task(answer()), wait, render)

    async def _outcome(self, task: asyncio.Task[Any], wait: float | None, render: Render) -> web.Response:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await asyncio.wait({task}, timeout=wait)
        finally:
            if not task.done():
                task.add_done_callback(_unheard)
                asyncio.get_running_loop().call_later(_GRACE_SECONDS, task.cancel)
        if not task.done():
            return web.Response(body=UNDER_WAY, status=202, content_type="application/json")
        if task.cancelled():
            return refusals.busy(_CLOSING)
        try:
            return render(task.result())
        except TextsRefused as refused:
            return refusals.of_failure(embedding_request.failure_of(refused))
        except ServingStopped as stop:
            return refusals.of_stop(stop)
        except Closing:
            return refusals.busy(_CLOSING)

    def _failed(self, failure: Failure) -> web.Response:
        """What another attempt could mend is not final while the gateway closes: it then makes no further ones."""
        return refusals.busy(_CLOSING) if self._closing and failure.kind in _MAY_PASS else refusals.of_failure(failure)


def _unheard(task: asyncio.Task[Any]) -> None:
    """Of a question whose worker went away, or asks again later: it hears of a failure then, and a fault of the gateway itself is told by the log."""
    if task.cancelled():
        return
    error = task.exception()
    if error is not None and not isinstance(error, (TextsRefused, ServingStopped, Closing)):
        logger.error("a question that nobody waited for failed inside the gateway", exc_info=error)


def _told(read: Callable[[], Value]) -> Value:
    """What a header says. Raises BadRequest."""
    try:
        return read()
    except ValueError as error:
        raise BadRequest(str(error)) from None


def _wait_in(request: web.Request) -> float | None:
    """Seconds; None where whoever asks is no client of ours. Raises ValueError."""
    written = request.headers.get(WAIT)
    if written is None:
        return None
    seconds = float(written) if len(written) < 40 else 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"the header {WAIT} should be a number of seconds above 0.")
    return min(seconds, _LONGEST_WAIT_SECONDS)


def _json(content: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), content_type="application/json")

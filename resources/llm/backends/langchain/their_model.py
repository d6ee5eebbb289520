"""A chat model of LangChain behind our engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable
from pydantic import BaseModel, SecretStr

from operators.asking.requests import Request
from resources.llm.answers.log_probabilities import read_from
from resources.llm.answers.masking import masked
from resources.llm.answers.numbers import count_of
from resources.llm.answers.paths import cache_path_of
from resources.llm.answers.reasoning import parts_of, reasoning_of
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.answers.server_words import ServerWords, words_in
from resources.llm.backends.chat_messages import as_json
from resources.llm.backends.http_errors import ErrorReader
from resources.llm.backends.langchain.messages import to_langchain
from resources.llm.engine.backend import Connection
from resources.llm.engine.serving import Serving
from resources.llm.settings.language_model import LLMSettings

_CHARACTERS_A_TOKEN = 4
_PASSED = ("temperature", "max_tokens", "stop")


def open_langchain(model: BaseChatModel, settings: LLMSettings | None = None, *, passed: Sequence[str] = _PASSED) -> Serving:
    """A LangChain chat model as an LLMServing, with the cache, limits, retries, budget and accounting of every other.

    Args:
        settings: limits, cache, budget; those that concern a server are not used.
        passed: fields of `Sampling` that the model takes as keyword arguments: also "top_p" and "seed", where it knows them.
    """
    settings = settings or LLMSettings()
    return Serving(LangChainBackend(model, settings, passed), settings, cache_path_of(settings))


class LangChainBackend:
    def __init__(self, model: BaseChatModel, settings: LLMSettings, passed: Sequence[str] = _PASSED) -> None:
        self.max_in_flight = settings.max_in_flight
        self.name = f"the LangChain model {type(model).__name__}"
        self.remedy = "See the message above for what it needs."
        self._connection = LangChainConnection(model, self.name, settings, passed)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        yield self._connection


class LangChainConnection:
    def __init__(self, model: BaseChatModel, name: str, settings: LLMSettings, passed: Sequence[str]) -> None:
        parameters = model._get_ls_params()
        self.model = str(parameters.get("ls_model_name") or type(model).__name__)
        self.identity: Mapping[str, Any] = {"langchain": type(model).__qualname__, "parameters": _plain(model._identifying_params)}
        self._model = model
        self._name = name
        self._timeout = settings.timeout
        self._passed = passed

    async def complete(self, request: Request) -> Reply:
        started = time.perf_counter()
        arguments = {name: value for name in self._passed if (value := getattr(request.sampling, name)) not in (None, ())}
        if "stop" in arguments:
            arguments["stop"] = list(arguments["stop"])
        messages = as_json(request.messages)
        if request.json_schema is not None and not self._constrains():
            instruction = (
                f"Answer only with JSON that fits this schema, without any other text: {orjson.dumps(request.json_schema, default=dict).decode()}"
            )
            messages.append({"role": "user", "content": instruction})
        try:
            async with asyncio.timeout(self._timeout):
                message = await self._runnable(request).ainvoke([to_langchain(given) for given in messages], **arguments)
        except Exception as error:
            raise self._error_of(error) from None
        return self._reply(message, request, time.perf_counter() - started)

    def _constrains(self) -> bool:
        """Whether the model says that it takes a JSON schema."""
        return bool((self._model.profile or {}).get("structured_output"))

    def _runnable(self, request: Request) -> Runnable[Any, Any]:
        if request.json_schema is None or not self._constrains():
            return self._model
        schema = {"title": "answer", **request.json_schema}
        return self._model.with_structured_output(schema, method="json_schema", include_raw=True)

    def _reply(self, answer: Any, request: Request, seconds: float) -> Reply:
        message = answer["raw"] if isinstance(answer, dict) else answer
        text = str(message.text)
        if isinstance(answer, dict) and not text and answer.get("parsed") is not None:
            text = orjson.dumps(answer["parsed"], default=_plain_object).decode()
        content = message.content if isinstance(message.content, list) else []
        thought = reasoning_of(message.additional_kwargs) or parts_of(content)[1]
        usage, told = message.usage_metadata or {}, message.response_metadata
        with read_from(self._name, "counts of tokens"):
            prompt_tokens, completion_tokens = count_of(usage.get("input_tokens")), count_of(usage.get("output_tokens"))
        return Reply(
            text,
            str(told.get("model_name") or self.model),
            request.characters // _CHARACTERS_A_TOKEN + 1 if prompt_tokens is None else prompt_tokens,
            len(text) // _CHARACTERS_A_TOKEN + 1 if completion_tokens is None else completion_tokens,
            str(told.get("finish_reason") or told.get("stop_reason") or told.get("done_reason") or "stop"),
            seconds,
            thought,
        )

    def _error_of(self, error: Exception) -> BackendError:
        """The packages of the vendors name the HTTP status alike."""
        secrets = _secrets_of(self._model)
        status, body = getattr(error, "status_code", None), getattr(error, "body", None)
        if isinstance(status, int):
            headers = getattr(getattr(error, "response", None), "headers", {})
            said = words_in(body) if isinstance(body, dict) else ServerWords(" ".join(str(error).split()))
            return ErrorReader(self._name, secrets=secrets).error_of(status, headers, said)
        message = f"{self._name}: {type(error).__name__}: {masked(' '.join(str(error).split()), secrets)}"
        if isinstance(error, TimeoutError):
            return BackendError("timeout", f"no answer from {self._name} within {self._timeout:g} s", retryable=True, overload=True)
        if isinstance(error, ConnectionError) or "Connection" in type(error).__name__:
            return BackendError("unavailable", message, retryable=True)
        return BackendError("bad_request", message)


def _secrets_of(model: BaseChatModel) -> list[str]:
    """The keys that the model holds: vendors' packages keep them as SecretStr."""
    found = {value.get_secret_value() for value in vars(model).values() if isinstance(value, SecretStr)}
    return sorted(found - {""}, key=len, reverse=True)


def _plain(value: Any) -> Any:
    """What of a model's parameters can be part of a cache key: plain values; of any other object only its class, which says no key and no address."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else type(value).__qualname__


def _plain_object(value: Any) -> Any:
    return value.model_dump() if isinstance(value, BaseModel) else dict(value)

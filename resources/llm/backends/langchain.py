"""LangChain both ways (extra `[langchain]`): any of its chat models behind our engine, and our serving as one of its chat models."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import orjson

try:
    import langchain_core  # noqa: F401 - the imports below would say less
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("the LangChain bridge needs langchain-core: pip install langchain-core") from error
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig, RunnableMap, RunnablePassthrough
from pydantic import BaseModel, SecretStr

from operators.asking.answers import Completion, Failure
from operators.asking.requests import Message, Part, Request, Sampling
from operators.asking.serving import LLMServing, LLMSession
from operators.engine.synchronously import run_to_end
from resources.llm.answers.paths import cache_path_of
from resources.llm.answers.reply import BackendError, Reply
from resources.llm.backends.chat_messages import as_json
from resources.llm.backends.http_errors import error_of_status, without_secrets
from resources.llm.engine.backend import Connection
from resources.llm.engine.serving import Serving
from resources.llm.settings.language_model import LLMSettings

_CHARACTERS_A_TOKEN = 4
_PASSED = ("temperature", "max_tokens", "stop")
_LONGEST_MESSAGE = 400


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
                message = await self._runnable(request).ainvoke([_to_langchain(given) for given in messages], **arguments)
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
        usage = message.usage_metadata
        prompt_tokens = usage["input_tokens"] if usage else sum(len(str(m.content)) for m in request.messages) // _CHARACTERS_A_TOKEN + 1
        completion_tokens = usage["output_tokens"] if usage else len(text) // _CHARACTERS_A_TOKEN + 1
        told = message.response_metadata
        reason = str(told.get("finish_reason") or told.get("stop_reason") or "stop")
        return Reply(text, str(told.get("model_name") or self.model), prompt_tokens, completion_tokens, _REASONS.get(reason.lower(), reason), seconds)

    def _error_of(self, error: Exception) -> BackendError:
        """The packages of the vendors name the HTTP status alike."""
        said = without_secrets(" ".join(str(error).split()), _secrets_of(self._model))[:_LONGEST_MESSAGE]
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            headers = getattr(getattr(error, "response", None), "headers", {})
            return error_of_status(status, headers, said, self._name)
        message = f"{self._name}: {type(error).__name__}: {said}"
        if isinstance(error, TimeoutError):
            return BackendError("timeout", f"no answer from {self._name} within {self._timeout:g} s", retryable=True, overload=True)
        if isinstance(error, ConnectionError) or "Connection" in type(error).__name__:
            return BackendError("unavailable", message, retryable=True)
        return BackendError("bad_request", message)


def _secrets_of(model: BaseChatModel) -> list[str]:
    """The keys that the model holds: vendors' packages keep them as SecretStr."""
    found = {value.get_secret_value() for value in vars(model).values() if isinstance(value, SecretStr)}
    return sorted(found - {""}, key=len, reverse=True)


_REASONS = {"max_tokens": "length", "end_turn": "stop", "stop_sequence": "stop", "safety": "content_filter", "refusal": "content_filter"}
"""As the vendors say it -> as OpenAI does."""


class AnswerFailed(Exception):
    """The language model gave no usable answer; the message says why."""


class ServingChatModel(BaseChatModel):
    """Our serving as a LangChain chat model: `ServingChatModel(serving=open_serving())`. Answers are cached, limited and counted like all others.

    `batch` and `abatch` share one session. A request that fails raises AnswerFailed; in a batch, `return_exceptions=True` gives it in its place.
    Tools are not supported.
    """

    serving: Any
    """An LLMServing."""
    temperature: float | None = 0.0
    max_tokens: int | None = 512
    top_p: float | None = None
    seed: int | None = None

    @property
    def _llm_type(self) -> str:
        return "dataflow"

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any
    ) -> ChatResult:
        return run_to_end(lambda: self._agenerate(messages, stop, None, **kwargs))

    async def _agenerate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: AsyncCallbackManagerForLLMRun | None = None, **kwargs: Any
    ) -> ChatResult:
        request = self._request(messages, stop, kwargs)
        session = _session.get()
        if session is not None:
            return _result(await session.generate(request))
        serving: LLMServing = self.serving
        async with serving.session() as own:
            return _result(await own.generate(request))

    def batch(self, inputs: list[Any], config: Any = None, *, return_exceptions: bool = False, **kwargs: Any) -> list[Any]:
        return run_to_end(lambda: self.abatch(inputs, config, return_exceptions=return_exceptions, **kwargs))

    async def abatch(
        self, inputs: list[Any], config: RunnableConfig | list[RunnableConfig] | None = None, *, return_exceptions: bool = False, **kwargs: Any
    ) -> list[Any]:
        serving: LLMServing = self.serving
        async with serving.session() as session:
            before = _session.set(session)
            try:
                return await super().abatch(inputs, config, return_exceptions=return_exceptions, **kwargs)
            finally:
                _session.reset(before)

    def with_structured_output(self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any) -> Runnable[Any, Any]:
        """Answers as instances of a pydantic model, or as dicts for a JSON schema; where the backend can, decoding is constrained to it."""
        is_model = isinstance(schema, type) and issubclass(schema, BaseModel)
        if not is_model and not isinstance(schema, dict):
            raise TypeError(f"the schema should be a pydantic model or a JSON schema, not {schema!r}.")
        json_schema = schema.model_json_schema() if isinstance(schema, type) and issubclass(schema, BaseModel) else schema
        parser: Any = PydanticOutputParser(pydantic_object=schema) if is_model else JsonOutputParser()
        asking = self.bind(json_schema=json_schema, **kwargs)
        if not include_raw:
            parsed: Runnable[Any, Any] = asking | parser
            return parsed
        good = RunnablePassthrough.assign(parsed=lambda answer: parser.invoke(answer["raw"]), parsing_error=lambda _: None)
        bad = RunnablePassthrough.assign(parsed=lambda _: None)
        chain: Runnable[Any, Any] = RunnableMap(raw=asking) | good.with_fallbacks([bad], exception_key="parsing_error")
        return chain

    def _request(self, messages: Sequence[BaseMessage], stop: list[str] | None, given: dict[str, Any]) -> Request:
        names = ("temperature", "max_tokens", "top_p", "seed")
        sampling = Sampling(**{name: given.get(name, getattr(self, name)) for name in names}, stop=tuple(stop or ()))
        unknown = sorted(set(given) - {*names, "json_schema", "ls_structured_output_format"})
        if unknown:
            raise TypeError(f"a DataFlow serving does not take {', '.join(unknown)}: it takes {', '.join(names)}, stop and json_schema.")
        return Request(tuple(_from_langchain(message) for message in messages), sampling, given.get("json_schema"))

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {name: getattr(self, name) for name in ("temperature", "max_tokens", "top_p", "seed")}


_session: ContextVar[LLMSession | None] = ContextVar("session", default=None)


def _result(answer: Completion | Failure) -> ChatResult:
    if isinstance(answer, Failure):
        raise AnswerFailed(f"{answer.kind}: {answer.message}")
    tokens = (answer.prompt_tokens, answer.completion_tokens)
    message = AIMessage(
        answer.text,
        usage_metadata={"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": sum(tokens)},
        response_metadata={"model_name": answer.model, "finish_reason": answer.finish_reason, "cached": answer.cached},
    )
    return ChatResult(generations=[ChatGeneration(message=message)])


def _to_langchain(message: dict[str, Any]) -> BaseMessage:
    classes: dict[str, type[BaseMessage]] = {"system": SystemMessage, "assistant": AIMessage}
    return classes.get(message["role"], HumanMessage)(content=message["content"])


def _from_langchain(message: BaseMessage) -> Message:
    if isinstance(message, ToolMessage):
        raise TypeError("a DataFlow serving knows no tools: it cannot take a ToolMessage.")
    roles: dict[str, Any] = {"system": "system", "ai": "assistant", "human": "user"}
    if message.type not in roles:
        raise TypeError(f"a DataFlow serving takes system, human and AI messages, not {message.type!r}.")
    content = message.content
    return Message(roles[message.type], content if isinstance(content, str) else tuple(_part(part) for part in content))


def _part(part: str | dict[str, Any]) -> Part:
    if isinstance(part, str):
        return Part("text", part)
    if part.get("type") == "text":
        return Part("text", part["text"])
    if part.get("type") == "image_url":
        url = part["image_url"]
        return Part("image_url", url["url"] if isinstance(url, dict) else url)
    if part.get("type") == "input_audio":
        audio = part["input_audio"]
        return Part("input_audio", f"data:audio/{audio['format']};base64,{audio['data']}")
    if part.get("type") in ("image", "audio") and ("base64" in part or "url" in part):  # as LangChain itself writes them
        value = part["url"] if "url" in part else f"data:{part['mime_type']};base64,{part['base64']}"
        return Part("image_url" if part["type"] == "image" else "input_audio", value)
    raise TypeError(f"a DataFlow serving takes parts of type text, image_url and input_audio, not {part.get('type')!r}.")


def _plain(value: Any) -> Any:
    """What of a model's parameters can be part of a cache key: plain values; of any other object only its class, which says no key and no address."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else type(value).__qualname__


def _plain_object(value: Any) -> Any:
    return value.model_dump() if isinstance(value, BaseModel) else dict(value)

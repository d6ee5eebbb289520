"""Our serving as a chat model of LangChain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig, RunnableMap, RunnablePassthrough
from pydantic import BaseModel

from operators.asking.answers import Completion, Failure
from operators.asking.requests import Request, Sampling
from operators.asking.serving import LLMServing, LLMSession
from operators.engine.synchronously import run_to_end
from resources.llm.backends.langchain.messages import from_langchain


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
        return Request(tuple(from_langchain(message) for message in messages), sampling, given.get("json_schema"))

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
        additional_kwargs={"reasoning_content": answer.reasoning} if answer.reasoning else {},
    )
    return ChatResult(generations=[ChatGeneration(message=message)])

"""LangChain's chat models behind our engine, and our engine as one of them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

pytest.importorskip("langchain_core", reason="the LangChain bridge is an extra")

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.prompts import ChatPromptTemplate

from operators.asking.answers import Completion, Failure, ServingStopped
from operators.asking.requests import Message, Part, Request, Sampling
from resources.llm.backends.langchain import AnswerFailed, ServingChatModel, open_langchain
from resources.llm.settings.language_model import LLMSettings
from tests.resources.llm.fault_server import FaultServer, answer_to

MakeServing = Callable[..., Any]
StartServer = Callable[..., FaultServer]


class Busy(Exception):
    """As the packages of the vendors raise it."""

    status_code = 503


class RefusedKey(Exception):
    status_code = 401


class Parrot(BaseChatModel):
    """A chat model of LangChain that repeats what it was told, and counts."""

    calls: list[Any] = []
    failures: list[Any] = []
    volume: int = 1

    @property
    def _llm_type(self) -> str:
        return "parrot"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"volume": self.volume, "client": object()}

    def _generate(self, messages: list[Any], stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        self.calls.append((messages, stop, kwargs))
        if self.failures:
            raise self.failures.pop(0)
        usage = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}
        message = AIMessage(f"you said {messages[-1].text}", usage_metadata=usage, response_metadata={"stop_reason": "end_turn"})
        return ChatResult(generations=[ChatGeneration(message=message)])


@pytest.fixture
def quick(tmp_path: Path) -> LLMSettings:
    return LLMSettings(cache_path=tmp_path / "answers.sqlite", retry_seconds=0.01, retries=3)


def test_a_langchain_model_is_called_once_for_equal_requests_and_its_tokens_are_counted(quick: LLMSettings) -> None:
    parrot = Parrot()

    async def ask(prompts: list[str]) -> Any:
        async with open_langchain(parrot, quick).session() as session:
            return [a async for a in session.stream([Request.of(p, "be brief") for p in prompts])], session.usage

    answers, usage = asyncio.run(ask(["a", "b", "a"]))
    assert [answer.text for answer in answers] == ["you said a", "you said b", "you said a"]
    assert (usage.calls, usage.cached, usage.prompt_tokens, usage.completion_tokens) == (2, 1, 10, 4)
    messages, stop, arguments = parrot.calls[0]
    assert [type(message) for message in messages] == [SystemMessage, HumanMessage]
    assert (stop, arguments) == (None, {"temperature": 0.0, "max_tokens": 512})
    answers, usage = asyncio.run(ask(["a"]))
    assert (usage.calls, usage.cached, len(parrot.calls)) == (0, 1, 2)


def test_models_with_other_parameters_have_other_answers_and_objects_in_them_do_not_matter(quick: LLMSettings) -> None:
    quiet, loud = Parrot(), Parrot(volume=2)
    for parrot in (quiet, loud, quiet, loud):
        open_langchain(parrot, quick).generate_from_input(["a"])
    assert (len(quiet.calls), len(loud.calls)) == (1, 1)


def test_what_can_pass_is_tried_again_what_cannot_is_not_and_a_refused_key_stops(quick: LLMSettings) -> None:
    parrot = Parrot(failures=[Busy("try later"), ConnectionResetError()])
    (answer,) = open_langchain(parrot, quick).generate_from_input(["a"])
    assert isinstance(answer, Completion)
    assert len(parrot.calls) == 3
    (answer,) = open_langchain(Parrot(failures=[ValueError("no such thing")]), quick).generate_from_input(["b"])
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.attempts) == ("bad_request", 1)
    assert "no such thing" in answer.message
    with pytest.raises(ServingStopped, match="refused the key"):
        open_langchain(Parrot(failures=[RefusedKey("no")]), quick).generate_from_input(["c"])


def test_a_model_that_takes_no_schema_is_told_it_in_words(quick: LLMSettings) -> None:
    parrot = Parrot()
    open_langchain(parrot, quick).generate_from_input(["a"], json_schema={"type": "object"})
    assert "fits this schema" in parrot.calls[0][0][-1].text


def test_our_serving_answers_as_a_chat_model_with_its_tokens(make_serving: MakeServing, start_server: StartServer) -> None:
    server = start_server()
    model = ServingChatModel(serving=make_serving(server.address), max_tokens=9)
    chain = ChatPromptTemplate.from_messages([("system", "be kind"), ("human", "greet {name}")]) | model
    message = chain.invoke({"name": "Ada"})
    body = server.counts.bodies[-1]
    assert message.text == answer_to(body)
    assert [part["role"] for part in body["messages"]] == ["system", "user"]
    assert (body["max_tokens"], body["messages"][1]["content"]) == (9, "greet Ada")
    assert message.usage_metadata["total_tokens"] == message.usage_metadata["input_tokens"] + message.usage_metadata["output_tokens"] > 0
    again = asyncio.run(chain.ainvoke({"name": "Ada"}))
    assert (again.text, again.response_metadata["cached"], server.counts.requests) == (message.text, True, 1)


def test_a_batch_shares_one_session_keeps_its_order_and_may_hold_errors(make_serving: MakeServing, start_server: StartServer) -> None:
    server = start_server(latency=0.05)
    model = ServingChatModel(serving=make_serving(server.address))
    answers = model.batch([f"question {number}" for number in range(30)])
    assert [answer.text for answer in answers] == [answer.text for answer in model.batch([f"question {number}" for number in range(30)])]
    assert server.counts.requests == 30
    assert server.counts.peak > 5
    server.faults.always_status = 400
    with pytest.raises(AnswerFailed, match="bad_request"):
        model.invoke("another")
    kept = model.batch(["question 1", "another"], return_exceptions=True)
    assert kept[0].text == answers[1].text
    assert isinstance(kept[1], AnswerFailed)


def test_structured_output_is_asked_for_as_a_schema(make_serving: MakeServing, start_server: StartServer) -> None:
    class City(BaseModel):
        """A city."""

        name: str

    server = start_server()
    model = ServingChatModel(serving=make_serving(server.address))
    raw = model.with_structured_output(City, include_raw=True).invoke("the capital of France")
    assert server.counts.bodies[-1]["response_format"]["json_schema"]["schema"]["properties"] == {"name": {"title": "Name", "type": "string"}}
    assert isinstance(raw["raw"], AIMessage)
    assert (raw["parsed"] is None) == (raw["parsing_error"] is not None)


def test_pictures_and_sounds_pass_both_ways(make_serving: MakeServing, start_server: StartServer, quick: LLMSettings) -> None:
    server = start_server()
    sound = base64.b64encode(b"RIFF").decode()
    parts: list[Any] = [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "input_audio", "input_audio": {"data": sound, "format": "wav"}},
    ]
    ServingChatModel(serving=make_serving(server.address)).invoke([HumanMessage(parts)])
    assert server.counts.bodies[-1]["messages"][0]["content"] == parts
    parrot = Parrot()
    open_langchain(parrot, quick).generate_from_input([[Message("user", (Part("text", "look"), Part("image_url", "data:image/png;base64,AAAA")))]])
    assert parrot.calls[0][0][0].content[1]["image_url"]["url"] == "data:image/png;base64,AAAA"


def test_what_a_serving_does_not_know_is_refused_with_what_it_does(make_serving: MakeServing, start_server: StartServer) -> None:
    model = ServingChatModel(serving=make_serving(start_server().address))
    with pytest.raises(TypeError, match=r"does not take tools: it takes temperature"):
        model.invoke("a", tools=[])
    assert Sampling().temperature == model.temperature


class Indiscreet(BaseChatModel):
    """A vendor whose error messages repeat the key."""

    api_key: SecretStr

    @property
    def _llm_type(self) -> str:
        return "indiscreet"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **arguments: Any) -> ChatResult:
        raise ValueError(f"bad request with key {self.api_key.get_secret_value()}")


def test_a_key_in_a_vendors_error_message_is_not_shown(tmp_path: Path) -> None:
    serving = open_langchain(Indiscreet(api_key=SecretStr("sk-very-secret-1234")), LLMSettings(cache_path=tmp_path / "answers.sqlite", retries=0))
    [answer] = serving.generate_from_input(["question"])
    assert isinstance(answer, Failure)
    assert "sk-very-secret" not in answer.message
    assert "[secret]" in answer.message

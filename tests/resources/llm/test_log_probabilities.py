"""Log-probabilities of a given text: the model's own numbers, whichever server gives them, cached and counted as answers are."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pydantic import SecretStr

from operators.asking.answers import Failure, ServingStopped, TokenLogProbabilities, Usage, Weighed
from operators.asking.requests import GivenText
from operators.asking.serving import LLMServing
from resources import models
from resources.llm import LLMSettings, open_serving
from resources.llm.accounting import usage_ledger
from resources.llm.backends import embedded_server
from resources.llm.backends.echoed_prompt import span_of
from tests.resources.llm import echo_server
from tests.resources.llm.conftest import MakeServing, StartServer
from tests.resources.llm.echo_server import EchoServer, tokens_of, values_of

StartEcho: TypeAlias = Callable[..., EchoServer]

missing = not models.list()[0].present and "DATAFLOW_REQUIRE_MODELS" not in os.environ
needs_weights = pytest.mark.skipif(
    missing, reason="the weights are not there: run `dataflow models get` (DATAFLOW_REQUIRE_MODELS=1 makes this an error)"
)


@pytest.fixture
def start_echo() -> Iterator[StartEcho]:
    with ExitStack() as stack:

        def start(**behaviour: Any) -> EchoServer:
            return stack.enter_context(echo_server.running(**behaviour))

        yield start


def weigh(serving: LLMServing, *texts: GivenText) -> tuple[list[Weighed], Usage]:
    async def ask() -> tuple[list[Weighed], Usage]:
        async with serving.session() as session:
            return await asyncio.gather(*map(session.log_probabilities, texts)), session.usage

    return asyncio.run(ask())


def values(weighed: Weighed) -> tuple[float, ...]:
    assert isinstance(weighed, TokenLogProbabilities), weighed
    return weighed.values


# Servers that send the prompt back


@pytest.mark.parametrize("mark", ["", "<s>"])
def test_each_token_has_the_models_own_value_after_what_stands_before_it(mark: str, start_echo: StartEcho, make_serving: MakeServing) -> None:
    text = "the cat sat on the mat"
    [weighed], usage = weigh(make_serving(start_echo(mark=mark).address), GivenText(text))
    assert values(weighed) == pytest.approx(values_of([*([mark] if mark else []), *tokens_of(text)]))
    assert (usage.calls, usage.prompt_tokens, usage.completion_tokens) == (1, 6 + len(mark) // 3, 0)


@pytest.mark.parametrize("shows_bytes", [False, True])
def test_a_context_is_seen_but_not_judged(shows_bytes: bool, start_echo: StartEcho, make_serving: MakeServing) -> None:
    context, text = "où est le café", " près de l'église ?"
    [weighed], _ = weigh(make_serving(start_echo(shows_bytes=shows_bytes, mark="<s>").address), GivenText(text, context))
    assert values(weighed) == pytest.approx(values_of(tokens_of(context + text))[-len(tokens_of(text)) :])


@pytest.mark.parametrize(
    ("tokens", "prompt", "context", "span"),
    [
        (["the", " cat"], "the cat", 0, (0, 2)),
        (["<s>", "the", " cat"], "the cat", 3, (2, 3)),
        (["the", " cat", " sat"], "the cat", 3, (1, 2)),  # the last one was written by the model
        (["a", " ca", "t"], "a cat", 3, (1, 3)),  # a token across the border
        (["a", "", "é"], "aé", 1, (1, 3)),  # the first half of a character is shown as nothing
        (["a", "\ufffd", "\ufffd"], "aé", 1, None),
    ],
)
def test_the_tokens_of_the_text_are_found_in_the_echo(tokens: list[str], prompt: str, context: int, span: tuple[int, int] | None) -> None:
    assert span_of(tokens, prompt, context) == span


def test_nothing_is_asked_twice_and_all_is_in_the_ledger(start_echo: StartEcho, make_serving: MakeServing) -> None:
    server = start_echo()
    texts = [GivenText("a b c"), GivenText("a b c"), GivenText(" c", "a b"), GivenText(" c")]
    first, usage = weigh(make_serving(server.address), *texts)
    assert (usage.calls, usage.cached, len(server.bodies)) == (3, 1, 3)
    serving = make_serving(server.address)
    again, usage = weigh(serving, *texts)
    assert [values(weighed) for weighed in again] == [values(weighed) for weighed in first]
    assert all(isinstance(weighed, TokenLogProbabilities) and weighed.cached for weighed in again)
    assert (usage.calls, usage.cached, len(server.bodies)) == (0, 4, 3)
    assert serving.cache_path is not None
    [spent] = usage_ledger.read(serving.cache_path)
    assert (spent.calls, spent.prompt_tokens) == (3, 3 + 3 + 1)


def test_a_busy_server_is_asked_again_and_a_spent_budget_stops(start_echo: StartEcho, make_serving: MakeServing) -> None:
    server = start_echo(refusals=2)
    [weighed], usage = weigh(make_serving(server.address), GivenText("a b c"))
    assert len(values(weighed)) == 2
    assert usage.retried == 2
    with pytest.raises(ServingStopped, match="the budget of 3 tokens is spent"):
        weigh(make_serving(server.address, budget_tokens=3, max_in_flight=1), GivenText("d e f"), GivenText("g h i"))


def test_one_text_that_is_too_long_is_a_failure_of_its_own(start_echo: StartEcho, make_serving: MakeServing) -> None:
    server = start_echo(status=400, message="This model's maximum context length is 1024 tokens.")
    [weighed], _ = weigh(make_serving(server.address), GivenText("a b c"))
    assert isinstance(weighed, Failure)
    assert weighed.kind == "bad_request"
    assert "maximum context length" in weighed.message


@pytest.mark.parametrize(
    "behaviour", [{"echoes": False}, {"status": 404, "message": "no such page"}, {"status": 400, "message": "echo is not supported"}]
)
def test_a_server_that_cannot_stops_the_run_with_what_to_do(behaviour: dict[str, Any], start_echo: StartEcho, make_serving: MakeServing) -> None:
    with pytest.raises(
        ServingStopped, match=r"gives no log-probabilities of a given text.*The embedded model, llama\.cpp \(provider: llama-cpp\), vLLM and SGLang"
    ):
        weigh(make_serving(start_echo(**behaviour).address), GivenText("a b c"), GivenText("d e f"))


def test_a_provider_that_is_known_not_to_is_not_even_asked(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()
    with pytest.raises(ServingStopped, match="gives no log-probabilities of a given text"):
        weigh(make_serving(server.address, provider="ollama"), GivenText("a b c"))
    assert server.counts.requests == 0


def test_a_backend_that_only_chats_stops_the_run_too(tmp_path: Path) -> None:
    from langchain_core.language_models import FakeListChatModel

    from resources.llm.backends.langchain import open_langchain

    model = FakeListChatModel(responses=["an answer"])
    with pytest.raises(ServingStopped, match="the LangChain model FakeListChatModel gives no log-probabilities of a given text"):
        weigh(open_langchain(model, LLMSettings(cache_path=tmp_path / "answers.sqlite")), GivenText("a b c"))


# The embedded model, really asked


@pytest.fixture
def embedded(tmp_path: Path) -> LLMServing:
    return open_serving(LLMSettings(provider="embedded", cache_path=tmp_path / "answers.sqlite"))


COMPUTED_BY_TRANSFORMERS = {
    "The capital of France is Paris.": [-11.538, -0.338, -2.441, -0.452, -0.258, -0.380],
    "Ünïcödé naïve café": [-11.670, -4.788, -6.943, -5.887, -6.955, -3.904, -3.197, -9.121, -7.116, -14.815],
    "x 🎉🎉 日本語": [-20.199, -3.306, -2.460, -2.856, -0.175, -2.360, -9.137, -4.129, -2.015, -3.555, -1.864, -4.084, -1.942],
}
"""transformers 5.23 with the same weights in single precision: log_softmax of the logits at each token."""


@needs_weights
@pytest.mark.parametrize("text", COMPUTED_BY_TRANSFORMERS)
def test_the_embedded_models_values_are_those_that_transformers_computes_also_of_halves_of_characters(text: str, embedded: LLMServing) -> None:
    [weighed], usage = weigh(embedded, GivenText(text))
    assert values(weighed) == pytest.approx(COMPUTED_BY_TRANSFORMERS[text], abs=0.03)
    assert usage.calls == 1


@needs_weights
def test_the_embedded_model_judges_only_what_comes_after_the_context(embedded: LLMServing) -> None:
    whole, after, nothing = weigh(
        embedded, GivenText("The capital of France is Paris."), GivenText(" is Paris.", "The capital of France"), GivenText("a")
    )[0]
    assert values(after) == pytest.approx(values(whole)[-3:], abs=0.01)
    assert values(nothing) == ()


@needs_weights
def test_a_llama_cpp_server_elsewhere_is_asked_in_the_same_way(tmp_path: Path) -> None:
    servers = embedded_server.start(models.path("smollm2"))
    settings = LLMSettings(
        provider="llama-cpp", base_url=servers.addresses[0], api_key=SecretStr(servers.api_key), model="m", cache_path=tmp_path / "answers.sqlite"
    )
    [weighed], _ = weigh(open_serving(settings), GivenText("The capital of France is Paris."))
    assert values(weighed) == pytest.approx(COMPUTED_BY_TRANSFORMERS["The capital of France is Paris."], abs=0.03)


@needs_weights
def test_a_text_longer_than_the_embedded_model_holds_is_a_failure_at_once_and_the_others_are_weighed(embedded: LLMServing) -> None:
    began = time.monotonic()
    long, short = weigh(embedded, GivenText("word " * 9000), GivenText("a cat"))[0]
    assert isinstance(long, Failure)
    assert "the text has 9001 tokens with what stands before it, and the embedded model smollm2 holds 8,192" in long.message
    assert len(values(short)) == 1
    assert time.monotonic() - began < 30, "writing 8,192 tokens takes minutes"


@needs_weights
def test_marks_that_stand_in_a_text_are_text(embedded: LLMServing) -> None:
    [weighed], _ = weigh(embedded, GivenText("so <|im_end|>"))
    assert len(values(weighed)) > 3
    assert all(math.isfinite(value) and value < 0 for value in values(weighed))

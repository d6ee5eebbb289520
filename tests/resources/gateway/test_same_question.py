"""A question that passes through the gateway is the question: every one that the client can ask is read back as it was, so its key is the same."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.asking.requests import Message, Part, Request, Sampling
from resources.gateway.chat_request import BadRequest, request_of
from resources.llm.answers.request_key import RequestKeys
from resources.llm.backends.request_manner import RequestManner

KEYS = RequestKeys({"base_url": "http://server/v1", "extra_body": {}}, "mock")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PARTS = st.one_of(
    st.builds(Part, st.just("text"), TEXTS),
    st.builds(Part, st.just("image_url"), TEXTS),
    st.builds(Part, st.just("input_audio"), st.sampled_from(["data:audio/wav;base64,QUJD", "data:audio/mp3;base64,"])),
)
MESSAGES = st.builds(Message, st.sampled_from(["system", "user", "assistant", "tool"]), st.one_of(TEXTS, st.lists(PARTS, max_size=3).map(tuple)))
SAMPLINGS = st.builds(
    Sampling,
    temperature=st.one_of(st.none(), st.integers(0, 2), st.floats(0, 2)),
    max_tokens=st.one_of(st.none(), st.integers(0, 10_000)),
    top_p=st.one_of(st.none(), st.floats(0, 1)),
    seed=st.one_of(st.none(), st.integers(-(2**40), 2**40)),
    stop=st.lists(TEXTS, max_size=2).map(tuple),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-2, 2), TEXTS), lambda inner: st.dictionaries(TEXTS, inner), max_leaves=5
)
SCHEMAS = st.one_of(st.none(), st.dictionaries(TEXTS, VALUES, max_size=4))
REQUESTS = st.builds(Request, st.lists(MESSAGES, min_size=1, max_size=3).map(tuple), SAMPLINGS, SCHEMAS, st.integers(0, 50))


@settings(max_examples=150, deadline=None)
@given(REQUESTS)
def test_a_request_read_from_its_own_body_has_the_key_of_the_request(request: Request) -> None:
    body = orjson.loads(orjson.dumps(RequestManner("server").body_of(request, "mock"), default=dict))
    read = request_of(body, request.sample, {})
    assert read == request
    assert KEYS.of(read) == KEYS.of(request)


ASKED: dict[str, Any] = {"model": "mock", "messages": [{"role": "user", "content": "q"}]}


@pytest.mark.parametrize(
    ("further", "complaint"),
    [
        ({"stream": True}, "stream"),
        ({"n": 2}, "n: one answer"),
        ({"logprobs": True}, "logprobs"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"reasoning_effort": "high"}, "reasoning_effort"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format"),
        ({"messages": []}, "messages"),
        ({"messages": "q"}, "messages"),
        ({"messages": [{"role": "king", "content": "q"}]}, "role"),
        ({"messages": [{"role": "user", "content": 5}]}, "content"),
        ({"messages": [{"role": "user", "content": "q", "tool_calls": []}]}, "nothing else"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u", "detail": "low"}}]}]}, "part"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "give one"),
        ({"seed": 2**63}, "seed"),
        ({"stop": [5]}, "stop"),
        ({"stop": ["x"] * 100}, "stop"),
    ],
)
def test_what_the_engine_could_not_ask_is_refused_by_name(further: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        request_of({**ASKED, **further}, 0, {"reasoning_effort": "low"})


def test_a_schema_nested_deeper_than_can_be_sent_on_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(600):
        schema = {"properties": schema}
    with pytest.raises(BadRequest, match="schema"):
        request_of({**ASKED, "response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}, 0, {})


@pytest.mark.parametrize(
    "further", [{"n": 1, "stream": False, "user": "me", "top_p": None}, {"reasoning_effort": "low"}, {"logprobs": False, "tools": []}]
)
def test_what_changes_nothing_is_taken(further: dict[str, Any]) -> None:
    assert request_of({**ASKED, **further}, 0, {"reasoning_effort": "low"}) == request_of(ASKED, 0, {})

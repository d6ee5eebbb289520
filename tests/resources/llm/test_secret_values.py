"""Which values are secrets: keys are hidden wherever they stand, and no good answer is thrown away for a plain word."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from operators.asking.answers import Completion, Failure
from resources.llm import LLMSettings
from resources.llm.settings.secret_values import key_is_secret, named_is_secret
from tests.resources.llm.conftest import MakeServing
from tests.resources.llm.scripted_server import completion, http, running

OPAQUE = "kq7Zt2Lm9Xw4Rb6Nv1"


@pytest.mark.parametrize(
    "key", ["EMPTY", "none", "sk-no-key-required", "sk-xxxx", "not-needed", "lm-studio", "ollama", "1234", "YOUR_API_KEY", "unused"]
)
def test_what_stands_for_no_key_is_none(key: str) -> None:
    assert not key_is_secret(key)


@pytest.mark.parametrize("key", ["the-key", "token-abc123", "gemini-key", "hunter2", OPAQUE, "sk-proj-0a1b2c3d4e"])
def test_any_other_key_is_a_secret(key: str) -> None:
    assert key_is_secret(key)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", f"Bearer {OPAQUE}"), ("Cookie", "sid=ab12cd34"), ("X-Api-Key", "9fQ2mB71"), ("api-key", "0123456789abcdef"),
        ("Ocp-Apim-Subscription-Key", "k9d8f7d6s5a4"), ("CF-Access-Client-Secret", "aaabbbccc111"), ("X-Auth-Token", "t0k3nvalue"),
        ("Proxy-Authorization", "Basic dXNlcjpwYXNz"), ("X-Tenant", OPAQUE), ("X-Anything", f"Bearer {OPAQUE}"), ("sig", "abc+123def456"),
    ],
)  # fmt: skip
def test_a_header_is_a_secret_by_its_name_or_by_its_value(name: str, value: str) -> None:
    assert named_is_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP-Referer", "https://example.org"), ("anthropic-version", "2023-06-01"), ("X-Title", "data pipeline 2"),
        ("OpenAI-Beta", "assistants=v2"),
        ("anthropic-beta", "prompt-caching-2024-07-31,output-128k-2025-02-19"), ("User-Agent", "research-pipeline/1.0.3 (linux)"),
        ("X-Author", "Jane Doe"), ("X-Token-Limit", "100000"), ("api-version", "2024-10-21"), ("X-Tenant", "nlp-research-europe"),
        ("X-Keyboard", "german-layout"), ("X-Model", "some-model-20241022"), ("Accept", "application/json"),
    ],
)  # fmt: skip
def test_a_header_that_says_who_asks_and_how_is_none(name: str, value: str) -> None:
    assert not named_is_secret(name, value)


def test_answers_may_hold_the_words_of_plain_headers(make_serving: MakeServing) -> None:
    said = "See https://example.org/a of 2023-06-15: a data pipeline moves data, and is not empty."
    headers = {"HTTP-Referer": "https://example.org", "anthropic-version": "2023-06-01", "X-Title": "data pipeline 2"}
    with running(otherwise=http(200, completion(said))) as server:
        [answer] = make_serving(server.address, headers=headers, api_key="EMPTY").generate_from_input(["a question"])
        assert isinstance(answer, Completion)
        assert answer.text == said


def test_a_placeholder_is_not_blacked_out_of_messages(make_serving: MakeServing) -> None:
    with running(otherwise=http(400, {"error": {"message": "the content must not be empty"}})) as server:
        [answer] = make_serving(server.address, api_key="EMPTY").generate_from_input(["a question"])
        assert isinstance(answer, Failure)
        assert "must not be empty" in answer.message


def test_a_key_in_the_query_of_the_address_is_shown_and_kept_nowhere(make_serving: MakeServing, tmp_path: Path) -> None:
    telling = http(404, {"error": {"message": f"no route /v1/chat/completions?api-key={OPAQUE}&api-version=2024-10-21"}})
    with running({"an error": telling, "an answer": http(200, completion(f"You called ?api-key={OPAQUE}"))}) as server:
        address = f"{server.address}/v1?api-key={OPAQUE}&api-version=2024-10-21"
        error, answer, good = make_serving(address).generate_from_input(["an error", "an answer", "a question"])
        assert isinstance(error, Failure)
        assert OPAQUE not in error.message
        assert "api-version=2024-10-21" in error.message
        assert isinstance(answer, Failure)
        assert isinstance(good, Completion)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and OPAQUE.encode() in file.read_bytes()]


@pytest.mark.parametrize("written", [f"{OPAQUE}\n", f" {OPAQUE}\r\n", f"\t{OPAQUE}"])
def test_white_space_around_a_key_is_not_sent(written: str) -> None:
    settings = LLMSettings(base_url="http://127.0.0.1:1", api_key=SecretStr(written), headers={"X-Api-Key": SecretStr(written)})
    assert settings.api_key is not None
    assert {settings.api_key.get_secret_value(), settings.headers["X-Api-Key"].get_secret_value()} == {OPAQUE}


@pytest.mark.parametrize("written", ["sk-abc\ndef-123456", "sk-abc…z0123456", "sk-abc\x00def123"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(written: str) -> None:
    with pytest.raises(ValidationError, match="cannot be sent in a header") as refused:
        LLMSettings(base_url="http://127.0.0.1:1", api_key=SecretStr(written))
    assert written not in str(refused.value)

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from resources.embeddings import EmbeddingSettings
from resources.llm import LLMSettings
from resources.llm.settings.server import ServerSettings


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"),
        (" http://127.0.0.1:8000/v1/chat/completions ", "http://127.0.0.1:8000/v1"),
        ("localhost:11434", "http://localhost:11434/v1"),
        ("10.0.0.5:8000", "http://10.0.0.5:8000/v1"),
        ("api.example.org", "https://api.example.org/v1"),
        ("https://example.org/api/v1", "https://example.org/api/v1"),
        ("https://example.org/v1beta/openai/", "https://example.org/v1beta/openai"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_a_base_url_may_be_written_as_people_write_it(given: str, meant: str) -> None:
    assert LLMSettings(base_url=given).base_url == meant


@pytest.mark.parametrize("given", ["ftp://host/v1", "http://", "https:///v1"])
def test_a_base_url_that_is_none_says_what_one_looks_like(given: str) -> None:
    with pytest.raises(ValidationError, match="should look like http://127"):
        LLMSettings(base_url=given)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"base_url": "http://127.0.0.1:99999"}, "http://127.0.0.1:99999 has a port that is no number from 0 to 65535"),
        ({"base_url": "http://user:secret@127.0.0.1:port"}, "http://127.0.0.1:port has a port that is no number"),
        ({"base_url": "http://a..b/v1"}, "http://a..b has a host that no name can be"),
        ({"base_url": f"http://{'a' * 70}.example"}, "has a host that no name can be"),
        ({"base_url": "http://gpu box:8000"}, "a space in its host"),
        ({"headers": {"X-Key\n": "a"}}, "no name of a header"),
        ({"headers": {"": "a"}}, "no name of a header"),
        ({"extra_body": {"stream": True}}, "answers are taken whole, so leave stream out"),
        ({"extra_body": {"stop": {"a"}}}, "extra_body cannot be sent as JSON"),
        ({"extra_body": {"seed": 2**70}}, "extra_body cannot be sent as JSON"),
    ],
)
@pytest.mark.parametrize("kind", [LLMSettings, EmbeddingSettings])
def test_settings_that_no_request_can_be_made_of_are_refused(kind: type[ServerSettings], setting: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        kind(**setting)


@pytest.mark.parametrize("address", ["http://[fe80::1%25eth0]:8000", "http://münchen.example", "http://my_host:8000", "[::1]:8000"])
def test_any_host_that_can_be_is_taken(address: str) -> None:
    assert LLMSettings(base_url=address, extra_body={"stream": False, "options": {"a": [1]}}, headers={"X-Tenant_1": "a"}).base_url


def test_empty_settings_are_unset() -> None:
    settings = LLMSettings(base_url="", model="  ", api_key="")
    assert (settings.base_url, settings.model, settings.api_key) == (None, None, None)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="max_inflight"):
        LLMSettings.from_environment(base_url="http://127.0.0.1:1", max_inflight=3)


def test_the_pace_of_a_server_comes_from_the_environment_where_nothing_else_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DATAFLOW_LLM_MAX_IN_FLIGHT", "16")
    monkeypatch.setenv("DATAFLOW_LLM_TIMEOUT", "600")
    settings = LLMSettings.from_environment()
    assert (settings.max_in_flight, settings.timeout) == (16, 600.0)
    assert LLMSettings.from_environment(max_in_flight=3).max_in_flight == 3
    monkeypatch.setenv("DATAFLOW_LLM_PROVIDER", "vllm")
    assert LLMSettings.from_environment(provider="ollama").max_in_flight == 64, "it is said of another server"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATAFLOW_LLM_MAX_IN_FLIGHT", "many"),
        ("DATAFLOW_LLM_MAX_IN_FLIGHT", "0"),
        ("DATAFLOW_LLM_MAX_IN_FLIGHT", "2.5"),
        ("DATAFLOW_LLM_TIMEOUT", "nan"),
        ("DATAFLOW_LLM_TIMEOUT", "inf"),
        ("DATAFLOW_LLM_TIMEOUT", "-1"),
    ],
)
def test_a_pace_that_is_none_is_refused_with_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=f"{variable} is '{value}'"):
        LLMSettings.from_environment()

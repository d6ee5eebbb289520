from __future__ import annotations

import pytest
from pydantic import ValidationError

from resources.llm import LLMSettings


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


def test_empty_settings_are_unset() -> None:
    settings = LLMSettings(base_url="", model="  ", api_key="")
    assert (settings.base_url, settings.model, settings.api_key) == (None, None, None)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="max_inflight"):
        LLMSettings.from_environment(base_url="http://127.0.0.1:1", max_inflight=3)

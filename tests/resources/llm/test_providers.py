"""`provider: gemini` and a key are all that a user writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from dataflow_assets.resources import LLMResource
from operators.asking.answers import Completion, ServingStopped
from operators.asking.requests import Request, Sampling
from resources.llm import LLMSettings, open_serving
from resources.llm.backends.openai_compatible import HttpConnection, OpenAICompatibleBackend
from resources.llm.settings.providers import providers
from tests.resources.llm.conftest import StartServer
from tests.resources.llm.scripted_server import http, running

NAMES = ["openai", "gemini", "anthropic", "deepseek", "openrouter", "together", "ollama", "vllm", "sglang", "llama-cpp", "litellm-proxy", "dataflow"]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.fixture(autouse=True)
def _no_servers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROVIDER", "BASE_URL", "MODEL", "API_KEY", "PROVIDERS"):
        monkeypatch.delenv(f"DATAFLOW_LLM_{name}", raising=False)
    for preset in providers().values():
        if preset.key_variable:
            monkeypatch.delenv(preset.key_variable, raising=False)


def body(settings: LLMSettings, request: Request) -> dict[str, object]:
    connection = HttpConnection(OpenAICompatibleBackend(settings), None, settings.model or "m")  # type: ignore[arg-type]
    return connection.body_of(request)


def test_the_promised_providers_are_there() -> None:
    assert list(providers()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_name_and_a_key_are_enough(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    preset = providers()[name]
    if preset.key_variable:
        monkeypatch.setenv(preset.key_variable, "the-key")
    settings = LLMSettings(provider=name, model="m")
    assert settings.base_url == preset.base_url
    assert settings.secrets() == (["the-key"] if preset.key_variable else [])
    asked = body(settings, Request.of("q", json_schema=SCHEMA, sampling=Sampling(seed=7)))
    assert ("seed" in asked) is preset.seed
    kind = asked.get("response_format", {}).get("type")  # type: ignore[attr-defined]
    assert kind == {"strict": "json_schema", "schema": "json_schema", "json_object": "json_object", "instructions": None}[preset.json_schema]
    assert preset.token_limit in asked


def test_a_missing_key_is_named_by_its_variable() -> None:
    with pytest.raises(ValueError, match=r"the provider gemini needs a key: export GEMINI_API_KEY="):
        LLMSettings(provider="gemini")


def test_a_name_that_nobody_has_suggests_the_closest() -> None:
    with pytest.raises(ValueError, match=r'no provider is called "gemeni".*Did you mean "gemini"\?'):
        LLMSettings(provider="gemeni")


def test_a_base_url_moves_a_provider_elsewhere() -> None:
    assert LLMSettings(provider="vllm", base_url="http://10.0.0.5:9000").base_url == "http://10.0.0.5:9000/v1"


def test_the_environment_may_name_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_PROVIDER", "deepseek")
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", "deepseek-chat")
    monkeypatch.setenv("DATAFLOW_LLM_API_KEY", "from-dataflow")
    settings = LLMSettings.from_environment()
    assert (settings.base_url, settings.model, settings.secrets()) == ("https://api.deepseek.com/v1", "deepseek-chat", ["from-dataflow"])


def test_the_key_model_and_address_of_the_environment_never_go_to_another_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", "https://company.example/v1")
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", "company-model")
    monkeypatch.setenv("DATAFLOW_LLM_API_KEY", "company-key")
    monkeypatch.setenv("GEMINI_API_KEY", "gemini-key")
    settings = LLMSettings.from_environment(provider="gemini", model="gemini-2.5-flash")
    assert settings.secrets() == ["gemini-key"]
    assert settings.base_url == "https://generativelanguage.googleapis.com/v1beta/openai"
    assert LLMSettings.from_environment(provider="vllm").secrets() == []
    assert LLMSettings.from_environment(provider="embedded").base_url is None


def test_the_key_of_the_environments_provider_does_not_go_to_an_address_that_somebody_else_gave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_LLM_PROVIDER", "gemini")
    monkeypatch.setenv("GEMINI_API_KEY", "gemini-key")
    assert LLMSettings.from_environment(base_url="https://other.example/v1").secrets() == []


def test_users_describe_their_own_provider_and_use_it_from_a_resource(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = start_server(api_key="ours")
    (tmp_path / "providers.yaml").write_text(
        f"ours: {{base_url: '{server.address}', key_variable: OUR_KEY, json_schema: json_object, seed: false}}\n"
    )
    monkeypatch.setenv("DATAFLOW_LLM_PROVIDERS", str(tmp_path / "providers.yaml"))
    monkeypatch.setenv("DATAFLOW_LLM_CACHE", str(tmp_path / "answers.sqlite"))
    monkeypatch.setenv("OUR_KEY", "ours")
    monkeypatch.setenv("TENANT", "tenant-7")
    serving = LLMResource(provider="ours", model="mock", hedge=3.0, header_variables={"X-Tenant": "TENANT"}).open()
    [answer] = serving.generate_from_input(["q"], json_schema=SCHEMA, seed=3)
    assert isinstance(answer, Completion)
    assert server.counts.bodies[-1]["response_format"] == {"type": "json_object"}
    assert "seed" not in server.counts.bodies[-1]


def test_a_file_that_holds_no_providers_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "providers.yaml").write_text("ours: {base: x}\n")
    monkeypatch.setenv("DATAFLOW_LLM_PROVIDERS", str(tmp_path / "providers.yaml"))
    with pytest.raises(ValueError, match=r"providers\.yaml does not hold providers"):
        LLMSettings(provider="ours")


def test_batches_are_a_setting_of_providers_that_have_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from resources.llm.backends.batch import BatchServing

    monkeypatch.setenv("OPENAI_API_KEY", "key")
    monkeypatch.setenv("DATAFLOW_LLM_CACHE", str(tmp_path / "answers.sqlite"))
    opened = LLMResource(provider="openai", model="m", batch=True, batch_settings={"requests": 7}).open()
    assert isinstance(opened, BatchServing)
    assert opened.backend.max_in_flight % 7 == 0
    with pytest.raises(ValueError, match="the provider ollama has no Batch API"):
        open_serving(LLMSettings(provider="ollama", model="m", batch=True))


def test_a_model_inside_this_process_has_no_address() -> None:
    with pytest.raises(ValueError, match="provider vllm-offline is a model inside this process"):
        LLMSettings(provider="vllm-offline", base_url="http://127.0.0.1:8000")
    with pytest.raises(ValueError, match="vllm-offline needs a model"):
        open_serving(LLMSettings(provider="vllm-offline"))


def test_a_refused_key_is_to_be_given_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "gemini-key-9fQ2mB71\n")
    with running(otherwise=http(401, {"error": {"message": "no"}})) as server:
        for settings, variable in (
            (LLMSettings(provider="gemini", base_url=server.address, model="m", cache=False, ledger=False), "GEMINI_API_KEY"),
            (LLMSettings(base_url=server.address, model="m", api_key=SecretStr("k-9fQ2mB71"), cache=False, ledger=False), "DATAFLOW_LLM_API_KEY"),
        ):
            with pytest.raises(ServingStopped, match=rf"refused the key .*Give a valid one in {variable}, or"):
                open_serving(settings).generate_from_input(["a question"])

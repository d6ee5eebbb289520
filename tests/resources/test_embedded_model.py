"""The embedded model, really asked. Its answers are weak: what is tested is the machinery."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pyarrow as pa
import pytest

from dataflow_assets.running.stages import load_source, run_stage
from operators import Handle, MemoryStorage, Pipeline
from operators.asking.answers import Completion, Failure, ServingStopped
from operators.asking.requests import Request
from operators.asking.serving import LLMServing
from operators.generic.prompted import PromptedGenerator
from resources import models
from resources.llm import LLMSettings, open_serving
from resources.llm.backends import embedded_server
from resources.llm.engine.serving import Serving
from resources.warehouse import Warehouse
from tests.resources.models.tiny_gguf import write_gguf

ROOT = Path(__file__).parents[2]
SCHEMA = {
    "type": "object",
    "properties": {"reason": {"type": "string", "maxLength": 40}, "score": {"type": "integer", "minimum": 0, "maximum": 5}},
    "required": ["reason", "score"],
    "additionalProperties": False,
}
TEXTS = [
    "Plants make sugar from light.",
    "BUY NOW!!! cheap watches",
    "def f(x): return x + 1",
    "Ünïcödé 🎉 text",
    "",
    "The mitochondrion is an organelle.",
]


class Pitched(Pipeline):
    """One answer to each text."""

    def __init__(self) -> None:
        self.pitch = PromptedGenerator(max_tokens=200)

    def forward(self, texts: Handle) -> Handle:
        return self.pitch(texts)


missing = not models.list()[0].present and "DATAFLOW_REQUIRE_MODELS" not in os.environ
needs_weights = pytest.mark.skipif(
    missing, reason="the weights are not there: run `dataflow models get` (DATAFLOW_REQUIRE_MODELS=1 makes this an error)"
)


def test_a_model_that_llama_cpp_cannot_load_is_named_with_what_to_do(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "odd.gguf")
    with pytest.raises(ServingStopped, match=r"llama\.cpp cannot load .*odd\.gguf .* may be damaged \(fetch it again\)"):
        open_serving(LLMSettings(provider="embedded", model=str(file), cache=False, ledger=False)).generate_from_input(["Hello"])


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Serving:
    monkeypatch.delenv("DATAFLOW_LLM_BASE_URL", raising=False)
    monkeypatch.delenv("DATAFLOW_LLM_MODEL", raising=False)
    opened = open_serving(LLMSettings.from_environment(cache_path=tmp_path / "answers.sqlite"))
    assert isinstance(opened, Serving)
    return opened


@needs_weights
def test_stages_that_take_turns_at_a_server_keep_the_starts_of_their_prompts() -> None:
    servers = embedded_server.start(models.path("smollm2"))
    starts = [f"You are judge {name}. " + " ".join(f"Rule {number}: be {name}." for number in range(40)) for name in ("calm", "swift")]
    computed = []
    for text in ("one", "two", "three"):
        for start in starts:
            body = {"messages": [{"role": "system", "content": start}, {"role": "user", "content": text}], "max_tokens": 1, "temperature": 0}
            headers = {"Authorization": f"Bearer {servers.api_key}", "Content-Type": "application/json"}
            asked = urllib.request.Request(f"{servers.addresses[0]}/v1/chat/completions", json.dumps(body).encode(), headers)
            with urllib.request.urlopen(asked, timeout=120) as answer:
                computed.append(json.load(answer)["timings"]["prompt_n"])
    assert min(computed[:2]) > 200
    assert max(computed[2:]) < 30


@needs_weights
def test_every_answer_fits_the_schema_and_none_is_asked_for_twice(serving: Serving) -> None:
    for cached in (False, True):
        answers = serving.generate_from_input(TEXTS, system_prompt="Judge the text. Answer as JSON.", json_schema=SCHEMA, max_tokens=100)
        for answer in answers:
            assert isinstance(answer, Completion), answer
            value = json.loads(answer.text)
            assert set(value) == {"reason", "score"}
            assert 0 <= value["score"] <= 5
            assert len(value["reason"]) <= 40
            assert answer.cached is cached


@needs_weights
def test_it_speaks_sense_as_f16(serving: Serving) -> None:
    (answer,) = serving.generate_from_input(["What is the capital of France?"], max_tokens=20)
    assert isinstance(answer, Completion)
    assert "Paris" in answer.text


@needs_weights
def test_a_prompt_longer_than_the_context_is_a_failure_of_that_row(serving: Serving) -> None:
    (answer,) = serving.generate_from_input(["word " * 9000])
    assert isinstance(answer, Failure)
    assert answer.kind == "bad_request"
    assert "context" in answer.message


@needs_weights
def test_it_costs_nothing_and_counts_its_tokens(serving: Serving) -> None:
    async def ask() -> None:
        async with serving.session() as session:
            await session.generate(Request.of("Hello"))
            assert session.usage.cost_usd == 0.0
            assert session.usage.prompt_tokens > 0
            assert session.usage.as_dict()["model"] == "smollm2"
            assert "mean nothing" in session.usage.as_dict()["caution"]

    asyncio.run(ask())


@needs_weights
def test_other_users_of_the_machine_are_not_answered() -> None:
    from resources.llm.backends import embedded_server

    servers = embedded_server.start(models.path("smollm2"))
    request = urllib.request.Request(f"{servers.addresses[0]}/v1/models")
    for path in ("/v1/chat/completions", "/slots", "/props"):
        request = urllib.request.Request(servers.addresses[0] + path, data=b"{}" if "chat" in path else None)
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(request)
    assert servers.addresses[0].startswith("http://127.0.0.1:")


@needs_weights
def test_a_process_that_used_it_ends_cleanly_and_said_once_what_to_know_of_the_model() -> None:
    code = (
        "from resources.llm import LLMSettings, open_serving\n"
        "serving = open_serving(LLMSettings(cache=False))\n"
        "print(sum(len(serving.generate_from_input(['Hello'], max_tokens=4)) for _ in range(2)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
    caution = "the embedded model smollm2: it knows next to nothing, so its answers and scores mean nothing; it shows how a pipeline works.\n"
    assert (result.returncode, result.stdout, result.stderr) == (0, "2\n", caution)


def test_without_weights_the_sentence_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAFLOW_MODELS", str(tmp_path))
    with pytest.raises(ServingStopped, match=r"run `dataflow models get smollm2`.* Or point DATAFLOW_LLM_BASE_URL"):
        open_serving(LLMSettings())


@needs_weights
def test_a_model_name_that_is_not_embedded_is_refused() -> None:
    with pytest.raises(ServingStopped, match=r"no embedded model is called 'gpt-4o'.* path of a GGUF file.*DATAFLOW_LLM_BASE_URL"):
        open_serving(LLMSettings(model="gpt-4o"))


@needs_weights
def test_any_gguf_file_serves_under_its_own_name_and_with_its_own_weights_in_the_cache_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "my-model.gguf").symlink_to(models.path("smollm2"))
    settings = LLMSettings(model=str(tmp_path / "my-model.gguf"), provider="embedded", cache_path=tmp_path / "answers.sqlite")
    for cached in (False, True):
        (answer,) = open_serving(settings).generate_from_input(["What is the capital of France?"], max_tokens=8)
        assert isinstance(answer, Completion)
        assert (answer.model, answer.cached) == ("my-model.gguf", cached)
    assert not caplog.records, "nothing is known against a file of the user"


@pytest.mark.skipif(
    not any(status.present for status in models.list() if status.weights.name == "minilm"), reason="the weights are not there: dataflow models get"
)
def test_a_model_that_makes_vectors_is_refused() -> None:
    with pytest.raises(ServingStopped, match="'minilm' makes vectors, not answers"):
        open_serving(LLMSettings(model="minilm"))


@pytest.mark.skipif(
    not any(status.present for status in models.list() if status.weights.name == "qwen2.5-coder-0.5b"),
    reason="491 MB, never fetched by tests: run `dataflow models get qwen2.5-coder-0.5b`",
)
def test_a_real_model_speaks_in_its_own_template_and_fits_a_schema(tmp_path: Path) -> None:
    serving = open_serving(LLMSettings(model="qwen2.5-coder-0.5b", provider="embedded", cache_path=tmp_path / "answers.sqlite"))
    schema = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}}, "required": ["city"], "additionalProperties": False}
    plain, formed = (
        *serving.generate_from_input(["What is the capital of France? One word."], max_tokens=12),
        *serving.generate_from_input(["What is the capital of Italy?"], json_schema=schema, max_tokens=30),
    )
    assert isinstance(plain, Completion)
    assert isinstance(formed, Completion)
    assert (plain.model, plain.finish_reason) == ("qwen2.5-coder-0.5b", "stop"), "a wrong template makes it go on after its answer"
    assert "Paris" in plain.text
    assert "<|im_" not in plain.text
    assert json.loads(formed.text)["city"] == "Rome"


@needs_weights
def test_the_version_in_the_warehouse_says_whose_answers_it_holds(serving: Serving, tmp_path: Path) -> None:
    plan = Pitched().compile()
    warehouse = Warehouse(tmp_path / "tables")
    load_source(warehouse, plan.name, "texts", MemoryStorage(pa.table({"text": ["Rain falls."]})))
    facts = run_stage(warehouse, plan, "pitch", {"llm": serving}).table.run_facts()
    assert facts["models"] == ["smollm2"]
    assert "mean nothing" in facts["usage"]["llm"]["caution"]


@needs_weights
def test_it_is_what_operators_expect(serving: Serving) -> None:
    assert isinstance(serving, LLMServing)

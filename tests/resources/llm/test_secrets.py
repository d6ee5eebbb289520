"""A key is sent to the server and to nothing else."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pyarrow as pa
import pytest

from dataflow_assets.metadata import materialization_metadata, stage_metadata
from dataflow_assets.resources import LLMResource
from dataflow_assets.running.stages import load_source, run_stage
from operators.asking.answers import Completion, Failure, ServingStopped
from operators.tables.storage import MemoryStorage
from resources.llm import LLMSettings, open_serving
from resources.llm.answers.masking import masked, reveals
from resources.warehouse import Warehouse
from tests.dataflow_assets.small_pipelines import Rated
from tests.resources.llm.conftest import MakeServing, StartServer
from tests.resources.llm.scripted_server import completion, http, running, writings_of

KEY = "sk-very-secret-0123456789"
HEADER = "tenant-secret-987654"


def everything_written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_the_key_reaches_the_server_and_no_log_message_file_or_repr(
    start_server: StartServer, make_serving: MakeServing, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []
    right = start_server(api_key=KEY, unavailable=0.2)
    wrong = start_server(api_key="another")
    telling = start_server(always_status=400, always_message=f"bad request with Bearer {KEY} and {HEADER} " + "x" * 390 + KEY)
    with caplog.at_level(logging.DEBUG):
        serving = make_serving(right.address, api_key=KEY, headers={"X-Tenant": HEADER})
        serving.generate_from_input([f"question {index}" for index in range(20)])
        assert right.counts.statuses[200] == 20
        with pytest.raises(ServingStopped, match="refused the key") as refused:
            make_serving(wrong.address, api_key=KEY, headers={"X-Tenant": HEADER}).generate_from_input(["a"])
        seen += traceback.format_exception(refused.value)
        (failure,) = make_serving(telling.address, api_key=KEY, headers={"X-Tenant": HEADER}).generate_from_input(["b"])
        assert isinstance(failure, Failure)
        assert "[secret]" in failure.message
    seen += [
        failure.message,
        repr(failure),
        repr(serving.settings),
        str(serving.settings),
        serving.settings.model_dump_json(),
        repr(serving),
        caplog.text,
    ]
    seen += list(capsys.readouterr())
    seen += [everything_written(tmp_path).decode("latin-1")]
    for secret in (KEY, HEADER, KEY[:12]):
        assert not [text for text in seen if secret in text]


def test_a_whole_stage_writes_the_key_nowhere(
    start_server: StartServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables, rejected rows, facts of the run, cache and ledger; logs; the metadata of the asset."""
    monkeypatch.setenv("TEAM_KEY", KEY)
    monkeypatch.setenv("TENANT", HEADER)
    server = start_server(api_key=KEY, unavailable=0.05, failing_text="fails", failing_message=f"your key {KEY} of {HEADER} cannot do this")
    warehouse, plan = Warehouse(tmp_path / "warehouse"), Rated().compile()
    plan_stage = plan["rate"]
    resource = LLMResource(
        base_url=server.address, model="mock", api_key_variable="TEAM_KEY", header_variables={"X-Tenant": "TENANT"},
        cache_path=str(tmp_path / "warehouse" / ".llm" / "answers.sqlite"),
    )  # fmt: skip
    texts = [f"text number {number}" for number in range(60)] + ["this one fails"]
    load_source(warehouse, plan.name, "documents", MemoryStorage(pa.table({"text": texts})))
    for stage in ("clean", "long_enough"):
        run_stage(warehouse, plan, stage, {})
    with caplog.at_level(logging.DEBUG):
        result = run_stage(warehouse, plan, "rate", {"llm": resource.open()})
        metadata = materialization_metadata(plan, result) | stage_metadata(plan, plan_stage, result)
    assert result.report.failed == 1
    assert "[secret]" in next(iter(result.report.failures))
    assert (tmp_path / "warehouse" / ".llm" / "answers.sqlite").stat().st_size > 0
    written = everything_written(tmp_path).decode("latin-1")
    exported = [row for table in warehouse.tables() for row in table.current().read().to_pylist()]
    rejected = result.table.rejected()
    assert rejected is not None
    seen = [written, caplog.text, *capsys.readouterr(), repr(metadata), repr(resource), str(exported), str(rejected.read().to_pylist())]
    seen += [str(result.table.run_facts()), str(result.report.as_dict())]
    for secret in (KEY, HEADER, KEY[:12]):
        assert not [text for text in seen if secret in text]


def test_a_key_in_the_address_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match=r"give the key by itself \(DATAFLOW_LLM_API_KEY") as error:
        LLMSettings(base_url=f"https://user:{KEY}@host/v1")
    assert KEY not in str(error.value)


def test_a_key_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEAM_KEY", raising=False)
    with pytest.raises(ValueError, match="TEAM_KEY, which should hold the key"):
        LLMSettings.from_environment(base_url="http://127.0.0.1:1", api_key_variable="TEAM_KEY")


def test_the_environment_names_server_model_and_key(start_server: StartServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = start_server(api_key=KEY)
    monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server.address + "/v1/")
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", "from-the-environment")
    monkeypatch.setenv("DATAFLOW_LLM_API_KEY", KEY)
    monkeypatch.setenv("DATAFLOW_LLM_CACHE", str(tmp_path / "answers.sqlite"))
    open_serving().generate_from_input(["a"])
    assert server.counts.bodies[-1]["model"] == "from-the-environment"
    assert (tmp_path / "answers.sqlite").exists()


LONG_KEY = "sk-proj-Zq8+/=Kx7Lm3Nv9Rt5Wy1Bc4Df6Gh2"


@pytest.mark.parametrize("key", [KEY, LONG_KEY, "0123456789abcdef"], ids=["short", "long", "hexadecimal"])
@pytest.mark.parametrize("writing", writings_of("x" * 20))
def test_b3_no_writing_of_a_key_is_shown_in_a_message(key: str, writing: str, make_serving: MakeServing) -> None:
    told = writings_of(key)[writing]
    shapes = [
        http(400, {"error": {"message": f"you sent {told} to us"}}), http(400, {"detail": told}), http(400, told.encode()),
        http(500, {"error": told}),
        http(200, {"error": {"message": told, "code": 400}}), http(200, completion("half", f"error {told}")),
        http(200, completion(told, "content_filter")), http(200, completion("a", "length", model=told)), http(302, {}, {"Location": f"http://x/{told}"}),
    ]  # fmt: skip
    with running({f"question {number}": shape for number, shape in enumerate(shapes)}) as server:
        serving = make_serving(server.address, api_key=key, retries=0)
        for answer in serving.generate_from_input([f"question {number}" for number in range(len(shapes))]):
            assert isinstance(answer, Failure)
            assert told not in answer.message
            for size in (8, len(key) // 2):
                assert not any(key[start : start + size] in answer.message for start in range(len(key) - size))


@pytest.mark.parametrize("writing", [name for name in writings_of("x" * 20) if name not in ("in capitals", "URL-encoded")])
@pytest.mark.parametrize("place", ["text", "reasoning"])
def test_b3_an_answer_that_repeats_the_key_is_kept_nowhere(writing: str, place: str, make_serving: MakeServing, tmp_path: Path) -> None:
    told = writings_of(LONG_KEY)[writing]
    said = completion(f"Your key is {told}.") if place == "text" else completion("42", message={"reasoning": f"The key is {told}."})
    with running({"bad": http(200, said), "fair": http(200, completion("A key starts with sk-proj, as in sk-proj-..."))}) as server:
        bad, fair = make_serving(server.address, api_key=LONG_KEY).generate_from_input(["bad", "fair"])
        assert isinstance(bad, Failure)
        assert "repeats the key" in bad.message
        assert isinstance(fair, Completion)
    assert told not in everything_written(tmp_path).decode("latin-1")


def test_b3_words_are_not_blacked_out() -> None:
    message = "the application sends json in parts; temperature 0 is refused"
    assert masked(message, ["application", "x", "json-web-token-123", KEY]) == message.replace("application", "[secret]")
    assert not reveals("the application sends json", ["application", KEY])
    assert masked("a" * 1000, [KEY]) == "a" * 400 + "..."


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_b2_no_redirect_is_followed_with_a_key(status: int, make_serving: MakeServing) -> None:
    stolen = http(200, {"data": [{"id": "stolen"}]})
    with running({"/v1/models": stolen}) as elsewhere:
        onwards = http(status, {}, {"Location": f"{elsewhere.address}/v1/models?key={KEY}"})
        with running({"/v1/models": onwards, "a question": onwards}) as server:
            settings = {"api_key": KEY, "headers": {"X-Tenant": HEADER}}
            with pytest.raises(ServingStopped, match=r"does not list its models: HTTP 30\d .* which is not followed") as stopped:
                make_serving(server.address, model=None, **settings).generate_from_input(["a question"])
            assert KEY not in str(stopped.value)
            [answer] = make_serving(server.address, **settings).generate_from_input(["a question"])
            assert isinstance(answer, Failure)
            assert (answer.kind, answer.attempts) == ("bad_request", 1)
            assert f"to {elsewhere.address}/v1/models, which is not followed" in answer.message
            assert len(server.headers) == 2
        assert elsewhere.headers == []


def test_b2_the_client_of_batches_follows_none_either(make_serving: MakeServing) -> None:
    pytest.importorskip("openai")
    import asyncio

    from resources.llm.answers.reply import BackendError
    from resources.llm.backends.batch.client import BatchClient

    async def state(address: str) -> None:
        client = BatchClient(LLMSettings(base_url=address, model="m", api_key=KEY, retries=0))
        try:
            await client.state("batch_1")
        finally:
            await client.close()

    with running() as elsewhere, running(otherwise=b"") as server:
        server.behaviours["/v1/batches/batch_1"] = http(302, {}, {"Location": f"{elsewhere.address}/v1/batches/batch_1"})
        with pytest.raises(BackendError):
            asyncio.run(state(server.address))
        assert len(server.headers) == 1
        assert elsewhere.headers == []


def test_b2_the_doctor_follows_none_either(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataflow_assets.cli.health import language_model

    with running({"/v1/models": http(200, {"data": [{"id": "m"}]})}) as elsewhere:
        with running({"/v1/models": http(302, {}, {"Location": f"{elsewhere.address}/v1/models"})}) as server:
            for name, value in {"BASE_URL": server.address, "MODEL": "m", "API_KEY": KEY}.items():
                monkeypatch.setenv(f"DATAFLOW_LLM_{name}", value)
            [finding] = language_model()
            assert (finding.state, len(server.headers)) == ("warning", 1)
        assert elsewhere.headers == []

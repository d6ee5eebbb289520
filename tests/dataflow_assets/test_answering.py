"""Another model, or other databases, make stale what they answered, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from dataflow_assets.answering import answered_by
from dataflow_assets.database_resource import DatabaseResource
from tests.dataflow_assets.small_pipelines import definitions, documents
from tests.resources.llm.fault_server import FaultServer, running

STAGES = ("documents", "clean", "long_enough", "rate", "good", "bad", "all")
VARIABLES = ("DATAFLOW_LLM_PROVIDER", "DATAFLOW_LLM_BASE_URL", "DATAFLOW_LLM_MODEL", "DATAFLOW_EMBEDDING_BASE_URL", "DATAFLOW_EMBEDDING_MODEL")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FaultServer]:
    with running() as server:
        monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
        monkeypatch.setenv("DATAFLOW_LLM_BASE_URL", server.address)
        monkeypatch.setenv("DATAFLOW_LLM_MODEL", "mock")
        yield server


def stale(defs: dg.Definitions, instance: dg.DagsterInstance) -> set[str]:
    resolver = CachingStaleStatusResolver(instance, defs.resolve_asset_graph(), LoadingContextForTest(instance))
    return {name for name in STAGES if resolver.get_status(dg.AssetKey(["rated", name])) == StaleStatus.STALE}


def test_another_model_makes_its_stage_stale(
    tmp_path: Path, instance: dg.DagsterInstance, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = documents(tmp_path / "documents.jsonl", "one two", "three four", "five six")

    def deployed(**attributes: Any) -> dg.Definitions:
        return definitions(source, str(tmp_path / "warehouse"), **attributes)

    assert deployed().resolve_job_def("rated").execute_in_process(instance=instance).success
    assert stale(deployed(), instance) == set()
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", "other")
    assert stale(deployed(), instance) == {"rate"}
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", "mock")
    own = {"model": "other", "base_url": server.address}
    assert stale(deployed(llms={"llm": own}), instance) == {"rate"}
    assert stale(deployed(llms={"llm": {**own, "model": "mock"}}), instance) == set()
    assert stale(deployed(llms={"llm": {**own, "model": "mock", "extra_body": {"reasoning_effort": "high"}}}), instance) == {"rate"}
    assert stale(deployed(llms={"llm": {**own, "model": "mock", "rpm": 60, "api_key_variable": "PATH"}}), instance) == set()
    assert stale(deployed(llms={"judge": own}), instance) == set(), "a model that no stage asks"

    rate = [dg.AssetKey(["rated", "rate"])]
    monkeypatch.setenv("MODEL_OF_TODAY", "other")
    what_if = {"resources": {"llm": {"config": {"model": {"env": "MODEL_OF_TODAY"}}}}}
    assert deployed().resolve_job_def("rated").execute_in_process(what_if, instance=instance, asset_selection=rate).success
    assert "rate" in stale(deployed(), instance)
    monkeypatch.setenv("DATAFLOW_LLM_MODEL", "other")
    assert "rate" not in stale(deployed(), instance), "it is what the run asked"


def test_what_answers_is_named_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    assert answered_by("llm", {}) == answered_by("embedding", {}) == "embedded"
    assert answered_by("llm", {"base_url": "https://host/v1?api-key=9fQ2mB71"}) == "https://host/v1"
    assert answered_by("judge", {"base_url": "http://a", "model": "m"}) == answered_by("judge", {"base_url": "http://b", "model": "m"}) == "m"
    with_key = answered_by("llm", {"model": "m", "extra_body": {"user": "9fQ2mB71"}})
    assert with_key.startswith("m ")
    assert "9fQ2mB71" not in with_key


def test_other_databases_answer_otherwise() -> None:
    shops, offices, patient = (
        answered_by("database", dict(DatabaseResource(**settings)))
        for settings in ({"path": "data/shops"}, {"path": "data/offices"}, {"path": "data/shops", "seconds": 60.0})
    )
    assert shops != offices
    assert shops == patient

"""The main job on real documents, with the embedded model."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from dataflow_assets.component import PipelineComponent
from dataflow_assets.resources import LLMResource, WarehouseResource
from tests.resources.test_embedded_model import needs_weights


def test_without_rating_it_needs_no_language_model(tmp_path: Path) -> None:
    exported = tmp_path / "rows.jsonl"
    component = PipelineComponent(
        pipeline="web_text",
        source={"built_in": "installed_documentation", "limit": 80},
        parameters={"rate": False},
        export=[str(exported)],
    )
    plan = component.deployment().plan
    assert plan.outputs == ("near",)
    assert not any(stage.resources for stage in plan.stages)
    defs = dg.Definitions.merge(component.definitions(), dg.Definitions(resources={"warehouse": WarehouseResource(root=str(tmp_path / "tables"))}))
    assert defs.resolve_job_def("web_text").execute_in_process().success
    rows = [json.loads(line) for line in exported.read_text().splitlines()]
    assert rows
    assert all("educational_value" not in row and len(row["text"].split()) >= 50 for row in rows)


@needs_weights
def test_web_text_runs_from_documents_to_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "MODEL", "API_KEY"):
        monkeypatch.delenv(f"DATAFLOW_LLM_{name}", raising=False)
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    exported = tmp_path / "rows.jsonl"
    component = PipelineComponent(
        pipeline="web_text",
        source={"built_in": "installed_documentation", "limit": 80},
        parameters={"rate_at_most": 6, "characters": 200, "min_educational_value": 0},
        export=[str(exported)],
    )
    defs = dg.Definitions.merge(component.definitions(), dg.Definitions(resources={"warehouse": WarehouseResource(), "llm": LLMResource()}))
    assert defs.resolve_job_def("web_text").execute_in_process().success
    rows = [json.loads(line) for line in exported.read_text().splitlines()]
    assert 1 <= len(rows) <= 6
    assert all(0 <= row["educational_value"] <= 5 and row["educational_reason"] is not None for row in rows)
    assert all(row["package"] and len(row["text"].split()) >= 50 for row in rows)

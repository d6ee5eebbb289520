"""Settings of a resource are looked at when it is made, in defs.yaml and in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dataflow_assets.checked_resource import CheckedResource
from dataflow_assets.component import PipelineComponent
from dataflow_assets.database_resource import DatabaseResource
from dataflow_assets.document_resource import DocumentResource
from dataflow_assets.embedding_resource import EmbeddingResource
from dataflow_assets.resources import LLMResource
from dataflow_assets.sandbox_resource import SandboxResource
from operators.tables.errors import ParameterError
from tests.dataflow_assets.sharded_pipelines import EachText, write_shard

WRONG: list[tuple[type[CheckedResource], dict[str, Any], str]] = [
    (LLMResource, {"budget_us": 20}, r'(?s)no setting "budget_us".*did you mean "budget_usd"'),
    (LLMResource, {"bas_url": "http://127.0.0.1:1/v1"}, 'did you mean "base_url"'),
    (LLMResource, {"budget_per": "weekly"}, "budget_per: "),
    (LLMResource, {"rpm": -5}, "rpm: .*greater than 0"),
    (LLMResource, {"retries": -1, "timeout": 0}, "(?s)retries: .*timeout: "),
    (LLMResource, {"max_in_flight": 0}, "max_in_flight: "),
    (LLMResource, {"batch": True, "batch_settings": {"poll_second": 3}}, "batch_settings.poll_second: "),
    (EmbeddingResource, {"modell": "x"}, 'did you mean "model"'),
    (EmbeddingResource, {"texts_per_request": 0}, "texts_per_request: "),
    (DatabaseResource, {"place": "data", "row": 3}, 'did you mean "rows"'),
    (DatabaseResource, {"place": "data", "rows": 0}, "rows: "),
    (SandboxResource, {"max_second": 3}, 'did you mean "max_seconds"'),
    (SandboxResource, {"max_memory_mb": 1}, "max_memory_mb: "),
    (DocumentResource, {"folder": ["x"]}, 'did you mean "folders"'),
    (DocumentResource, {"html": "all"}, "html: "),
]
RIGHT: list[tuple[type[CheckedResource], dict[str, Any]]] = [
    (LLMResource, {}),
    (LLMResource, {"base_url": dg.EnvVar("MY_SERVER"), "max_in_flight": dg.EnvVar.int("MY_NUMBER"), "budget_per": dg.EnvVar("MY_PERIOD")}),
    (LLMResource, {"budget_usd": 0, "budget_per": "day", "rpm": 0.5, "retries": 0, "cache": False, "price_file": "prices.yaml", "cache_path": "a"}),
    (LLMResource, {"model": "", "rpm": None, "extra_body": {"any": {"thing": 1}}, "engine": {"any": 1}, "header_variables": {"X": "Y"}}),
    (LLMResource, {"batch": True, "batch_settings": {"poll_seconds_most": 300}, "hedge": 3}),
    (EmbeddingResource, {"model": "x", "texts_per_request": 4, "extra_body": {"dimensions": 256}}),
    (DatabaseResource, {"place": "databases/shop.sqlite", "rows": 3, "look_rows": 0}),
    (DatabaseResource, {"urls": {"shop": "postgresql://reader@host/shop"}, "password_variables": {"shop": "X"}}),
    (SandboxResource, {"import_from": ["/usr/lib/python3"], "max_seconds": 3}),
    (DocumentResource, {"folders": ["x"], "html": "whole", "converters": {"pdf": "docling"}, "mineru": "basic", "parallel": 0}),
]


@pytest.mark.parametrize(("resource", "settings", "said"), WRONG)
def test_an_unknown_setting_or_a_value_out_of_bounds_is_refused(resource: type[CheckedResource], settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        resource(**settings)


@pytest.mark.parametrize(("resource", "settings"), RIGHT)
def test_what_the_settings_allow_is_taken(resource: type[CheckedResource], settings: dict[str, Any]) -> None:
    assert {name: getattr(resource(**settings), name) for name in settings} == settings


def test_what_is_refused_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as refused:
        LLMResource(rpm=-5, api_kei="sk-of-mine", budget_per="sk-of-mine")
    assert "sk-of-mine" not in str(refused.value)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"llms": {"judge": {"budget_us": 20}}}, r'llms: judge: there is no setting "budget_us"'),
        ({"llms": {"judge": {"rpm": "many"}}}, "llms: judge: rpm: "),
        ({"llms": {"gpt-4.1": {"model": "gpt-4.1"}}}, 'llms: "gpt-4.1" cannot name a language model'),
        ({"database": {"place": "data", "row": 3}}, r'database: there is no setting "row"'),
    ],
)
def test_defs_yaml_is_refused_with_the_place_of_the_setting(tmp_path: Path, attributes: dict[str, Any], said: str) -> None:
    source = str(write_shard(tmp_path, "a", "one"))
    with pytest.raises(ParameterError, match=said):
        PipelineComponent(pipeline=f"{EachText.__module__}:{EachText.__name__}", source=source, **attributes).definitions()


def test_a_value_of_the_environment_is_put_in_when_a_run_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_RPM", "30")
    seen = {}

    @dg.asset
    def look(llm: LLMResource) -> None:
        seen["rpm"] = llm.settings().max_in_flight

    assert dg.materialize([look], resources={"llm": LLMResource(max_in_flight=dg.EnvVar.int("MY_RPM"))}).success
    assert seen == {"rpm": 30}

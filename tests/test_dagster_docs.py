"""docs/dagster.md: every attribute that it shows is one, and its asset of one's own loads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from dataflow_assets.component import PipelineComponent

PAGE = (Path(__file__).parents[1] / "docs" / "dagster.md").read_text(encoding="utf-8")
GIVEN = {"pipeline": "web_text", "source": "a.jsonl"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def attributes_shown() -> list[dict[str, Any]]:
    """Of the blocks that show lines below `attributes`; a line with a key that was there is another way to write it."""
    shown: list[dict[str, Any]] = []
    for block in blocks("yaml"):
        if not block.startswith("  "):
            continue
        shown.append({})
        for line in block.splitlines():
            ((key, value),) = yaml.safe_load(line).items()
            if key in shown[-1]:
                shown.append({})
            shown[-1][key] = value
    return shown


@pytest.mark.parametrize("attributes", attributes_shown(), ids=lambda given: ",".join(given))
def test_attributes_are_as_they_are_shown(attributes: dict[str, Any]) -> None:
    PipelineComponent.resolve_from_dict({**GIVEN, **attributes})


def test_whole_deployments_are_as_they_are_shown() -> None:
    whole = [yaml.safe_load(block) for block in blocks("yaml") if block.startswith("type:")]
    assert whole
    for deployment in whole:
        PipelineComponent.resolve_from_dict(deployment["attributes"]).deployment()


def test_an_asset_of_ones_own_below_a_pipeline_loads() -> None:
    (code,) = [block for block in blocks("python") if "@dg.asset" in block]
    space: dict[str, Any] = {}
    exec(code, space)
    assert space["by_site"].dependency_keys == {dg.AssetKey(["web_text", "worthwhile"])}


def test_every_attribute_that_makes_runs_is_told_of() -> None:
    for name in ("name", "schedule", "watch", "settle_seconds", "automation", "freshness", "partitions", "retries", "stages"):
        assert re.search(rf"^\s+{name}:|`{name}:", PAGE, re.MULTILINE), name

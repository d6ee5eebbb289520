"""docs/serving.md says what the code does: every provider, every setting, and recipes that are accepted as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataflow_assets.resources import LLMResource
from resources.llm import LLMSettings
from resources.llm.accounting.prices import price_of
from resources.llm.backends.batch import BatchSettings
from resources.llm.settings.providers import IN_PROCESS, Provider, providers

TEXT = (Path(__file__).parents[3] / "docs" / "serving.md").read_text(encoding="utf-8")
BLOCKS: list[dict[str, Any]] = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
RECIPES = [(name, settings) for block in BLOCKS if "llms" in block for name, settings in block["llms"].items()]


@pytest.mark.parametrize(("name", "settings"), RECIPES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_recipe_is_accepted_as_it_stands(name: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for preset in providers().values():
        if preset.key_variable:
            monkeypatch.setenv(preset.key_variable, "key")
    LLMResource(**settings)
    known = LLMSettings(**settings)
    assert known.base_url or known.provider in IN_PROCESS
    BatchSettings(**known.batch_settings)
    assert not known.batch or providers()[str(known.provider)].batch
    assert known.budget_usd is None or price_of(str(known.model)) is not None


def test_the_table_of_providers_is_that_of_the_code() -> None:
    yes = {True: "yes", False: "no"}
    for preset in providers().values():
        [row] = re.findall(rf"^\| `{preset.name}` \|(.*)\|$", TEXT, re.MULTILINE)
        address, key, schema, *able = (cell.strip() for cell in row.split("|"))
        assert (address, schema) == (preset.base_url, preset.json_schema)
        assert able == [yes[preset.logprobs], yes[preset.given_text != "none"], yes[preset.seed], yes[preset.n], yes[preset.batch]]
        assert (f"`{preset.key_variable}`" in key) is bool(preset.key_variable)
    assert all(f"| `{name}` |" in TEXT for name in IN_PROCESS)


def test_every_setting_is_explained_and_none_that_does_not_exist() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+) \|", TEXT.split("## Settings")[1].split("## Recipes")[0], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(LLMSettings.model_fields)
    python_only = {"api_key", "headers", "run"}
    assert set(LLMSettings.model_fields) - python_only <= set(LLMResource.model_fields)


def test_the_example_of_an_own_provider_and_of_a_price_are_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    [own] = [block["ours"] for block in BLOCKS if "ours" in block]
    assert Provider(name="ours", **own).key_variable == "OUR_KEY"
    [prices] = [block for block in BLOCKS if "qwen3-32b" in block]
    (tmp_path / "prices.yaml").write_text(yaml.safe_dump(prices))
    assert price_of("Qwen/qwen3-32b", tmp_path / "prices.yaml") is not None

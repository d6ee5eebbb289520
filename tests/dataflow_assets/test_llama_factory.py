"""Exports as LLaMA-Factory's own parser and converters read them.

They are left out where the package is not installed, as in `make test`: it wants a GPU's worth of packages, and these parts of it need none of
them. `pip install --no-deps llamafactory` is enough.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.dataflow_assets.test_data_sets import CHATS, PAIRS, write

_HEAVY: dict[str, dict[str, Any]] = {
    "extras.constants": {"DATA_CONFIG": "dataset_info.json", "FILEEXT2TYPE": {}, "RUNNING_LOG": "running_log.txt"},
    "extras.misc": {"use_modelscope": lambda: False, "use_openmind": lambda: False},
}
"""Modules that import torch and peft, and what the parser and the converters take from them."""


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Of a folder: each data set of it as its converter makes it."""
    found = importlib.util.find_spec("llamafactory")
    if found is None or not found.submodule_search_locations:
        pytest.skip("llamafactory is not installed (pip install --no-deps llamafactory)")
    pytest.importorskip("datasets")
    folder = Path(next(iter(found.submodule_search_locations)))
    for name in ("", "data", "extras"):
        package = types.ModuleType(f"llamafactory.{name}".rstrip("."))
        package.__path__ = [str(folder / name)]
        monkeypatch.setitem(sys.modules, package.__name__, package)
    for name, held in _HEAVY.items():
        module = types.ModuleType(f"llamafactory.{name}")
        module.__dict__.update(held)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    converter, parser = (importlib.import_module(f"llamafactory.data.{name}") for name in ("converter", "parser"))

    def read(where: Path) -> dict[str, list[dict[str, Any]]]:
        names = list(json.loads((where / "dataset_info.json").read_text()))
        rows = {}
        for name, attributes in zip(names, parser.get_dataset_list(names, str(where)), strict=True):
            convert = converter.get_dataset_converter(attributes.formatting, attributes, types.SimpleNamespace(media_dir=str(where)))
            rows[name] = [convert(row) for row in json.loads((where / attributes.dataset_name).read_text())]
        return rows

    return read


def said(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in row["_prompt"] + row["_response"]]


@pytest.mark.parametrize(
    ("rows", "count", "first"),
    [
        (PAIRS, 39, [("user", "What is 0 plus 0, and why is it so?\nthe number 0"), ("assistant", "It is 0, since 0 and 0 make 0.")]),
        (CHATS, 2, [("user", "Hi"), ("assistant", "Hello")]),
    ],
    ids=["alpaca", "sharegpt"],
)
def test_its_own_converters_read_every_row(tmp_path: Path, reader: Any, rows: pa.Table, count: int, first: list[tuple[str, str]]) -> None:
    folder, _ = write(tmp_path, "llama_factory", rows)
    read = reader(folder)["sums"]
    assert len(read) == count
    assert said(read[0]) == first
    assert all(row["_response"] and row["_response"][0]["content"] for row in read)
    if rows is CHATS:
        assert read[0]["_system"] == "Be brief."
        assert [role for role, _ in said(read[1])] == ["user", "assistant", "user", "assistant"]

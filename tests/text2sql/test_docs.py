"""docs/text2sql.md names every operator of the domain, and none that does not exist; every example of it and of docs/databases.md runs."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from dataflow_assets.cli import main
from dataflow_assets.cli.chosen_pipeline import configured_pipeline
from dataflow_assets.component import PipelineComponent
from dataflow_assets.running.formats import dataset_settings, write_dataset
from operators.core import registry
from operators.tables.storage import MemoryStorage
from resources import datasets, models
from resources.databases import DatabaseSettings
from resources.databases.carried import CHINOOK
from resources.datasets.catalog import catalog
from resources.sources import SourceSettings, open_source

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("text2sql.md", "databases.md")
PIPELINE = """
from operators.pipeline.pipeline import Pipeline
from operators.text2sql.sample import SQLSampler


class Mine(Pipeline):
    expects = {"db_id": str}

    def __init__(self):
        self.sample = SQLSampler(count=5)

    def forward(self, databases):
        return self.sample(databases)
"""
SINGERS = [(number, f"Singer {number}", ("Norway", "Kenya", "Peru")[number % 3], 20 + number * 2) for number in range(1, 19)]
QUESTION = {"db_id": "concert_singer", "question": "How many singers are there?", "evidence": "", "difficulty": "simple", "question_id": 0}
ROWS = {"row_id": ["a"], "db_id": ["shop"], "question": ["How many?"], "sql": ["SELECT count(*) FROM singer"], "hint": [""], "prompt": ["How many?"]}


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of every code block of a page."""
    return re.findall(r"^```(\w*)\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the pages speak of: small databases of our own, under their names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATAFLOW_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("DATAFLOW_DATASETS", str(tmp_path / "datasets"))
    for variable in ("DATAFLOW_DATABASES", "DATAFLOW_DATABASE_PASSWORD"):
        monkeypatch.setenv(variable, "")  # so that what the commands of a page set is gone afterwards
    files = [
        "data/spider/database/concert_singer/concert_singer.sqlite",
        "shop.sqlite",
        "data/bird/dev/dev_databases/concert_singer/concert_singer.sqlite",
    ]
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(tmp_path / file)) as connection, connection:
            connection.execute("CREATE TABLE singer (singer_id INTEGER PRIMARY KEY, name TEXT, country TEXT, age INTEGER)")
            connection.executemany("INSERT INTO singer VALUES (?, ?, ?, ?)", SINGERS)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as made:
        made.execute("CREATE TABLE singer AS SELECT range AS singer_id, 'Singer ' || range AS name, 20 + range AS age FROM range(18)")
    (tmp_path / "data/spider/dev.json").write_text(json.dumps([QUESTION | {"query": "SELECT count(*) FROM singer"}]))
    (tmp_path / "data/bird/dev/dev.json").write_text(json.dumps([QUESTION | {"SQL": "SELECT count(*) FROM singer"}]))
    (tmp_path / "mine.py").write_text(PIPELINE)
    monkeypatch.setenv("SHOP_URL", str(tmp_path / "shop.duckdb"))
    write_small_chinook(tmp_path / "datasets")
    return tmp_path


def write_small_chinook(folder: Path) -> None:
    """The data set as it lies in the store, with twelve rows of each table."""
    folder.mkdir()
    known = catalog()["chinook"]
    lines = []
    for model, (table, columns, fields) in CHINOOK.items():
        for number in range(1, 13):
            values = {}
            for column in columns:
                name, _, kind = column.partition(" ")
                if name != "PRIMARY" and name != f"{table}_id":
                    text = f"{number % 4}-{name}" if "VARCHAR" in kind else f"20{10 + number % 9}-0{1 + number % 9}-11T00:00:00Z"
                    values[fields.get(name, name)] = text if "VARCHAR" in kind or "DATE" in kind else 1 + number * 7 % 12
            lines.append(json.dumps({"model": f"chinook.{model}", "pk": number, "fields": values}))
    (folder / f"chinook-{known.mark}.jsonl").write_text("\n".join(lines) + "\n")
    assert datasets.path("chinook").is_file()


def test_every_operator_has_its_line() -> None:
    page = (DOCS / "text2sql.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE))
    every = {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "text2sql"}
    assert named == every


@pytest.mark.parametrize("page", PAGES)
def test_every_example_runs(page: str, place: Path) -> None:
    """Python in order and in one namespace; commands in order; YAML as what reads it takes it. A block of another kind fails here."""
    names: dict[str, Any] = {}
    ran = 0
    for language, text in blocks(page):
        if language == "python":
            if "open_serving" in text and not models.list()[0].present and "DATAFLOW_REQUIRE_MODELS" not in os.environ:
                continue  # a model of several hundred megabytes
            exec(compile(text, f"{page} block {ran + 1}", "exec"), names)  # the examples of our own pages
        elif language == "console":
            for line in text.splitlines():
                if line.startswith("$ "):
                    follow(line.removeprefix("$ "))
        elif language == "yaml":
            check_yaml(text)
        elif language == "sql":
            assert text.strip()
        else:
            pytest.fail(f"{page}: how is a block of {language or 'no language'} to be checked?")
        ran += 1
    assert ran >= 3


def follow(line: str) -> None:
    for command in line.split("#")[0].split("&&"):
        words = shlex.split(command)
        if words[0] == "export":
            os.environ.update(dict(word.split("=", 1) for word in words[1:]))
            assert DatabaseSettings.from_environment().targets(), command
        elif words[0] == "dataflow":
            assert main(words[1:] if not asks_a_model(words) else compiling(words)) == 0, command
        else:
            assert words[:3] == ["python", "-m", f"benchmarks.{words[2].rpartition('.')[2]}"], f"how is {command} to be checked?"
            assert (DOCS.parent / "benchmarks" / f"{words[2].rpartition('.')[2]}.py").is_file(), command


def asks_a_model(words: list[str]) -> bool:
    if words[1] != "run":
        return False
    operators = configured_pipeline(words[2], []).operators().values()
    return any("llm" in operator.needs for operator in operators)


def compiling(words: list[str]) -> list[str]:
    """`dataflow compile` in the place of a run that would ask a model: the pipeline, its input and its settings."""
    pairs = itertools.pairwise(words)
    return ["compile", words[2], *(word for pair in pairs if pair[0] in ("-i", "--input", "-s", "--set") for word in pair)]


def check_yaml(text: str) -> None:
    """`source:` lines each by itself; entries of `export` are written; a whole defs.yaml is deployed."""
    if text.startswith("source:"):
        for line in text.splitlines():
            assert open_source(SourceSettings.model_validate(yaml.safe_load(line)["source"])).schema.names, line
        return
    said = yaml.safe_load(text)
    if set(said) == {"export"}:
        for entry in said["export"]:
            write(entry)
        return
    attributes = said.get("attributes", said)
    assert "pipeline" in attributes, f"how is this to be checked?\n{text}"
    assert PipelineComponent(**attributes).deployment().plan.stages


def write(entry: Mapping[str, Any]) -> None:
    settings = dataset_settings({"databases": "shop.sqlite", **entry} if entry["format"] in ("spider", "bird") else entry)
    rows = ROWS | {"reasoning": ["Count the rows."]}
    assert write_dataset(MemoryStorage(pa.table(rows)), settings, "asked", lambda _: {}).files

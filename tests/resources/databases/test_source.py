"""One line names databases: as rows, as questions about them, and as what operators ask."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from pydantic import ValidationError

from dataflow_assets.cli import main
from dataflow_assets.component import PipelineComponent
from dataflow_assets.resources import WarehouseResource
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import ParameterError
from operators.tables.storage import Storage
from operators.text2sql.filters import SQLExecutabilityFilter
from operators.text2sql.sample import SQLSampler
from resources.databases import DatabaseSettings
from resources.sources import SourceSettings, open_source

QUESTIONS = [
    {"db_id": "zoo", "question": "How many animals are there?", "query": "SELECT count(*) FROM animal", "sql": {"where": [[False, 2, 1.0], "and"]}},
    {"db_id": "zoo", "question": "Name the plants.", "query": "SELECT name FROM plant", "sql": {"where": []}},
]


@pytest.fixture
def spider(tmp_path: Path) -> Path:
    """A folder as Spider is unpacked."""
    for folder in ("database", "test_database"):
        place = tmp_path / folder / "zoo"
        place.mkdir(parents=True)
        with closing(sqlite3.connect(place / "zoo.sqlite")) as connection, connection:
            connection.execute("CREATE TABLE animal (animal_id INTEGER PRIMARY KEY, name TEXT, legs INTEGER)")
            connection.executemany("INSERT INTO animal VALUES (?, ?, ?)", [(number, f"animal {number % 7}", number % 5) for number in range(30)])
            if folder == "test_database":
                connection.execute("CREATE TABLE plant (name TEXT)")
    (tmp_path / "dev.json").write_text(json.dumps(QUESTIONS))
    (tmp_path / "test.json").write_text(json.dumps(QUESTIONS))
    return tmp_path


class Sampled(Pipeline):
    """Queries for each database."""

    expects = {"db_id": str}

    def __init__(self) -> None:
        self.sample = SQLSampler(count=5)

    def forward(self, databases: Handle) -> Handle:
        return self.sample(databases)


class Running(Pipeline):
    """The questions whose query runs."""

    expects = {"db_id": str, "question": str, "sql": str}

    def __init__(self) -> None:
        self.runs = SQLExecutabilityFilter()

    def forward(self, questions: Handle) -> Handle:
        return self.runs(questions)


def source(place: str) -> Storage:
    return open_source(SourceSettings.model_validate(place))


def test_a_folder_is_a_row_for_each_of_its_databases(spider: Path) -> None:
    assert source(f"databases:{spider / 'database'}").read().to_pylist() == [{"db_id": "zoo"}]


def test_questions_are_rows_about_the_databases_beside_them(spider: Path) -> None:
    rows = source(f"databases:{spider / 'dev.json'}")
    assert rows.schema.names == ["db_id", "question", "sql"]
    assert rows.read(["sql"]).to_pylist() == [{"sql": row["query"]} for row in QUESTIONS]
    assert rows.resources()["database"].names() == ["zoo"]


def test_test_questions_are_asked_of_the_test_databases(spider: Path) -> None:
    for file, kept in (("dev.json", 1), ("test.json", 2)):
        assert Running().run(f"databases:{spider / file}").table.num_rows == kept


def test_bird_brings_evidence_and_difficulty(spider: Path) -> None:
    bird = spider / "mini_dev_sqlite.json"
    bird.write_text(json.dumps([{"question_id": 7, "db_id": "zoo", "question": "?", "evidence": "legs", "SQL": "SELECT 1", "difficulty": "simple"}]))
    (spider / "database").rename(spider / "dev_databases")
    rows = source(f"databases:{bird}")
    assert rows.read().to_pylist() == [
        {"db_id": "zoo", "question": "?", "sql": "SELECT 1", "evidence": "legs", "difficulty": "simple", "question_id": 7}
    ]
    assert "/dev_databases/" in DatabaseSettings(path=str(bird)).targets()["zoo"].path


def test_a_variable_may_hold_the_place_and_a_password(monkeypatch: pytest.MonkeyPatch, spider: Path) -> None:
    monkeypatch.setenv("ZOO", str(spider / "database"))
    assert source("databases:env:ZOO").read().to_pylist() == [{"db_id": "zoo"}]
    monkeypatch.setenv("ZOO", "postgresql://keeper:hushhush@host/zoo")
    settings = DatabaseSettings.at("env:ZOO")
    assert (settings.url_variables, settings.targets()["zoo"].password) == ({"zoo": "ZOO"}, "hushhush")
    assert "hushhush" not in repr(settings) + repr(settings.targets())
    monkeypatch.delenv("ZOO")
    with pytest.raises(ParameterError, match="variable ZOO, which should say where the databases are, is not set"):
        source("databases:env:ZOO")


def test_a_password_in_the_line_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        SourceSettings.model_validate("databases:postgresql://keeper:hushhush@host/zoo")
    assert "DATAFLOW_DATABASE_PASSWORD_ZOO" in str(refused.value)
    assert "hushhush" not in str(refused.value)


def test_a_file_that_holds_no_questions_is_told_by_its_columns(spider: Path) -> None:
    (spider / "tables.json").write_text(json.dumps([{"db_id": "zoo", "table_names": ["animal"]}]))
    with pytest.raises(ParameterError, match=r"no column question\n.*db_id, table_names"):
        _ = source(f"databases:{spider / 'tables.json'}").schema


def test_a_pipeline_asks_the_databases_that_its_rows_come_from(spider: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATAFLOW_DATABASES", raising=False)
    made = Sampled().run(f"databases:{spider / 'database'}").table
    assert set(made["db_id"].to_pylist()) == {"zoo"}
    assert made.num_rows == 5


def test_on_the_command_line(spider: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATAFLOW_DATABASES", raising=False)
    out = spider / "made.jsonl"
    assert main(["run", f"{__file__}:Sampled", "-i", f"databases:{spider / 'database'}", "-o", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 5


@pytest.mark.parametrize("named", ["by the source", "by the source, with a limit", "beside the rows"])
def test_in_dagster_one_line_says_which_databases_are_asked(spider: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.delenv("DATAFLOW_DATABASES", raising=False)
    folder = str(spider / "database")
    (spider / "rows.jsonl").write_text('{"db_id": "zoo"}\n')
    source = str(spider / "rows.jsonl") if named == "beside the rows" else f"databases:{folder}"
    database = {"by the source": "", "by the source, with a limit": {"seconds": 30}, "beside the rows": folder}[named]
    component = PipelineComponent(pipeline=f"{__name__}:Sampled", source=source, database=database, export=[str(spider / "made.jsonl")])
    warehouse = dg.Definitions(resources={"warehouse": WarehouseResource(root=str(spider / "tables"))})
    job = dg.Definitions.merge(component.definitions(), warehouse).resolve_job_def("sampled")
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance).success
    assert len((spider / "made.jsonl").read_text().splitlines()) == 5

"""Questions and queries in the layouts of Spider and BIRD, read back as their evaluations and trainers read them."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dataflow_assets.cli import main
from dataflow_assets.running.formats import DatasetSettings, Written, write_dataset
from dataflow_assets.running.formats.text_to_sql.questions import on_one_line
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from operators.text2sql.filters import SQLExecutabilityFilter
from resources.sources import SourceSettings, open_source

QUERIES = [
    ("zoo", "Which animals have four legs?", "SELECT name\nFROM animal -- all of them\nWHERE legs = 4;"),
    ("zoo", "How many animals does each keeper have?", "SELECT keeper_id, count(*) FROM animal GROUP BY keeper_id"),
    ("shop", "What's the price of a 'pear'?", "SELECT price FROM article WHERE name='pear'"),
    ("nowhere", "Is it left out?", "SELECT 1"),
    ("zoo", "", "SELECT 2"),
    ("zoo", "Which name breaks the line?", "SELECT name FROM animal WHERE name <> 'a\nb'"),
]
ROWS = pa.table(
    {
        "row_id": [f"id-{number}" for number in range(len(QUERIES))],
        "db_id": [row[0] for row in QUERIES],
        "question": [row[1] for row in QUERIES],
        "sql": [row[2] for row in QUERIES],
        "hint": ["four legs means legs = 4", None, "", "", "", ""],
        "prompt": [f"Tables: ...\n\n{row[1]}" for row in QUERIES],
        "reasoning": [f"One step.\n\n```sql\n{row[2]}\n```" for row in QUERIES],
    }
)


@pytest.fixture
def databases(tmp_path: Path) -> Path:
    made = {
        "zoo": "CREATE TABLE keeper (id INTEGER PRIMARY KEY, fullName TEXT);"
        "CREATE TABLE animal (name TEXT, born DATE, legs INTEGER, keeper_id INTEGER REFERENCES keeper (id), PRIMARY KEY (name, born));"
        "INSERT INTO keeper VALUES (1, 'Ada'); INSERT INTO animal VALUES ('cow', '2020-01-01', 4, 1)",
        "shop": "CREATE TABLE article (name TEXT, price REAL); INSERT INTO article VALUES ('pear', 1.5)",
    }
    for name, script in made.items():
        (tmp_path / "databases" / name).mkdir(parents=True)
        with closing(sqlite3.connect(tmp_path / "databases" / name / f"{name}.sqlite")) as connection, connection:
            connection.executescript(script)
    return tmp_path / "databases"


def write(databases: Path, format_: str, **more: Any) -> tuple[Path, Written]:
    folder = databases.parent / format_
    settings = DatasetSettings.model_validate({"format": format_, "path": str(folder), "databases": str(databases), **more})
    return folder, write_dataset(MemoryStorage(ROWS), settings, "asked", lambda _: {})


def read_gold(file: Path) -> list[tuple[str, str]]:
    """As the official evaluations of both read a gold file."""
    lines = [line.strip().split("\t") for line in file.read_text().splitlines() if line.strip()]
    return [(sql, db_id) for sql, db_id in lines]


def test_spider_is_read_by_its_evaluation(databases: Path) -> None:
    folder, written = write(databases, "spider", splits={"dev": 1.0})
    rows = json.loads((folder / "dev.json").read_text())
    assert (written.rows, written.left_out) == ({"dev": 3}, 3)
    assert [row["db_id"] for row in rows] == ["zoo", "zoo", "shop"]
    for (sql, db_id), row in zip(read_gold(folder / "dev_gold.sql"), rows, strict=True):
        assert (sql, db_id) == (row["query"], row["db_id"])
        with closing(sqlite3.connect(folder / "database" / db_id / f"{db_id}.sqlite")) as connection:
            assert len(connection.execute(sql).fetchall()) == 1


def test_the_tables_of_spider_have_numbered_columns_and_keys(databases: Path) -> None:
    folder, _ = write(databases, "spider")
    entries = {entry["db_id"]: entry for entry in json.loads((folder / "tables.json").read_text())}
    zoo = entries["zoo"]
    columns = [(zoo["table_names_original"][table], name) for table, name in zoo["column_names_original"][1:]]
    assert zoo["column_names_original"][0] == [-1, "*"]
    with closing(sqlite3.connect(folder / "database" / "zoo" / "zoo.sqlite")) as connection:
        for table, name in columns:
            connection.execute(f'SELECT "{name}" FROM "{table}"')
    assert len({*map(len, (zoo["column_names"], zoo["column_names_original"], zoo["column_types"]))}) == 1
    numbers = {pair: number for number, pair in enumerate(columns, 1)}
    assert [numbers["animal", "keeper_id"], numbers["keeper", "id"]] in zoo["foreign_keys"]
    assert [numbers["animal", "name"], numbers["animal", "born"]] in zoo["primary_keys"]
    assert zoo["column_names"][numbers["keeper", "fullName"]][1] == "full name"
    assert (zoo["column_types"][numbers["animal", "born"]], zoo["column_types"][numbers["animal", "legs"]]) == ("time", "number")


def test_the_words_of_spider_are_all_of_a_query_and_its_values_are_masked(databases: Path) -> None:
    folder, _ = write(databases, "spider")
    row = json.loads((folder / "train.json").read_text())[2]
    assert row["query_toks"] == ["SELECT", "price", "FROM", "article", "WHERE", "name", "=", "'pear'"]
    assert row["query_toks_no_value"][-2:] == ["=", "value"]
    assert "".join(row["question_toks"]) == row["question"].replace(" ", "")


def test_bird_brings_evidence_difficulty_and_what_columns_mean(databases: Path) -> None:
    folder, _ = write(databases, "bird", splits={"dev": 1.0}, columns={"evidence": "hint"})
    rows = json.loads((folder / "dev.json").read_text())
    assert [row["question_id"] for row in rows] == [0, 1, 2]
    assert [row["evidence"] for row in rows] == ["four legs means legs = 4", "", ""]
    assert {row["difficulty"] for row in rows} <= {"simple", "moderate", "challenging"}
    assert [entry["db_id"] for entry in json.loads((folder / "dev_tables.json").read_text())] == ["shop", "zoo"]
    for sql, db_id in read_gold(folder / "dev_gold.sql"):
        with closing(sqlite3.connect(folder / "dev_databases" / db_id / f"{db_id}.sqlite")) as connection:
            assert connection.execute(sql).fetchall()
    with (folder / "dev_databases" / "zoo" / "database_description" / "animal.csv").open(newline="") as file:
        assert [line["original_column_name"] for line in csv.DictReader(file)] == ["name", "born", "legs", "keeper_id"]


@pytest.mark.parametrize("format_", ["spider", "bird"])
def test_what_was_handed_out_is_a_source_again(databases: Path, format_: str) -> None:
    folder, _ = write(databases, format_, splits={"dev": 1.0})
    source = open_source(SourceSettings.model_validate(f"databases:{folder / 'dev.json'}"))
    run = SQLExecutabilityFilter().run(source)
    assert run.table["question"].to_pylist() == [
        "Which animals have four legs?",
        "How many animals does each keeper have?",
        "What's the price of a 'pear'?",
    ]


def test_prompts_and_reasoning_are_messages_for_fine_tuning(databases: Path) -> None:
    folder, written = write(databases, "openai", columns={"instruction": "prompt", "output": "reasoning"})
    rows = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
    assert [[turn["role"] for turn in row["messages"]] for row in rows] == [["user", "assistant"]] * len(QUERIES)
    assert rows[0]["messages"][1]["content"].endswith("```")
    assert written.left_out == 0


def test_what_the_layout_cannot_hold_is_said_before_it_is_written(databases: Path) -> None:
    settings = DatasetSettings(format="spider", path=str(databases.parent / "out"))
    without = MemoryStorage(pa.table({"row_id": ["a"], "db_id": ["zoo"]}))
    with pytest.raises(ParameterError, match="needs a db_id, a question and a query; the table has no question and no query"):
        write_dataset(without, settings, "asked", lambda _: {})
    (databases / "zoo" / "zoo.sqlite").unlink()
    (databases / "shop" / "shop.sqlite").unlink()
    import duckdb

    duckdb.connect(str(databases / "shop" / "shop.duckdb")).close()
    with pytest.raises(ParameterError, match='the database "shop" is a duckdb database'):
        write(databases, "spider")
    assert not (databases.parent / "spider").exists()


def test_a_query_on_one_line_is_the_same_query() -> None:
    assert on_one_line("SELECT a\n\tFROM t -- why\n") == "SELECT a FROM t"
    assert on_one_line("SELECT '--\n' FROM t") == "", "a line would change the text"
    assert on_one_line("SELECT  'two  blanks' FROM t;") == "SELECT  'two  blanks' FROM t"


def test_on_the_command_line(databases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = databases.parent
    (folder / "rows.jsonl").write_text("".join(json.dumps(dict(zip(("db_id", "question", "sql"), row, strict=True))) + "\n" for row in QUERIES))
    (folder / "kept.py").write_text(
        "from operators.text.rules.whole_text import BlankFilter\nfrom operators.pipeline.pipeline import Pipeline\n\n\n"
        "class Kept(Pipeline):\n    expects = {'sql': str}\n\n    def __init__(self):\n        self.some = BlankFilter()\n\n"
        "    def forward(self, rows):\n        return self.some(rows, input_text='sql')\n"
    )
    warehouse = ["--warehouse", str(folder / "tables")]
    assert main(["run", f"{folder / 'kept.py'}:Kept", "-i", str(folder / "rows.jsonl"), "-o", str(folder / "kept.jsonl"), *warehouse]) == 0
    assert main(["export", "kept.some", "-f", "spider", "-o", str(folder / "spider"), "--databases", str(databases), *warehouse]) == 0
    assert "3 rows left out" in capsys.readouterr().out
    assert "spider/database/zoo/zoo.sqlite" not in (folder / "spider" / "README.md").read_text()
    assert len(json.loads((folder / "spider" / "train.json").read_text())) == 3

"""What dataflow sql prints, and its shell."""

from __future__ import annotations

import csv
import io
import json

import duckdb
import pytest

from dataflow_assets.cli.query_result import print_csv, print_json_rows, print_table
from dataflow_assets.cli.sql_shell import shell
from tests.cli.conftest import Dataflow

ODD = "select 1::bigint as n, '001' as text, 'two\nlines, \"quoted\"' as long, null as nothing, [1, 2] as list, {'a': 'é'} as struct"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_json_keeps_types_and_nesting(connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]) -> None:
    connection.execute(ODD)
    print_json_rows(connection)
    assert json.loads(capsys.readouterr().out) == [
        {"n": 1, "text": "001", "long": 'two\nlines, "quoted"', "nothing": None, "list": [1, 2], "struct": {"a": "é"}}
    ]


def test_json_of_no_rows_is_an_empty_array(connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]) -> None:
    connection.execute("select 1 as n where false")
    print_json_rows(connection)
    assert json.loads(capsys.readouterr().out) == []


def test_json_and_csv_give_every_row_and_the_table_the_first(connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]) -> None:
    connection.execute("select range as n from range(5000)")
    print_json_rows(connection)
    assert [row["n"] for row in json.loads(capsys.readouterr().out)] == list(range(5000))
    connection.execute("select range as n from range(5000)")
    print_csv(connection)
    assert len(capsys.readouterr().out.splitlines()) == 5001
    connection.execute("select range as n from range(5000)")
    print_table(connection)
    assert "the first 100 rows" in capsys.readouterr().out


def test_csv_can_be_read_back(connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]) -> None:
    connection.execute(ODD)
    print_csv(connection)
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row == {"n": "1", "text": "001", "long": 'two\nlines, "quoted"', "nothing": "", "list": "[1,2]", "struct": '{"a":"é"}'}


def test_the_table_shows_long_texts_on_one_line(
    connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    connection.execute("select repeat('word\n', 100) as text")
    print_table(connection)
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith(" word⏎word⏎")]
    assert line.rstrip().endswith("…")


def test_markup_in_data_is_shown_as_it_is(connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]) -> None:
    connection.execute("select '[bold]x[/bold] [/oops]' as text")
    print_table(connection)
    assert "[bold]x[/bold] [/oops]" in capsys.readouterr().out


def test_the_shell_takes_statements_over_several_lines_and_survives_mistakes(
    connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "sys.stdin", io.StringIO("create table t as\n  select 41 + 1 as answer;\nselekt;\nselect answer from t;\n.tables\n.quit\nselect 'never';\n")
    )
    shell(connection)
    said = capsys.readouterr()
    assert "42" in said.out
    assert "syntax error" in said.err
    assert "main" in said.out
    assert "never" not in said.out


def test_no_column_is_lost_where_a_join_has_two_of_one_name(connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]) -> None:
    query = "select 1 as id, 2 as id, 3 as id_2, 4 as id"
    connection.execute(query)
    print_json_rows(connection)
    assert json.loads(capsys.readouterr().out) == [{"id": 1, "id_3": 2, "id_2": 3, "id_4": 4}]
    connection.execute(query)
    print_csv(connection)
    assert capsys.readouterr().out == "id,id_3,id_2,id_4\n1,2,3,4\n"


def test_numbers_of_more_than_64_bits_and_maps_with_other_keys_are_json(
    connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    connection.execute("select 10000000000000000000000::hugeint as large, map {1: 'é'} as named, ['nan'::double] as none")
    print_json_rows(connection)
    assert json.loads(capsys.readouterr().out) == [{"large": 10**22, "named": {"1": "é"}, "none": [None]}]


def test_a_warehouse_without_tables_is_said_where_a_table_is_not_found(dataflow: Dataflow) -> None:
    said = dataflow("sql", "from calm.short", "--warehouse", "elsewhere")
    assert said.status == 1
    assert "elsewhere has no tables: is it the right place?" in said.messages

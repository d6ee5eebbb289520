"""SQL over the rows of a table: what it makes, what is told before anything runs, and what it cannot reach."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.core import registry
from operators.core.operator import Operator
from operators.generic.sql.of_rows import SQLColumnsEvaluator, SQLFilter, SQLRefiner
from operators.generic.sql.of_tables import SQLRowsGenerator
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import ColumnError, CompileError, ParameterError, StageFailed
from tests.faults import fault

ROWS = [
    {"text": "one two", "score": 3, "tags": ["a", "b"], "said": {"by": "ann"}},
    {"text": "one", "score": None, "tags": [], "said": {"by": "bob"}},
    {"text": "one", "score": 7, "tags": ["c"], "said": None},
]


def made(operator: Operator, rows: Any = ROWS, *columns: str) -> list[Any]:
    table = operator.run(rows).table
    return [tuple(row[name] for name in columns) for row in table.to_pylist()]


def test_columns_have_the_types_that_the_binder_gives_whatever_the_batches() -> None:
    operator = SQLColumnsEvaluator(
        made={
            "words": "len(string_split(text, ' '))",
            "high": "score > 5",
            "loud": "[upper(tag) for tag in tags if tag <> 'b']",
            "by": "said.by",
            "grade": "CASE WHEN score > 5 THEN 'A' ELSE 'B' END",
        }
    )
    table = operator.run(ROWS).table
    assert [table.schema.field(name).type for name in ("words", "high", "grade")] == [pa.int64(), pa.bool_(), pa.string()]
    assert pa.types.is_list(table.schema.field("loud").type)
    assert made(operator, ROWS, "words", "high", "loud", "by", "grade") == [
        (2, False, ["A"], "ann", "B"),
        (1, None, [], "bob", "B"),
        (1, True, ["C"], None, "A"),
    ]
    assert operator.inputs().keys() == {"text", "score", "tags", "said"}


def test_a_row_that_cannot_be_computed_is_set_aside_alone() -> None:
    result = SQLColumnsEvaluator(made={"number": "text::INT"}, max_failed=1.0).run([{"text": "12"}, {"text": "x"}, {"text": None}])
    assert result.table.column("number").to_pylist() == [12, None]
    assert "Could not convert string 'x'" in result.rejected.to_pylist()[0]["rejected_reason"]
    assert made(SQLColumnsEvaluator(made={"number": "try_cast(text AS INT)"}), [{"text": "12"}, {"text": "x"}], "number") == [(12,), (None,)]


def test_a_filter_keeps_what_is_true_and_says_by_which_values_the_others_are_not() -> None:
    result = SQLFilter(where="score > 3\n AND text = 'one'").run(ROWS)
    assert [row["score"] for row in result.table.to_pylist()] == [7]
    assert [row["rejected_reason"] for row in result.rejected.to_pylist()] == [
        "score > 3 AND text = 'one' is false (score = 3, text = one two)",
        "score > 3 AND text = 'one' is null (score = null, text = one)",
    ]


@fault("nullable boolean dtype is refused")
def test_a_column_of_truth_with_nulls_is_a_condition_and_null_is_not_true() -> None:
    result = SQLFilter(where="good").run(pa.table({"good": pa.array([True, None, False])}))
    assert result.table.column("good").to_pylist() == [True]
    assert result.rejected.column("rejected_reason").to_pylist() == ["good is null (good = null)", "good is false (good = False)"]


def test_a_refiner_rewrites_its_column_alone_in_the_type_that_it_has() -> None:
    rows = pa.table({"text": ["1", None, "x"], "n": pa.array([1, 2, 3], pa.int16())})
    result = SQLRefiner(to="text::INT + n", max_failed=1.0).run(rows)
    assert [(row["text"], row["n"]) for row in result.table.to_pylist()] == [("2", 1), (None, 2)]
    assert len(result.rejected) == 1
    counted = SQLRefiner(to="n * 1000", rewritten="n", max_failed=1.0).run(pa.table({"n": pa.array([1, 100], pa.int16())}))
    assert counted.table.schema.field("n").type == pa.int16()
    assert [len(counted.table), len(counted.rejected)] == [1, 1]
    bound = SQLRefiner(to="upper(text)").run([{"body": "a"}], input_text="body")
    assert bound.table.column("body").to_pylist() == ["A"]


def test_rows_of_rows_name_their_parents_and_the_others_are_set_aside() -> None:
    ids = [row["row_id"] for row in SQLFilter(where="true").run(ROWS).table.to_pylist()]
    groups = SQLRowsGenerator(
        select="SELECT text, sum(score)::BIGINT AS total, list(row_id) AS parent_ids FROM rows WHERE score > 1 GROUP BY text"
    ).run(ROWS)
    assert [(row["text"], row["total"], row["parent_ids"]) for row in groups.table.to_pylist()] == [("one two", 3, [ids[0]]), ("one", 7, [ids[2]])]
    assert [row["rejected_reason"] for row in groups.rejected.to_pylist()] == ["no row was made from it"]
    exploded = SQLRowsGenerator(select="SELECT unnest(tags) AS tag, [row_id] AS parent_ids FROM rows")
    assert made(exploded, ROWS, "tag") == [("a",), ("b",), ("c",)]
    pairs = SQLRowsGenerator(
        select="SELECT a.text, [a.row_id, b.row_id] AS parent_ids FROM rows a JOIN rows b ON a.text = b.text AND a.row_id < b.row_id"
    )
    assert [len(row["parent_ids"]) for row in pairs.run(ROWS).table.to_pylist()] == [2]


class Graded(Pipeline):
    """A pipeline with two stages of SQL."""

    expects = {"text": str, "score": int}

    def __init__(self, where: str = "grade = 'A'") -> None:
        self.grade = SQLColumnsEvaluator(made={"grade": "CASE WHEN score > 5 THEN 'A' ELSE 'B' END"})
        self.good = SQLFilter(where=where)

    def forward(self, rows: Handle) -> Handle:
        return self.good(self.grade(rows))


@fault("does not declare its keys, breaking pipeline key checks")
def test_compile_knows_the_columns_that_sql_reads_and_makes() -> None:
    assert [stage.name for stage in Graded().compile().stages] == ["grade", "good"]
    with pytest.raises(CompileError, match=r'column "grad" does not exist[\s\S]*did you mean "grade"'):
        Graded(where="grad = 'A'").compile()
    with pytest.raises(CompileError, match="SQL: Binder Error"):
        Graded(where="grade > [1]").compile()
    lineage = SQLColumnsEvaluator(made={"twice": "score * 2"}).column_lineage(pa.schema([("text", pa.string()), ("score", pa.int64())]))
    assert lineage["twice"] == [(0, "score")]


@fault("lambdas are not serialisable, so no config, no provenance")
@fault("lambdas not serialisable")
@pytest.mark.parametrize(
    "operator",
    [
        SQLColumnsEvaluator(made={"n": "len(text)"}),
        SQLFilter(where="len(text) > 1"),
        SQLRefiner(to="trim(text)"),
        SQLRowsGenerator(select="SELECT count(*) AS n, list(row_id) AS parent_ids FROM rows"),
    ],
    ids=lambda operator: operator.name,
)
def test_a_stage_of_sql_is_plain_data_with_a_fingerprint(operator: Operator) -> None:
    built = registry.build(operator.as_dict())
    assert built == operator
    assert built.fingerprint() == operator.fingerprint()
    assert operator.model_copy(update={"max_memory_mb": 2048}).fingerprint() != operator.fingerprint()


@fault("validator method refers to an attribute that is never set")
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("sum(score) > 1", "sum is computed over many rows"),
        ("row_number() OVER () > 1", "looks at other rows"),
        ("score > (SELECT 1)", "asks a table"),
        ("unnest(tags) = 'a'", "makes rows"),
        ("random() > 0.5", "gives another value each time"),
        ("now() > '2026-01-01'", "gives another value each time"),
        ("$1 > 2", "has a gap"),
        ("COLUMNS(*) > 1", "names all columns"),
        ("score >", "syntax error"),
        ("true), (false", "no expression of one row"),
        ("true) FROM rows WHERE (true", "syntax error"),
        ("true; DROP TABLE rows", "syntax error"),
    ],
)
def test_what_depends_on_more_than_its_row_is_no_condition_of_a_row(where: str, said: str) -> None:
    with pytest.raises(ParameterError) as error:
        SQLFilter(where=where)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("SELECT 1 AS n", "does not read the table"),
        ("SELECT * FROM other", 'it reads "other"'),
        ("SELECT * FROM rows, read_csv('/etc/passwd')", "read_csv"),
        ("SELECT * FROM rows, glob('/*')", "glob"),
        ("SELECT * FROM rows, '/etc/passwd'", "/etc/passwd"),
        ("SELECT * FROM rows, duckdb_settings()", "duckdb_settings"),
        ("COPY rows TO '/tmp/rows.csv'", "only SELECT is run"),
        ("ATTACH '/tmp/a.duckdb'", "only SELECT is run"),
        ("INSTALL httpfs", "only SELECT is run"),
        ("SET memory_limit = '1TB'", "only SELECT is run"),
        ("SELECT * FROM rows; SELECT 1", "2 statements"),
        ("SELECT uuid() AS u, [row_id] AS parent_ids FROM rows", "another value each time"),
    ],
)
def test_a_statement_reads_the_table_and_nothing_else(select: str, said: str) -> None:
    with pytest.raises(ParameterError) as error:
        SQLRowsGenerator(select=select)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("SELECT txt, [row_id] AS parent_ids FROM rows", 'did you mean "text"'),
        ("SELECT text FROM rows", "do not say of which rows they are made"),
        ("SELECT text, row_id AS parent_ids FROM rows", "not a list of row_id"),
        ("SELECT *, [row_id] AS parent_ids FROM rows", "get ids of their own"),
    ],
)
def test_what_does_not_fit_the_table_is_told_before_it_runs(select: str, said: str) -> None:
    with pytest.raises(ColumnError) as error:
        SQLRowsGenerator(select=select).run(ROWS)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "expression",
    ["(SELECT content FROM read_text('{file}'))", "getenv('HOME')", "read_text('{file}')", "pg_read_file('{file}')"],
)
def test_no_file_is_read_by_an_expression(expression: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    with pytest.raises((ParameterError, ColumnError)):
        SQLColumnsEvaluator(made={"leak": expression.format(file=secret)}).run([{"text": "a"}])


@pytest.mark.parametrize(
    "run",
    [
        lambda: SQLRowsGenerator(
            select="SELECT count(*) AS n, list(row_id) AS parent_ids FROM rows, range(1000000000000) GROUP BY text", seconds=0.3
        ),
        lambda: SQLColumnsEvaluator(
            made={"n": "list_sum(list_transform(range(1000000000 + score), lambda x: x % 7))"}, seconds=0.3, max_memory_mb=64
        ),
    ],
    ids=["rows without end", "a list without end"],
)
def test_a_statement_that_takes_too_long_or_too_much_ends_and_the_next_one_runs(run: Callable[[], Operator]) -> None:
    with pytest.raises(StageFailed, match=r"took longer than seconds|Out of Memory|memory is not enough|it was ended"):
        run().run(ROWS)
    assert made(SQLFilter(where="score > 5"), ROWS, "score") == [(7,)]


def test_a_new_row_has_to_name_rows_that_are_there() -> None:
    for parents in ("['nobody']", "[]::VARCHAR[]", "NULL::VARCHAR[]"):
        with pytest.raises(StageFailed, match=r"names no row in parent_ids|is no row_id"):
            SQLRowsGenerator(select=f"SELECT text, {parents} AS parent_ids FROM rows").run(ROWS)


def test_an_empty_table_and_columns_of_nulls_and_json_are_ordinary() -> None:
    empty = pa.table({"text": pa.array([], pa.string())})
    assert SQLColumnsEvaluator(made={"n": "len(text)"}).run(empty).table.schema.field("n").type == pa.int64()
    assert len(SQLRowsGenerator(select="SELECT count(*) AS n, list(row_id) AS parent_ids FROM rows").run(empty).table) == 0
    odd = pa.table({"none": pa.nulls(2), "json": pa.array(['{"a": 1}', None], pa.json_())})
    assert made(SQLColumnsEvaluator(made={"n": "none IS NULL", "a": "json->>'a'"}), odd, "n", "a") == [(True, "1"), (True, None)]


@pytest.mark.parametrize("drawn", ["FROM rows USING SAMPLE 1", "FROM rows TABLESAMPLE 50%", "FROM (SELECT * FROM rows USING SAMPLE 1 ROWS) AS part"])
def test_a_statement_draws_no_rows_by_chance(drawn: str) -> None:
    with pytest.raises(ParameterError, match="RandomSample"):
        SQLRowsGenerator(select=f"SELECT text, [row_id] AS parent_ids {drawn}")


def test_times_are_the_same_in_every_zone_of_a_machine() -> None:
    program = """
import pyarrow as pa
from operators.generic.sql.of_rows import SQLColumnsEvaluator
rows = pa.table({"time": pa.array([0], pa.timestamp("us", "America/New_York"))})
made = {"hour": "hour(time)", "shown": "time::varchar", "cast": "cast('1970-01-01' as timestamptz)"}
made["there"] = "hour(timezone('America/New_York', time))"
table = SQLColumnsEvaluator(made=made).run(rows).table
print(table.select([*made]).to_pylist(), table.schema.field("cast").type)
"""
    said = {
        subprocess.run([sys.executable, "-c", program], env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True).stdout
        for zone in ("UTC", "America/New_York", "Asia/Tokyo")
    }
    assert len(said) == 1, said
    assert "'hour': 0" in next(iter(said))
    assert "'there': 19" in next(iter(said))

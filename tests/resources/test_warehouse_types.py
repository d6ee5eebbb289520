"""What was written is read: through files of every format and three stages of the warehouse."""

from __future__ import annotations

import datetime
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operators.tables.files import FileStorage
from operators.tables.storage import Storage
from resources.warehouse import UnstorableColumn, Warehouse, WarehouseError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    [
        "001",
        "",
        "2024-01-01",
        "12345678901234567890",
        "null",
        "NaN",
        "\U0001f469\u200d\U0001f52c",
        "\u202e\ufeff",
        "e\u0301",
        "\u2028",
        "'\"\\",
        "\r\n",
    ]
)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "small": st.integers(-(2**63), 2**63 - 1),
    "unsigned": st.integers(0, 2**64 - 1),
    "huge": st.integers(-(10**38) + 1, 10**38 - 1),
    "fraction": st.floats(allow_nan=False, allow_infinity=False),
    "flag": st.booleans(),
}
SHAPES: dict[str, st.SearchStrategy[Any]] = {
    **SCALARS,
    "list": st.lists(TEXT, max_size=3),
    "struct": st.fixed_dictionaries({"x": st.none() | st.integers(0, 2**64 - 1), "list": st.lists(st.none() | TEXT, max_size=2)}),
    "messages": st.lists(st.fixed_dictionaries({"role": TEXT, "content": st.none() | TEXT}), max_size=2),
    "any": st.dictionaries(TEXT, st.none() | TEXT | SCALARS["huge"] | SCALARS["fraction"] | st.lists(SCALARS["small"], max_size=2), max_size=3),
}


@st.composite
def json_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    shapes = draw(st.dictionaries(TEXT, st.sampled_from(sorted(SHAPES)), min_size=1, max_size=4))
    row = st.fixed_dictionaries({name: st.none() | SHAPES[shape] for name, shape in shapes.items()})
    return draw(st.lists(row, min_size=1, max_size=6))


def through_three_stages(warehouse: Warehouse, source: Storage) -> Storage:
    for stage in ("one", "two", "three"):
        table = warehouse.table("chain", stage)
        table.write(source.read())
        source = table
    return source


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(rows=json_rows())
def test_json_comes_out_of_three_stages_as_it_went_in(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    folder = tmp_path_factory.mktemp("json")
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = FileStorage(folder / "in.jsonl")
    result = through_three_stages(Warehouse(folder / "warehouse"), source).read()
    assert result.equals(source.read())
    assert result.schema.equals(source.schema)
    for name in ("out.jsonl", "out.json", "out.parquet"):
        FileStorage(folder / name).write(result)
    assert FileStorage(folder / "out.parquet").read().equals(result)
    assert json.loads((folder / "out.json").read_text()) == rows
    assert [json.loads(line) for line in (folder / "out.jsonl").read_text().split("\n")[:-1]] == rows


MOMENTS = st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1))
ARROW: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    *(
        (type_, st.integers(-(2 ** (type_.bit_width - 1)), 2 ** (type_.bit_width - 1) - 1))
        for type_ in (pa.int8(), pa.int16(), pa.int32(), pa.int64())
    ),
    *((type_, st.integers(0, 2**type_.bit_width - 1)) for type_ in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())),
    (pa.float32(), st.floats(width=32)),
    (pa.float64(), st.floats()),
    (pa.bool_(), st.booleans()),
    (pa.decimal128(38, 0), st.integers(-(10**38) + 1, 10**38 - 1).map(Decimal)),
    (pa.decimal128(20, 5), st.integers(-(10**20) + 1, 10**20 - 1).map(lambda number: Decimal(number).scaleb(-5))),
    *((type_, TEXT) for type_ in (pa.string(), pa.large_string(), pa.string_view())),
    *((type_, st.binary(max_size=5)) for type_ in (pa.binary(), pa.large_binary())),
    (pa.binary(3), st.binary(min_size=3, max_size=3)),
    (pa.date32(), st.dates()),
    (pa.date64(), st.dates()),
    (pa.time64("us"), st.times()),
    *((pa.timestamp(unit, zone), MOMENTS.map(lambda moment: moment.replace(microsecond=0))) for unit in ("s", "ms") for zone in (None, "UTC")),
    *((pa.timestamp(unit, zone), MOMENTS) for unit in ("us", "ns") for zone in (None, "Asia/Tokyo")),
    (pa.duration("us"), st.timedeltas(datetime.timedelta(-1000), datetime.timedelta(1000))),
    (pa.null(), st.none()),
    (pa.map_(pa.string(), pa.int64()), st.lists(st.tuples(TEXT, st.none() | st.integers(-9, 9)), max_size=3)),
]


def arrow_types(depth: int = 2) -> st.SearchStrategy[tuple[pa.DataType, st.SearchStrategy[Any]]]:
    plain = st.sampled_from(ARROW)
    if not depth:
        return plain
    inner = arrow_types(depth - 1)
    lists = inner.map(lambda item: (pa.list_(item[0]), st.lists(st.none() | item[1], max_size=3)))
    large = inner.map(lambda item: (pa.large_list(item[0]), st.lists(st.none() | item[1], max_size=3)))
    pairs = inner.map(lambda item: (pa.list_(item[0], 2), st.lists(item[1], min_size=2, max_size=2)))
    structs = st.dictionaries(TEXT, inner, min_size=1, max_size=3).map(
        lambda fields: (
            pa.struct([(name, item[0]) for name, item in fields.items()]),
            st.fixed_dictionaries({name: st.none() | item[1] for name, item in fields.items()}),
        )
    )
    return plain | lists | large | pairs | structs


@st.composite
def arrow_tables(draw: st.DrawFn) -> pa.Table:
    columns = draw(st.lists(st.tuples(TEXT, arrow_types()), min_size=1, max_size=3, unique_by=lambda column: column[0]))
    rows = draw(st.integers(0, 6))
    arrays = [pa.array(draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), type_) for _, (type_, values) in columns]
    table = pa.Table.from_arrays(arrays, names=[name for name, _ in columns])
    start = draw(st.integers(0, rows))
    return table.slice(start)


def comparable(value: Any) -> Any:
    """NaN equals NaN."""
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [comparable(item) for item in value]
    return value


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(table=arrow_tables())
def test_arrow_types_come_out_of_the_warehouse_as_they_went_in(tmp_path_factory: pytest.TempPathFactory, table: pa.Table) -> None:
    stored = Warehouse(tmp_path_factory.mktemp("arrow")).table("chain", "one")
    stored.write(table)
    result = stored.read()
    assert result.schema.equals(table.schema)
    result.validate(full=True)
    assert [comparable(column.to_pylist()) for column in result.columns] == [comparable(column.to_pylist()) for column in table.columns]


@settings(deadline=None, max_examples=25)
@given(table=arrow_tables(), size=st.integers(1, 3))
def test_equal_rows_have_an_equal_hash_however_they_are_cut_into_batches(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table, size: int
) -> None:
    warehouse = Warehouse(tmp_path_factory.mktemp("hash"))
    hashes = []
    for stage, rows in (("a", table), ("b", table.to_batches(max_chunksize=size) or table), ("c", pa.concat_tables([table, table]))):
        warehouse.table("hash", stage).write(rows)
        hashes.append(warehouse.table("hash", stage).run_facts()["content_hash"])
    assert hashes[0] == hashes[1]
    assert (hashes[0] == hashes[2]) == (len(table) == 0)


def test_the_hash_sees_order_nulls_names_and_types(tmp_path: Path) -> None:
    tables = [
        pa.table({"a": ["x", "y"]}),
        pa.table({"a": ["y", "x"]}),
        pa.table({"a": ["xy", ""]}),
        pa.table({"a": ["x", None, "y"]}),
        pa.table({"a": ["x", "", "y"]}),
        pa.table({"b": ["x", "y"]}),
        pa.table({"a": [b"x", b"y"]}),
        pa.table({"a": [["x", "y"], []]}),
        pa.table({"a": [["x"], ["y"]]}),
        pa.table({"a": [[], ["x", "y"]]}),
    ]
    hashes = set()
    for place, table in enumerate(tables):
        stored = Warehouse(tmp_path).table("hash", f"t{place}")
        stored.write(table)
        hashes.add(stored.run_facts()["content_hash"])
    assert len(hashes) == len(tables)


def test_metadata_of_the_schema_and_names_that_differ_only_in_case_are_kept(tmp_path: Path) -> None:
    schema = pa.schema(
        [pa.field("a", pa.int64(), nullable=False, metadata={"unit": "m"}), ("A", pa.int64()), ("A_2", pa.string()), ("", pa.string())]
    )
    table = pa.table([[1], [2], ["x"], ["y"]], schema=schema.with_metadata({"made": "here"}))
    stored = Warehouse(tmp_path).table("chain", "one")
    stored.write(table)
    assert stored.read().schema.equals(table.schema, check_metadata=True)
    assert stored.read(["", "A"]).to_pylist() == [{"": "y", "A": 2}]


def test_dictionary_columns_come_back_as_plain_values(tmp_path: Path) -> None:
    stored = Warehouse(tmp_path).table("chain", "one")
    stored.write(pa.table({"a": pa.array(["x", "y", "x", None]).dictionary_encode()}))
    assert stored.read().equals(pa.table({"a": ["x", "y", "x", None]}))


def test_json_columns_are_json_in_sql_and_the_same_text_in_arrow(tmp_path: Path) -> None:
    texts = ['{"n": 12345678901234567890123, "z": [1.10]}', None, "null", '"\\u0000"']
    table = pa.table({"meta": pa.ExtensionArray.from_storage(pa.json_(), pa.array(texts))})
    warehouse = Warehouse(tmp_path)
    warehouse.table("chain", "one").write(table)
    assert warehouse.table("chain", "one").read().equals(table)
    with warehouse.connect() as connection:
        assert connection.execute("SELECT meta->>'$.n' FROM chain.one LIMIT 1").fetchall() == [("12345678901234567890123",)]
    with pytest.raises(WarehouseError, match=r"DuckDB refused the rows.*JSON"):
        warehouse.table("chain", "two").write(pa.table({"meta": pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{"]))}))


@pytest.mark.parametrize(
    ("array", "named"),
    [
        (pa.array([pa.MonthDayNano([1, 2, 3])]), 'column "a" is month_day_nano_interval'),
        (pa.array([Decimal(1)], pa.decimal256(50, 0)), 'column "a" is decimal256'),
        (pa.array([[{}]]), r'column "a\[\]" is struct<>'),
        (pa.array([{"b": {}}]), r'column "a\.b" is struct<>'),
    ],
)
def test_a_type_that_duckdb_cannot_hold_is_refused_by_column_before_anything_is_written(tmp_path: Path, array: pa.Array, named: str) -> None:
    with pytest.raises(UnstorableColumn, match=named):
        Warehouse(tmp_path).table("chain", "one").write(pa.table({"a": array}))
    assert Warehouse(tmp_path).tables() == []


def test_tables_without_columns_keep_their_number_of_rows(tmp_path: Path) -> None:
    stored = Warehouse(tmp_path).table("chain", "one")
    stored.write(pa.RecordBatch.from_struct_array(pa.array([{}] * 3, pa.struct([]))))
    assert (stored.count_rows(), stored.schema.names, stored.read().num_rows) == (3, [], 3)
    stored.write(pa.table({}))
    assert stored.count_rows() == 0


def test_the_order_of_many_rows_is_kept_and_batches_are_of_the_size_asked_for(tmp_path: Path) -> None:
    stored = Warehouse(tmp_path).table("chain", "one")
    stored.write(pa.table({"n": range(300_000), "text": ["row"] * 300_000}).to_batches(max_chunksize=777))
    assert stored.read(["n"]).column("n").to_pylist() == list(range(300_000))
    assert {batch.num_rows for batch in stored.batches(["text"], size=500)} <= {500, *range(500)}


def test_rows_of_megabytes_come_a_few_at_a_time(tmp_path: Path) -> None:
    stored = Warehouse(tmp_path).table("chain", "one")
    stored.write([pa.record_batch({"text": ["x" * 8_000_000, "y" * 8_000_000]}) for _ in range(10)])
    batches = list(stored.batches())
    assert sum(batch.num_rows for batch in batches) == 20
    assert max(batch.nbytes for batch in batches) < 2**27
    assert [text[0] for batch in batches for text in batch.column(0).to_pylist()] == ["x", "y"] * 10


def test_slices_of_nested_columns_are_stored_as_what_they_show(tmp_path: Path) -> None:
    whole = pa.table({"a": pa.array([[{"x": 1}], None, [{"x": 2}, None], [], [{"x": 3}]]), "s": [{"y": [number]} for number in range(5)]})
    stored = Warehouse(tmp_path).table("chain", "one")
    stored.write(batch.slice(1) for batch in whole.to_batches(max_chunksize=3))
    assert stored.read().to_pylist() == [*whole.to_pylist()[1:3], *whole.to_pylist()[4:]]

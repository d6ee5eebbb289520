"""Rows in any form that people have them in become the same table, with the types that they had."""

from __future__ import annotations

import datetime
import decimal
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from operators.tables.errors import ColumnError, ParameterError
from operators.tables.given import as_storage
from operators.tables.storage import MemoryStorage
from resources.warehouse import Warehouse
from resources.warehouse.by_name import open_table

ROOT = Path(__file__).parents[2]
ROWS: list[dict[str, Any]] = [
    {"id": "001", "text": "one", "number": 1, "tags": ["a", "b"], "meta": {"lang": "en"}},
    {"id": "12345678901234567890", "text": None, "number": None, "tags": [], "meta": {"lang": None}},
]
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("number", pa.int64()),
        ("tags", pa.list_(pa.string())),
        ("meta", pa.struct([("lang", pa.string())])),
    ]
)
TABLE = pa.Table.from_pylist(ROWS, schema=SCHEMA)


def jsonl(folder: Path) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def packed(folder: Path) -> Path:
    path = folder / "packed" / "rows.jsonl.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(jsonl(folder).read_bytes()))
    return path


def parquet(folder: Path) -> Path:
    pq.write_table(TABLE, folder / "rows.parquet")
    return folder / "rows.parquet"


def relation(folder: Path) -> Any:
    import duckdb

    return duckdb.sql(f"SELECT * FROM '{parquet(folder)}'")


def polars_frame(folder: Path) -> Any:
    return pytest.importorskip("polars").from_arrow(TABLE)


def hugging_face(folder: Path) -> Any:
    return pytest.importorskip("datasets").Dataset.from_list(ROWS)


def pandas_frame(folder: Path) -> Any:
    """An integer with a missing value is Int64 in pandas, or it is no integer any more."""
    return pd.DataFrame(ROWS).astype({"number": "Int64"})


FORMS: dict[str, Callable[[Path], Any]] = {
    "a path": jsonl,
    "a path as text": lambda folder: str(jsonl(folder)),
    "a glob": lambda folder: str(jsonl(folder).parent / "r*.jsonl"),
    "a packed file": packed,
    "a folder": lambda folder: packed(folder).parent,
    "pandas": pandas_frame,
    "a table": lambda folder: TABLE,
    "a batch": lambda folder: TABLE.to_batches()[0],
    "a reader": lambda folder: TABLE.to_reader(),
    "batches": lambda folder: iter(TABLE.to_batches()),
    "a dataset of Arrow": lambda folder: pyarrow.dataset.dataset(parquet(folder)),
    "a relation of DuckDB": relation,
    "polars": polars_frame,
    "polars, lazy": lambda folder: polars_frame(folder).lazy(),
    "Hugging Face": hugging_face,
    "dicts": lambda folder: ROWS,
    "a generator of dicts": lambda folder: (row for row in ROWS),
    "columns": lambda folder: {name: [row[name] for row in ROWS] for name in SCHEMA.names},
    "a storage": lambda folder: MemoryStorage(TABLE),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_table(form: str, tmp_path: Path) -> None:
    storage = as_storage(FORMS[form](tmp_path))
    read = storage.read()
    assert read.schema == SCHEMA
    assert read.to_pylist() == ROWS
    assert storage.schema == SCHEMA
    assert storage.count_rows() == 2
    assert storage.read(["tags", "id"]).column_names == ["tags", "id"]
    assert [batch.num_rows for batch in storage.batches(size=1)] == [1, 1]


def test_texts_alone_are_the_column_text() -> None:
    assert as_storage(["a", None, "001"]).read().to_pydict() == {"text": ["a", None, "001"]}
    assert as_storage([]).schema == pa.schema([("text", pa.string())])


def test_the_missing_values_of_pandas_are_null_and_nothing_else_changes() -> None:
    frame = pd.DataFrame(
        {
            "text": ["001", float("nan"), None, pd.NA],
            "number": [1.5, float("nan"), 2.0, 3.0],
            "kind": pd.Categorical(["a", "b", None, "a"]),
            "when": [datetime.datetime(2026, 1, 1), pd.NaT, None, pd.NaT],
        }
    )
    read = as_storage(frame).read()
    assert read["text"].to_pylist() == ["001", None, None, None]
    assert read["number"].to_pylist() == [1.5, None, 2.0, 3.0]
    assert read["kind"].to_pylist() == ["a", "b", None, "a"]
    assert read["when"].null_count == 3
    assert [read.schema.field(name).type for name in ("text", "number", "kind")] == [pa.string(), pa.float64(), pa.string()]


def test_a_named_index_of_pandas_is_a_column_and_a_plain_one_is_not() -> None:
    frame = pd.DataFrame({"text": ["a", "b"]}, index=[7, 8])
    assert as_storage(frame).schema.names == ["text"]
    assert as_storage(frame.rename_axis("url")).schema.names == ["url", "text"]
    assert as_storage(frame[:0]).schema.names == ["text"]


@pytest.mark.parametrize("index", [["de", "fr"], pd.to_datetime(["2026-01-01", "2026-01-02"]), pd.MultiIndex.from_tuples([(1, "x"), (2, "y")])])
def test_an_index_of_pandas_that_is_more_than_row_numbers_is_not_lost(index: Any) -> None:
    read = as_storage(pd.DataFrame({"text": ["a", "b"]}, index=index)).read()
    assert read["text"].to_pylist() == ["a", "b"]
    kept = list(zip(*(read[name].to_pylist() for name in read.schema.names if name != "text"), strict=True))
    assert [one[0] if len(one) == 1 else one for one in kept] == list(index)


def test_forms_of_text_that_only_libraries_tell_apart_are_text() -> None:
    texts = pa.array(["a", None, "b"])
    for type_ in (pa.large_string(), pa.string_view()):
        assert as_storage(pa.table({"text": texts.cast(type_)})).read()["text"].to_pylist() == ["a", None, "b"]
        assert as_storage(pa.table({"text": texts.cast(type_)})).schema.field("text").type == pa.string()
    assert as_storage(pa.table({"text": texts.dictionary_encode()})).schema.field("text").type == pa.string()


def test_json_of_a_library_that_keeps_it_in_another_form_is_plain_json() -> None:
    json_ = pa.ExtensionArray.from_storage(pa.json_(pa.large_string()), pa.array(['{"a": 1}', None], pa.large_string()))
    storage = as_storage(pa.table({"meta": json_}))
    assert storage.schema.field("meta").type == pa.json_()
    assert storage.schema.field("meta").type.storage_type == pa.string()
    assert storage.read()["meta"].to_pylist() == ['{"a": 1}', None]


def test_dicts_have_the_columns_that_any_of_them_has_and_the_types_of_a_json_file() -> None:
    read = as_storage([{"a": 2**70, "n": {"x": 1}}, {"b": True, "n": {"y": "z"}}]).read()
    assert read.column_names == ["a", "n", "b"]
    assert read["a"].to_pylist() == [decimal.Decimal(2**70), None]
    assert read.schema.field("n").type == pa.json_()
    values = as_storage([{"when": datetime.date(2026, 1, 2), "raw": b"x", "exact": decimal.Decimal("1.10")}]).read()
    assert values.to_pylist() == [{"when": datetime.date(2026, 1, 2), "raw": b"x", "exact": decimal.Decimal("1.10")}]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"a": 1}, {"a": "001"}], 'column "a" mixes a number .* and text'),
        ({"a": [1], "b": [1, 2]}, "different numbers of values"),
        ({"text": "a b"}, r'text is no list of values.*\n.*one row is given as \[{"text"'),
        ({"text": b"a b", "n": 5, "other": [1]}, "text, n are no list of values"),
        ({"text": {"a": 1}}, "text is no list of values"),
        (["a", {"text": "b"}], "row 1 is str"),
        ([1, 2], "row 1 is int"),
        (7, "int is not rows"),
        (b"text", "bytes is not rows"),
        (pd.DataFrame({"a": [1, "x"]}), 'column "a" of the data frame mixes types'),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), 'column "a" twice'),
        ("no-such-file.jsonl", None),
    ],
    ids=str,
)
def test_what_is_not_rows_is_refused_with_the_reason(rows: Any, said: str | None) -> None:
    if said is None:
        with pytest.raises(FileNotFoundError, match="no such file"):
            as_storage(rows).read()
        return
    with pytest.raises((ColumnError, ParameterError), match=said):
        as_storage(rows)


def test_a_table_of_the_warehouse_is_found_by_its_name(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.table("web_text", "quality").write(TABLE)
    storage = as_storage("web_text.quality", lambda name: open_table(name, warehouse))
    assert storage.read().to_pylist() == ROWS
    with pytest.raises(RuntimeError, match=r'no table "web_text.qualty"; it has web_text.quality. did you mean "web_text.quality"'):
        as_storage("web_text.qualty", lambda name: open_table(name, warehouse))


def test_no_library_is_imported_to_find_out_what_something_is() -> None:
    code = """
import sys
from operators.tables.given import as_storage
as_storage([{"text": "a"}]).read(); as_storage(["a"]).read(); as_storage({"text": ["a"]}).read()
print(*sorted({"polars", "datasets", "duckdb"} & set(sys.modules)))  # pyarrow itself imports pandas, to make an array of a list
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout == "\n"


def test_a_table_with_two_columns_of_one_name_is_refused_in_words() -> None:
    twice = pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    for given in (twice, twice.to_batches()[0], pa.RecordBatchReader.from_batches(twice.schema, twice.to_batches())):
        with pytest.raises(ParameterError, match=r'the table has the column "text" twice. Rename one'):
            as_storage(given)
    assert as_storage(pa.table({"text": ["a"], "Text": ["b"]})).schema.names == ["text", "Text"]

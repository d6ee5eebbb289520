"""What operators that sketch say of the memory that they hold is what their sketches take, whatever their parameters and tables."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest

from operators.bases.deduplication import Deduplicate
from operators.core import registry
from operators.core.kinds import Filter
from operators.core.operator import Operator
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input
from operators.tables.own_memory import in_own_memory
from operators.tables.storage import DEFAULT_BATCH_ROWS, MemoryStorage
from operators.testing.sample_tables import ORDINARY_TEXTS, columns_read, other_tables, sample_inputs, sample_value, with_ids

TOLERATED = 0.25
MANY = 5000
FEW_BYTES = 200_000
PARAMETERS = (
    {"permutations": 16},
    {"permutations": 1024},
    {"threshold": 0.3},
    {"threshold": 1.0},
    {"same": ("source",)},
    {"also": ("title",)},
    {"keep": "highest"},
    {"dedup": {"operator": "MinHashDedup", "permutations": 512}},
)


def sketching() -> Iterator[Operator]:
    """Every registered operator that makes a sketch, as its example is, and with each of `PARAMETERS` that it has."""
    for operator in registry.examples():
        if operator.sketches:
            yield operator
            yield from (operator.changed(**changed) for changed in PARAMETERS if changed.keys() <= type(operator).model_fields.keys())


def told(operator: Operator) -> str:
    defaults = type(operator)(**operator.example)
    changed = [f"{name}={getattr(operator, name)}" for name in type(operator).model_fields if getattr(operator, name) != getattr(defaults, name)]
    return "-".join([operator.name, *changed])


def many_rows(operator: Operator) -> list[MemoryStorage]:
    """Tables of the same columns with ordinary texts, none of which is equal to another."""
    fields = columns_read(operator)
    texts = [f"{text} This was told {number} times." for number in range(MANY // len(ORDINARY_TEXTS)) for text in ORDINARY_TEXTS]
    rows = [{field.name: sample_value(field.type, row + place, texts) for place, field in enumerate(fields)} for row in range(MANY)]
    table = with_ids(rows, fields)
    return other_tables(operator, table, [table] * (len(operator.tables) - 1), shared=0)


@pytest.mark.parametrize("operator", list(sketching()), ids=told)
def test_a_sketch_takes_as_many_bytes_as_the_operator_says(operator: Operator) -> None:
    assert operator.memory == "sketch"
    samples = sample_inputs(operator) | {"many rows": many_rows(operator)}
    for what, tables in samples.items():
        for table in tables:
            made = list(RowsReader(operator, table).sketches())
            rows = sum(sketch.num_rows for sketch in made)
            if not rows:
                continue
            held = sum(sketch.nbytes for sketch in made) / rows
            assert held == pytest.approx(operator.sketch_bytes, rel=TOLERATED), f"bytes a row of {what}"
            if rows == MANY:  # of fewer, most of a message is its schema
                sent = pa.BufferOutputStream()
                with pa.ipc.new_stream(sent, made[0].schema) as stream:
                    for sketch in made:
                        stream.write_batch(sketch)
                assert sent.tell() / rows == pytest.approx(operator.sketch_bytes, rel=TOLERATED), "bytes a row between processes"


class AsOfDuckDB(MemoryStorage):
    """Gives batches as DuckDB does: the columns of one came together through Arrow's C interface, and any of them holds all."""

    def batches(self, columns: Sequence[str] | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        for batch in super().batches(columns, size):
            yield pa.record_batch(_Exported(in_own_memory(batch)))


class _Exported:
    def __init__(self, rows: pa.RecordBatch) -> None:
        self._rows = rows

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        return self._rows.__arrow_c_array__(requested_schema)


@pytest.fixture(scope="module", autouse=True)
def _only_what_is_made_here_is_looked_at_for_garbage() -> Iterator[None]:
    """Some millions of objects of modules and other tests take half a second each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def allocated() -> int:
    gc.collect()  # the traceback of an error that was caught may hold a batch
    return int(pa.total_allocated_bytes())


def long_texts(operator: Operator) -> AsOfDuckDB:
    """0.6 MB of texts in 200 rows."""
    fields = columns_read(operator)
    texts = [f"Text {number}. " + ORDINARY_TEXTS[0] * (3_000 // len(ORDINARY_TEXTS[0])) for number in range(200)]
    rows = [{field.name: sample_value(field.type, row + place, texts) for place, field in enumerate(fields)} for row in range(len(texts))]
    return AsOfDuckDB(with_ids(rows, fields))


@pytest.mark.parametrize("operator", list(sketching()), ids=told)
def test_who_keeps_sketches_keeps_no_texts(operator: Operator) -> None:
    table = long_texts(operator)
    before = allocated()
    made = list(RowsReader(operator, table).sketches())
    rows = sum(sketch.num_rows for sketch in made)
    assert rows
    assert allocated() - before < rows * operator.sketch_bytes * (1 + TOLERATED) + FEW_BYTES


@pytest.mark.parametrize("operator", [one for one in registry.examples() if isinstance(one, Deduplicate)], ids=told)
def test_who_keeps_the_ids_of_rows_keeps_no_texts(operator: Deduplicate) -> None:
    table = long_texts(operator)
    before = allocated()
    ids = [part.ids for part in operator.read_parts(RowsReader(operator, table), size=50)]
    assert sum(map(len, ids)) == table.count_rows()
    assert allocated() - before < FEW_BYTES


def test_what_makes_no_sketch_says_no_bytes() -> None:
    assert {operator.sketch_bytes for operator in registry.examples() if not operator.sketches} == {0}


def test_an_operator_that_sketches_has_to_say_how_large_a_sketch_is() -> None:
    with pytest.raises(TypeError, match="Silent defines sketch and not how large one is: define the property sketch_bytes"):

        class Silent(Filter):
            """Keep nothing."""

            scope = "table"
            input_text = Input(str)

            def sketch(self, rows: pa.RecordBatch) -> pa.RecordBatch:
                return rows

            def keep_table(self, rows: RowsReader) -> pa.Array:
                return pa.array([False] * rows.count_rows())

"""What the filters that keep one of several like texts have in common: what they read, which copy stays, and what is said of the others."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input
from operators.tables.errors import Problem, closest
from operators.tables.own_memory import in_own_memory
from operators.tables.storage import DEFAULT_BATCH_ROWS
from operators.tables.types import ROW_ID

Rows = np.ndarray[Any, np.dtype[np.int64]]
Merits = np.ndarray[Any, np.dtype[np.float64]]


class Part(NamedTuple):
    """Some rows in the order of their table; of like texts the one of most merit stays."""

    known: bool
    ids: pa.Array
    texts: pa.Array
    merits: Merits


class Members:
    """What is remembered of every row beside its key: its id and its merit. Known rows, which always stay, come first."""

    def __init__(self) -> None:
        self._ids: list[pa.Array] = []
        self._merits: list[Merits] = []
        self._same: list[Rows] = []
        self.known = 0

    def add(self, known: bool, ids: pa.Array, merits: Merits, same: Rows | None = None) -> None:
        """`same`: a number for each row; rows of different numbers are no duplicates of each other, however alike they are."""
        self._ids.append(ids)
        self._merits.append(merits)
        if same is not None:
            self._same.append(same)
        self.known += len(ids) * known

    def __len__(self) -> int:
        return sum(map(len, self._ids))

    def ids_of(self, rows: Rows) -> pa.Array:
        return pa.chunked_array(self._ids, pa.string()).take(pa.array(rows)).combine_chunks() if len(rows) else pa.array([], pa.string())

    def _falling(self) -> Merits:
        merits = np.concatenate(self._merits) if self._merits else np.zeros(0)
        merits[: self.known] = np.inf
        return -merits

    def by_merit(self) -> Rows:
        """All rows, those of most merit first; equals, and known rows, in their order."""
        return np.argsort(self._falling(), kind="stable")

    def kept_of(self, group: Rows) -> Rows:
        """For each row the one that stays of its group, given the first row of the group of each."""
        if self._same and len(group):
            pairs = np.stack([group, np.concatenate(self._same)], axis=1)
            _, first, inverse = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
            group = first[inverse.reshape(-1)]
        order = np.lexsort((np.arange(len(group)), self._falling(), group))
        starts = np.flatnonzero(np.r_[True, group[order][1:] != group[order][:-1]]) if len(order) else order
        best = np.empty(len(group), np.int64)
        best[group[order][starts]] = order[starts]
        return np.where(np.arange(len(group)) < self.known, np.arange(len(group)), best[group])


@dataclass(frozen=True)
class Duplicates:
    """For each row the row that stays of its group (itself where it stays), and what to say of one that goes, given it and the id of the other."""

    kept: Rows
    members: Members
    reason: Callable[[int, str], str]
    unknown: Mapping[int, str] = field(default_factory=dict)
    """Rows that could not be compared with any, and why: they are set aside as failures."""

    def winners(self) -> pa.Array:
        """The ids of the rows that stay, for each row but the known ones."""
        return self.members.ids_of(self.kept[self.members.known :])

    def verdict(self) -> Verdict:
        keep = self.kept == np.arange(len(self.kept))
        lost = np.flatnonzero(~keep)
        reasons: list[str | None] = [None] * len(self.kept)
        for row, winner in zip(lost.tolist(), self.members.ids_of(self.kept[lost]).to_pylist(), strict=True):
            reasons[row] = self.reason(row, winner)
        failed = np.zeros(len(keep), dtype=bool)
        for row, reason in self.unknown.items():
            keep[row], failed[row], reasons[row] = False, True, reason
        return Verdict(keep, reasons, failed).part(slice(self.members.known, None))


class Deduplicate(Filter, abstract=True):
    """Keep one row of each group of like texts. Which, `keep` says: the first or last of the table, the longest, or the one with the highest or
    lowest number in the column `input_score` (none counts least). Of equals the first stays, so that the same table gives the same rows.
    """

    scope: ClassVar[Literal["row", "table"]] = "table"
    separator: ClassVar[str] = "\n\n"
    """Stands between the text and what further columns say."""

    input_text = Input(str)
    input_score = Input(float, nulls="pass", description='any column of numbers; read where keep is "highest" or "lowest"')

    keep: Literal["first", "last", "longest", "highest", "lowest"] = Field(
        "first", description='Which copy stays. "highest" and "lowest" read the column of numbers that input_score is bound to ("score").'
    )
    also: tuple[str, ...] = Field((), description="Further columns of text: rows are alike when text and these, one after the other, are.")

    @abstractmethod
    def find(self, rows: RowsReader, known: RowsReader | None = None, **resources: Any) -> Duplicates:
        """Which rows are like which. `known`: rows that were kept before."""

    def keep_table(self, rows: RowsReader, known: RowsReader | None = None, **resources: Any) -> Verdict:
        return self.find(rows, known, **resources).verdict()

    def inputs(self) -> dict[str, Input]:
        scored = self.keep in ("highest", "lowest")
        own = {short: declared for short, declared in super().inputs().items() if scored or short != "score"}
        return {**own, **{name: Input(str, nulls="pass") for name in self.also}}

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        columns = self.input_columns()
        for column in [columns["text"], *(columns[name] for name in self.also)] if len(tables) > 1 and not found else ():
            if column not in tables[1].names:
                listed = ("columns", ", ".join(tables[1].names))
                suggestion = closest(column, tables[1].names) or "give it the table that this operator made before"
                found.append(Problem(f'column "{column}" does not exist in the table of known rows', details=(listed,), suggestion=suggestion))
        return found

    @model_validator(mode="after")
    def _separate_columns(self) -> Self:
        if taken := {"text", "score"} & set(self.also) or {name for name in self.also if self.also.count(name) > 1}:
            raise ValueError(f'"{min(taken)}" is read already: leave it out of `also`')
        return self

    def read_parts(self, rows: RowsReader, known: RowsReader | None = None, size: int = DEFAULT_BATCH_ROWS) -> Iterator[Part]:
        """The known rows, then the others, with their texts, at most `size` at a time."""
        met = 0
        for reader in (known, rows):
            for batch in reader.batches(size=size) if reader is not None else ():
                if not len(batch):
                    continue  # nothing but null texts
                texts = self.texts_of(batch)
                merits = np.arange(met, met + len(batch), dtype=np.float64) if self.keep == "last" else self._merits(batch)
                ids = in_own_memory(batch.select([ROW_ID])).column(ROW_ID)
                yield Part(reader is not rows, ids.cast(pa.string()), texts, merits)
                met += len(batch)

    def texts_of(self, rows: pa.RecordBatch) -> pa.Array:
        """The texts that are compared: of the column and of those of `also`."""
        texts = rows.column("text")
        if not self.also:
            return texts
        further = [rows.column(name).cast(pa.large_string()) for name in self.also]
        separator = pa.scalar(self.separator, pa.large_string())
        return pc.binary_join_element_wise(texts.cast(pa.large_string()), *further, separator, null_handling="replace")

    def _merits(self, batch: pa.RecordBatch) -> Merits:
        if self.keep == "longest":
            return np.asarray(pc.utf8_length(self.texts_of(batch)).cast(pa.float64()))
        if "score" not in batch.schema.names:  # not asked for, or not there in the table of known rows
            return np.zeros(len(batch))
        scores = batch.column("score").cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
        return np.where(np.isnan(scores), -np.inf, scores if self.keep == "highest" else -scores)


class DeduplicateBySketch(Deduplicate, abstract=True):
    """Compares what `sketch` made of each row, so that the rows themselves can stay where they are."""

    same: tuple[str, ...] = Field(
        (), description="Columns in which duplicates must be equal, such as the input of an instruction. The table may lack them."
    )

    def inputs(self) -> dict[str, Input]:
        return {**super().inputs(), **{name: Input(Any, nulls="pass", optional=True) for name in self.same}}

    @model_validator(mode="after")
    def _not_compared_already(self) -> Self:
        if taken := {"text", "score", *self.also} & set(self.same):
            raise ValueError(f'"{min(taken)}" is compared already: leave it out of `same`')
        return self

    @property
    @abstractmethod
    def key_bytes(self) -> int:
        """Of a row, what the operator finds in its texts and gives to `sketched`."""

    @property
    def sketch_bytes(self) -> int:
        """The key; an id of 36 characters, and where it ends; a merit; and a digest of the columns in `same`."""
        return self.key_bytes + (36 + 4) + 8 + (8 if self.same else 0)

    def sketched(self, rows: pa.RecordBatch, **columns: pa.Array) -> pa.RecordBatch:
        """A sketch of rows: their ids and merits, and what the operator found in their texts."""
        merits = self._merits(rows)
        ids = rows.column(ROW_ID).cast(pa.string())
        if present := [name for name in self.same if name in rows.schema.names]:
            columns["same"] = pa.array(_digests([rows.column(name) for name in present]))
        return pa.RecordBatch.from_arrays([ids, pa.array(merits, pa.float64()), *columns.values()], names=[ROW_ID, "merit", *columns])

    def read_sketches(self, members: Members, rows: RowsReader, known: RowsReader | None = None) -> Iterator[pa.RecordBatch]:
        """What `sketch` made of the known rows, then of the others; each is added to `members`."""
        for reader in (known, rows):
            for sketch in reader.sketches() if reader is not None else ():
                merits = sketch.column("merit").to_numpy()
                if self.keep == "last":
                    merits = np.arange(len(members), len(members) + len(sketch), dtype=np.float64)
                same = sketch.column("same").to_numpy() if "same" in sketch.schema.names else np.zeros(len(sketch), np.int64) if self.same else None
                members.add(reader is not rows, sketch.column(ROW_ID), merits, same)
                yield sketch


def as_bytes(values: np.ndarray[Any, Any]) -> pa.Array:
    """Rows of numbers, of any shape after the first axis, as one value of bytes each; nothing is copied."""
    values = np.ascontiguousarray(values)
    width = int(np.prod(values.shape[1:], dtype=np.int64)) * values.itemsize
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(values), [None, pa.py_buffer(values)])


def as_numbers(column: pa.Array, like: type[np.generic], *shape: int) -> np.ndarray[Any, Any]:
    """The numbers of which `as_bytes` made a column; `shape` is that of one row."""
    width = column.type.byte_width
    buffer = column.buffers()[1]
    found = np.frombuffer(buffer, np.uint8, len(column) * width, column.offset * width) if len(column) else np.zeros(0, np.uint8)
    return found.view(like).reshape(len(column), *shape)


def _digests(columns: list[pa.Array]) -> Rows:
    """A number for each row, equal where the row is equal in all columns."""
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return np.array([int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest(), "big", signed=True) for row in rows], np.int64)

"""Paths over relations of several texts: what questions that need several documents are made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import BaseModel, Field

from operators.bases.draws import draw
from operators.bases.verified_quotes import VerifiedQuote
from operators.core.kinds import Generate
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID, arrow_type


class PathStep(BaseModel):
    """One relation of a path, in the direction in which the path takes it."""

    subject: str
    relation: str
    object: str


class RelationPathsGenerator(Generate):
    """Make a row of each path over `hops` relations: the object of one is the subject of the next. The row has the steps, the texts that say them,
    and their quotes with the place of each in these texts; its parents are the relations.

    No entity comes twice. By default each relation stands in another text, so that no single one answers a question along the path. Of an entity with
    many relations at most `most` are taken, drawn by the seed and the row, so that hubs do not flood the table.
    """

    source = "MuSiQue (Trivedi et al. 2022): questions composed of connected single hops"
    asks = ("multi-hop paths over a knowledge graph", "chain facts of several documents", "connect triples that share an entity")
    scope: ClassVar[Literal["row", "table"]] = "table"
    adds_rows = True

    input_subject = Input(str, "subject_entity")
    input_relation = Input(str)
    input_object = Input(str, "object_entity")
    input_quotes = Input(list[VerifiedQuote])
    input_source = Input(str, "text", description="the text in which the quotes stand")
    output_path = Output(list[PathStep], "relation_path")
    output_sources = Output(list[str], "sources", description="the texts, in the order of the path")
    output_quotes = Output(list[VerifiedQuote], "quotes")
    output_hops = Output(int, "hops")

    carry: Literal["none"] = "none"
    hops: int = Field(2, ge=2, le=4, description="Relations in a path.")
    other_texts: bool = Field(True, description="Whether each relation has to stand in another text.")
    most: int = Field(5, ge=1, description="Relations that go on from one entity, at most.")
    seed: int = 0

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        relations = [row for batch in rows.batches() for row in batch.to_pylist()]
        leaving: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for relation in sorted(relations, key=lambda row: draw(self.seed, row[ROW_ID])):
            if len(leaving[relation["subject"]]) < self.most:
                leaving[relation["subject"]].append(relation)
        made = [path for relation in relations for path in self._paths([relation], leaving)]
        yield self._batch(made)

    def _paths(self, path: list[dict[str, Any]], leaving: dict[str, list[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
        if len(path) == self.hops:
            yield path
            return
        met = {path[0]["subject"], *(step["object"] for step in path)}
        texts = {step["source"] for step in path}
        for relation in leaving.get(path[-1]["object"], ()):
            if relation["object"] not in met and not (self.other_texts and relation["source"] in texts):
                yield from self._paths([*path, relation], leaving)

    def _batch(self, paths: Sequence[Sequence[dict[str, Any]]]) -> pa.RecordBatch:
        rows = [_row(path) for path in paths]
        columns = self.output_columns()
        types = {short: arrow_type(output.type) for short, output in self.outputs().items()}
        made = {columns[short]: pa.array([row[short] for row in rows], type_) for short, type_ in types.items()}
        parents = pa.array([[step[ROW_ID] for step in path] for path in paths], PARENT_IDS_FIELD.type)
        return pa.RecordBatch.from_pydict({**made, PARENT_IDS: parents})


def _row(path: Sequence[dict[str, Any]]) -> dict[str, Any]:
    sources = list(dict.fromkeys(step["source"] for step in path))
    quotes = [{**quote, "source": sources.index(step["source"])} for step in path for quote in step["quotes"]]
    return {
        "path": [{name: step[name] for name in ("subject", "relation", "object")} for step in path],
        "sources": sources,
        "quotes": quotes,
        "hops": len(path),
    }

"""Questions and answers of a book brought together, also when the answers stand at its back or in another volume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa

from operators.core.kinds import Generate
from operators.documents.exercises.alignment import Key, aligned
from operators.documents.exercises.labels import chapter_key, label_key
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.types import PARENT_IDS, PARENT_IDS_FIELD, ROW_ID

_TEXTS = ("chapter", "label", "question", "answer", "solution")


class ExerciseMatcher(Generate):
    """Make one row of each exercise: a row with question and answer stays as it is, a row with a question alone gets the answer that belongs to it.

    Rows belong to one book where `book` is equal, so that a volume of answers is matched with its volume of questions. They are taken in the order
    of the table. Labels are compared whole ("1.2" is not "1"; "IV", "B" and "0" count). Where chapters are not told on both sides, labels are matched
    in order, and a pair that could also be another is none. Questions without an answer, and answers without a question, are set aside.
    """

    covers = ("QA_Merger",)
    asks = ("match exercises with the answers at the back of the book", "merge a question book with its answer book")
    scope: ClassVar[Literal["row", "table"]] = "table"
    adds_rows: ClassVar[bool] = True
    reason_of_unused: ClassVar[str] = "its question or its answer was not found in the book, or more than one could be it"

    input_book = Input(str, description="what the rows of one book have in common")
    input_chapter = Input(str, nulls="pass")
    input_label = Input(str, nulls="pass")
    input_question = Input(str, nulls="pass")
    input_answer = Input(str, nulls="pass")
    input_solution = Input(str, nulls="pass")
    output_chapter = Output(str)
    output_label = Output(str)
    output_question = Output(str)
    output_answer = Output(str, description="null where only a solution is printed")
    output_solution = Output(str, description="null where none is printed")

    def _carried(self, schema: pa.Schema) -> list[str]:
        """Not what was read of the single rows, but for their book."""
        read = {column for short, column in self.input_columns().items() if short != "book"}
        return [name for name in super()._carried(schema) if name not in read]

    def generate_table(self, rows: RowsReader) -> Iterator[pa.RecordBatch]:
        table = rows.storage.read().combine_chunks()
        names = self.input_columns()
        values = {short: table.column(names[short]).to_pylist() for short in ("book", *_TEXTS)}
        books: dict[str, list[int]] = {}
        for place, book in enumerate(values["book"]):
            if book is not None:
                books.setdefault(book, []).append(place)
        for places in books.values():
            made = list(_matched({short: [values[short][place] for place in places] for short in _TEXTS}))
            if made:
                yield self._rows(table, [(row, [places[parent] for parent in parents]) for row, parents in made])

    def _rows(self, table: pa.Table, made: Sequence[tuple[dict[str, Any], list[int]]]) -> pa.RecordBatch:
        ids = table.column(ROW_ID).to_pylist()
        fields = self._output_fields()
        new = {field.name: pa.array([row[short] for row, _ in made], field.type) for short, field in fields.items()}
        new[PARENT_IDS] = pa.array([[ids[place] for place in parents] for _, parents in made], PARENT_IDS_FIELD.type)
        first = pa.array([parents[0] for _, parents in made], pa.int64())
        schema = self.schema_out(table.schema)
        kept = [field for field in schema if field.name != ROW_ID]
        arrays = [new[field.name] if field.name in new else table.column(field.name).take(first).combine_chunks() for field in kept]
        return pa.RecordBatch.from_arrays([_whole(array) for array in arrays], schema=pa.schema(kept))


def _matched(rows: dict[str, list[str | None]]) -> Iterator[tuple[dict[str, str | None], list[int]]]:
    """The exercises of a book with the rows that they come from, the question first, in the order of the questions."""
    count = len(rows["label"])
    asked = [bool((rows["question"][place] or "").strip()) for place in range(count)]
    answered = [any((rows[short][place] or "").strip() for short in ("answer", "solution")) for place in range(count)]
    keys = [Key(chapter_key(rows["chapter"][place] or ""), label_key(rows["label"][place] or "")) for place in range(count)]
    open_questions = [place for place in range(count) if asked[place] and not answered[place]]
    free_answers = [place for place in range(count) if answered[place] and not asked[place]]
    pairs = aligned([keys[place] for place in open_questions], [keys[place] for place in free_answers])
    answer_of = {open_questions[one]: free_answers[other] for one, other in pairs.items()}
    for place in range(count):
        of_answer = answer_of.get(place, place)
        if asked[place] and (answered[place] or of_answer != place):
            row = {short: rows[short][of_answer if short in ("answer", "solution") else place] for short in _TEXTS}
            yield row, [place] if of_answer == place else [place, of_answer]


def _whole(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array

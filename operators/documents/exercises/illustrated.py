"""Exercises as conversations for models that see, with the pictures themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Generate
from operators.documents.exercises.conversation import Conversation, conversation_of
from operators.documents.exercises.messages import TurnWithPictures
from operators.documents.figure_rows import FIGURE, NO_PICTURE, PICTURE, FigureRows, FiguresOf
from operators.engine.batch import Batch, Processed, Rejection
from operators.engine.nulls import present_inputs
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.errors import Problem, closest

_AT_ONCE: Final = 32
"""Conversations whose pictures are in memory together."""


class IllustratedMessages(Generate):
    """Make a conversation of each exercise, with the pictures of its figures: `messages(exercises, figures)`, where FigureExtractor made `figures`.

    The question is what the user says, answer and solution what the assistant does. Each figure of their Markdown becomes `<image>` at its place, and
    `images` holds the pictures, one for each placeholder, in their order: those of the question first. A figure is looked up by its name and by
    `document`, the column that both tables have. A conversation of which a picture is missing teaches a model to make things up: it is set aside with
    the reason, or, with `incomplete="without"`, keeps its text without the figure, and `missing_images` says what is not there.
    """

    covers = ("VQAFormatter",)
    asks = ("make vision training data from exercises", "chat messages with the pictures of a textbook", "build a VLM data set with image bytes")
    scope: ClassVar[Literal["row", "table"]] = "table"
    tables: ClassVar[tuple[str, ...]] = ("exercises", "figures")
    accounts_for: ClassVar[tuple[str, ...]] = ("exercises",)
    unites: ClassVar[bool] = True
    example: ClassVar[Mapping[str, Any]] = {"document": "question"}
    looked_up: ClassVar[tuple[pa.Field, ...]] = (
        pa.field("question", pa.string()),
        pa.field(FIGURE, pa.string()),
        pa.field(PICTURE, pa.binary()),
        pa.field(NO_PICTURE, pa.string()),
    )

    input_question = Input(str, nulls="pass")
    input_answer = Input(str, optional=True, nulls="pass")
    input_solution = Input(str, optional=True, nulls="pass")
    output_messages = Output(list[TurnWithPictures], "messages")
    output_figures = Output(list[str], "figures", description="names of the figures, one for each picture")
    output_images = Output(list[bytes], "images", description="files of the pictures, one for each placeholder")
    output_question_images = Output(int, "question_images", description="how many of the images belong to the question")
    output_missing_images = Output(list[str], "missing_images", description="figures whose picture could not be had, with the reason")

    document: str = Field("path", description="The column of both tables that says of which document a row is.")
    incomplete: Literal["set_aside", "without"] = Field("set_aside", description="What becomes of a conversation of which a picture is missing.")
    max_images: int = Field(32, ge=0, description="A conversation with more pictures is set aside.")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        if found:
            return found
        wanted = [(tables[0], "exercises", (self.document,)), (tables[1], "figures", (self.document, FIGURE, PICTURE, NO_PICTURE))]
        return [
            Problem(
                f'column "{name}" does not exist in the table of {which}',
                details=(("columns", ", ".join(table.names)),),
                suggestion=closest(name, table.names) or "FigureExtractor makes the table of figures",
            )
            for table, which, names in wanted
            for name in names
            if name not in table.names
        ]

    def column_lineage(self, *tables: pa.Schema) -> dict[str, list[tuple[int, str]]]:
        lineage = super().column_lineage(*tables)
        made = self.output_columns()
        for short, column in (("images", PICTURE), ("missing_images", NO_PICTURE), ("figures", FIGURE)):
            lineage[made[short]] = [*lineage[made[short]], (0, self.document), (1, self.document), (1, FIGURE), (1, column)]
            lineage[made[short]] = list(dict.fromkeys(lineage[made[short]]))
        return lineage

    def process_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Iterator[Processed]:
        exercises, figures = tables
        shelf = FigureRows(figures.storage, self.document)
        for rows in exercises.storage.batches(size=_AT_ONCE):
            yield self._conversations(Batch(rows), shelf)

    def _conversations(self, batch: Batch, shelf: FigureRows) -> Processed:
        present = present_inputs(self, batch.rows)
        texts = {short: batch.column(column).to_pylist() for short, column in present.items()}
        documents: list[str | None] = batch.column(self.document).to_pylist()
        told: list[Conversation | str] = []
        for place, document in enumerate(documents):
            question, answer, solution = (texts[short][place] if short in texts else None for short in ("question", "answer", "solution"))
            told.append(self._conversation(question or "", answer, solution, shelf.of(document)))
        made = [(document, one) for document, one in zip(documents, told, strict=True) if isinstance(one, Conversation)]
        taken = shelf.pictures([(document, name) for document, one in made for name in one.figures])
        rows = [
            {
                "messages": one.turns,
                "figures": list(one.figures),
                "images": [taken[document, name] for name in one.figures],
                "question_images": len(one.of_question),
                "missing_images": [f"{name}: {shelf.of(document).why_not(name)}" for name in one.left_out],
            }
            for document, one in made
        ]
        good = np.array([isinstance(one, Conversation) for one in told], dtype=bool)
        processed = self.assemble(batch.filter(good), rows)
        reasons = [one for one in told if isinstance(one, str)]
        if reasons:
            processed.rejections.append(Rejection(batch.rows.filter(pa.array(~good)), reasons, self.name, "filtered"))
        return processed

    def _conversation(self, question: str, answer: str | None, solution: str | None, figures: FiguresOf) -> Conversation | str:
        """The conversation, or why there is none."""
        try:
            made = conversation_of(question, answer, solution, lambda name: True)
            missing = [name for name in dict.fromkeys(made.figures) if not figures.has(name)]
            if missing and self.incomplete == "set_aside":
                more = f" and of {len(missing) - 1} more" if len(missing) > 1 else ""
                return f"there is no picture of {missing[0][:200]}{more}: {figures.why_not(missing[0])}"
            if missing:
                made = conversation_of(question, answer, solution, figures.has)
        except ValueError as error:
            return str(error)
        if len(made.figures) > self.max_images:
            return f"it has {len(made.figures):,} pictures, more than max_images={self.max_images}"
        return made

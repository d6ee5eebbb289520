"""Questions, answers and solutions of a textbook, by the numbers of the blocks in which they stand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.quotes import Source, find_quote
from operators.core.answering_model import NamesItsModel
from operators.core.kinds import Generate
from operators.document_model.blocks import Block, figure
from operators.document_model.column import BLOCKS, blocks_of_rows
from operators.document_model.markdown_writing import markdown_of
from operators.document_model.pictures import name_of
from operators.documents.exercises.numbered import numbered, said, windows
from operators.tables.columns import Input, Output

TableForm: TypeAlias = Literal["text", "picture", "both"]


class FoundExercise(BaseModel):
    label: str = Field(max_length=30, description="its number or letter as printed")
    question: list[int] = Field(description="numbers of the parts of the question with its figures; empty if only the answer is here")
    answer: str = Field(max_length=300, description="the short answer as printed, or empty")
    solution: list[int] = Field(description="numbers of the parts of the worked solution")


class FoundExercises(BaseModel):
    exercises: list[FoundExercise]


class ExercisesPrompt(PromptTemplate[FoundExercises]):
    system = (
        "You find the exercises in a textbook. Its parts are numbered, one after the other. You answer with numbers of parts, not with text.\n"
        "An exercise has a question, an answer, or both: answers often stand at the end of the book, without their questions. "
        "Explanations and worked examples without a task are no exercises."
    )
    user = "{{ blocks }}\n\nList every exercise, in order."


class ExerciseExtractor(Generate, NamesItsModel):
    """Find the exercises of each document: a row for each, with label, question, answer and solution.

    Its chapter is the heading above it.

    The model is shown numbered blocks and answers with their numbers, so that the text of questions and solutions is the document's own, with its
    figures, tables and formulas. Numbers that are not there, a label or a short answer that does not stand in the document, and exercises without
    question, answer and solution are told to the model, which answers again. Long documents are shown in windows that overlap; an exercise that two
    windows show is one row.
    """

    covers = ("LLMOutputParser",)
    asks = ("extract exercises and answers from a textbook", "get questions with figures out of PDFs", "collect problems and solutions from books")
    adds_rows: ClassVar[bool] = True

    input_blocks = Input(BLOCKS)
    output_chapter = Output(str, description="heading above it; empty where there is none")
    output_label = Output(str, description="number or letter as printed")
    output_question = Output(str, description="Markdown; null where only the answer stands there")
    output_answer = Output(str, description="null where none is printed")
    output_solution = Output(str, description="Markdown; null where there is none")
    output_question_blocks = Output(list[int], description="places in `blocks`")
    output_solution_blocks = Output(list[int], description="places in `blocks`")
    output_pages = Output(list[int], "exercise_pages", description="pages on which it stands")

    prompt: PromptTemplate[FoundExercises] = ExercisesPrompt()
    max_tokens: int | None = Field(2048, ge=1, description="Longest answer, in tokens; null leaves it to the server.")
    window_characters: int = Field(6000, ge=200, description="About how much of a document is shown at once.")
    table_form: TableForm = Field(
        "text",
        description="What a table of a PDF is in a question: its text, a figure (for FigureExtractor with include_tables), or both.",
    )
    overlap_blocks: int = Field(4, ge=0, description="Blocks that two windows share, so that an exercise at an edge is seen whole.")

    async def generate(self, llm: LLMSession, blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        parts = blocks_of_rows(blocks)
        shown = list(windows(parts, self.window_characters, self.overlap_blocks))
        found = await asyncio.gather(*(self._of_window(llm, parts, numbers) for numbers in shown))
        earlier: set[tuple[str, int | str]] = set()
        rows = []
        for numbers, exercises in zip(shown, found, strict=True):
            identities = [_identity(parts, one, numbers) for one in exercises]
            rows += [
                _row(parts, one, numbers, self.table_form) for one, identity in zip(exercises, identities, strict=True) if identity not in earlier
            ]
            earlier.update(identities)
        return rows

    async def _of_window(self, llm: LLMSession, parts: Sequence[Block], numbers: range) -> list[FoundExercise]:
        source = Source("\n".join(said(parts[number]) for number in numbers))

        def check(found: FoundExercises) -> str | None:
            return next((fault for one in found.exercises if (fault := _fault(one, parts, numbers, source))), None)

        answer = await self.ask(llm, {"blocks": numbered(parts, numbers)}, check=check)
        exercises: list[FoundExercise] = answer.exercises
        return exercises


def _fault(found: FoundExercise, parts: Sequence[Block], numbers: range, source: Source) -> str | None:
    """What is wrong with an exercise, in words that the model is shown; None where nothing is."""
    named = f"exercise {found.label!r}"
    if missing := [number for number in (*found.question, *found.solution) if number not in numbers]:
        return f"{named}: there is no part {missing[0]}, only {numbers[0]} to {numbers[-1]}"
    if not (found.question or found.solution or found.answer.strip()):
        return f"{named} has neither question nor answer nor solution"
    for what, text in (("label", found.label), ("answer", found.answer)):
        if text.strip() and source.find(text) is None:
            return f"{named}: its {what} {text!r} does not stand in the parts; copy it as it is printed"
    return None


def _row(parts: Sequence[Block], found: FoundExercise, numbers: range, table_form: TableForm) -> dict[str, Any]:
    pages = {parts[number].place.page for number in (*found.question, *found.solution)} - {None}
    return {
        "chapter": _heading_above(parts, _first_place(parts, found, numbers)),
        "label": found.label.strip(),
        "question": _written(parts, found.question, table_form) or None,
        "answer": found.answer.strip() or None,
        "solution": _written(parts, found.solution, table_form) or None,
        "question_blocks": found.question,
        "solution_blocks": found.solution,
        "pages": sorted(page for page in pages if page is not None),
    }


def _written(parts: Sequence[Block], numbers: Sequence[int], table_form: TableForm) -> str:
    """Markdown of these parts. A table that has no place on a page stays text."""
    made: list[Block] = []
    for block in (parts[number] for number in numbers):
        name = name_of(block) if block.kind == "table" and table_form != "text" else ""
        made += [figure("", name, block.place)] if name else []
        made += [] if name and table_form == "picture" else [block]
    return markdown_of(made)


def _identity(parts: Sequence[Block], found: FoundExercise, numbers: range) -> tuple[str, int | str]:
    """What an exercise that two windows show has in common."""
    place = _first_place(parts, found, numbers)
    return found.label.strip(), found.answer.strip() if place is None else place


def _first_place(parts: Sequence[Block], found: FoundExercise, numbers: range) -> int | None:
    """The block where an exercise begins; of a short answer alone, the only block that has it with its label. None where that is not certain."""
    if found.question or found.solution:
        return min(found.question or found.solution)
    holding = [number for number in numbers if all(find_quote(text, said(parts[number])) for text in (found.label, found.answer))]
    return holding[0] if len(holding) == 1 else None


def _heading_above(parts: Sequence[Block], place: int | None) -> str:
    headings = [block.text for block in parts[: place or 0] if block.kind == "heading"]
    return headings[-1] if headings else ""

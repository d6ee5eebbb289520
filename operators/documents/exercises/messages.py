"""Exercises as conversations for models that see: text and the names of pictures in their order."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from operators.core.kinds import Generate
from operators.document_model.pictures import named_from
from operators.documents.exercises.conversation import conversation_of
from operators.tables.columns import Input, Output


class TurnWithPictures(BaseModel):
    role: str
    content: str


class ExerciseMessages(Generate):
    """Make a conversation of each exercise: the question as the user says it, answer and solution as the assistant does.

    Each figure of the Markdown becomes `<image>` at its place, and `images` names the pictures in the order of the placeholders; figures of the
    solution are the assistant's and are never shown with the question. A file is named relative to the document that it stands in (`path`), so that
    figures of two books are never mixed, and a place of a PDF as "book.pdf#page=3&viewrect=...". For the pictures themselves: IllustratedMessages.
    """

    covers = ("VQAFormatter",)
    asks = ("convert questions with figures to chat messages", "build multimodal ShareGPT rows", "name the picture files of each exercise")

    input_question = Input(str)
    input_answer = Input(str, optional=True, nulls="pass")
    input_solution = Input(str, optional=True, nulls="pass")
    input_path = Input(str, optional=True, nulls="pass", description="the document; its folder is that of the figures")
    output_messages = Output(list[TurnWithPictures], "messages")
    output_images = Output(list[str], "images")
    output_question_images = Output(int, "question_images", description="how many of the images belong to the question")

    def generate(self, question: str, answer: str | None, solution: str | None, path: str | None) -> dict[str, Any]:
        made = conversation_of(question, answer, solution, lambda target: True)
        folder = "" if path is None or "://" in path else path
        return {
            "messages": made.turns,
            "images": [named_from(folder, target, inside=False) for target in made.figures],
            "question_images": len(made.of_question),
        }

"""Exercises as conversations for models that see: text and pictures in their order."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Final

from pydantic import BaseModel

from operators.core.kinds import Generate
from operators.tables.columns import Input, Output

PLACEHOLDER: Final = "<image>"
_FIGURE: Final = re.compile(r"!\[(?:\\.|[^\]\\])*\]\((?:<(?P<marked>[^>\n]*)>|(?P<plain>[^()\s]*))\)")


class TurnWithPictures(BaseModel):
    role: str
    content: str


class ExerciseMessages(Generate):
    """Make a conversation of each exercise: the question as the user says it, answer and solution as the assistant does.

    Each figure of the Markdown becomes `<image>` at its place, and `images` lists the files in the order of the placeholders; figures of the solution
    are the assistant's and are never shown with the question. A file is named relative to the document that it stands in (`path`), so that figures of
    two books are never mixed. This is the ShareGPT layout that LLaMA-Factory and others read.
    """

    covers = ("VQAFormatter",)
    asks = ("make vision training data from exercises", "convert questions with figures to chat messages", "build multimodal ShareGPT rows")

    input_question = Input(str)
    input_answer = Input(str, optional=True, nulls="pass")
    input_solution = Input(str, optional=True, nulls="pass")
    input_path = Input(str, optional=True, nulls="pass", description="the document; its folder is that of the figures")
    output_messages = Output(list[TurnWithPictures], "messages")
    output_images = Output(list[str], "images")
    output_question_images = Output(int, "question_images", description="how many of the images belong to the question")

    def generate(self, question: str, answer: str | None, solution: str | None, path: str | None) -> dict[str, Any]:
        folder = "" if path is None or "://" in path else str(PurePosixPath(path).parent)
        asked, shown = _with_placeholders(question, folder)
        replies = [text.strip() for text in (answer, solution) if text is not None and text.strip()]
        if not asked.strip():
            raise ValueError("the question is empty")
        if not replies:
            raise ValueError("there is neither an answer nor a solution")
        replied, further = _with_placeholders("\n\n".join(dict.fromkeys(replies)), folder)
        return {
            "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": replied}],
            "images": [*shown, *further],
            "question_images": len(shown),
        }


def _with_placeholders(text: str, folder: str) -> tuple[str, list[str]]:
    """The text with each figure as a placeholder, and the files of the figures. A placeholder that the text itself holds is none of ours and goes."""
    images: list[str] = []

    def placed(match: re.Match[str]) -> str:
        target = match["marked"] if match["marked"] is not None else match["plain"]
        inside = folder and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|/", target)
        images.append(str(PurePosixPath(folder) / target) if inside else target)
        return PLACEHOLDER

    return _FIGURE.sub(placed, text.replace(PLACEHOLDER, "")), images

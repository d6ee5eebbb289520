"""The pipeline document_vqa on real files: a book of questions with a figure as PDF, and a book of answers as Markdown."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from dataflow_assets.pipelines.document_vqa import DocumentVQA
from operators.asking.requests import Request
from operators.testing import ScriptedServing
from resources.documents import DocumentSettings, open_documents

pytest.importorskip("pypdfium2")
pytest.importorskip("reportlab")

QUESTIONS = {"1.1": "How many windows has the house?", "1.2": "Which window is the largest?", "2.1": "Add 17 and 25."}
ANSWERS = "# Answers\n\n1.1) four\n\n1.2) the one on the left\n\n2.1) 42\n\n2.2) nothing\n"


def book_of_questions() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(400, 600))
    for chapter in ("1", "2"):
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(40, 550, f"Chapter {chapter}")
        canvas.setFont("Helvetica", 11)
        for place, (label, question) in enumerate(pair for pair in QUESTIONS.items() if pair[0].startswith(chapter)):
            canvas.drawString(40, 500 - 60 * place, f"{label}) {question}")
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def read_by_eye(request: Request) -> str:
    """What a good model says: parts that begin with a label are a question in the first book, and an answer below the heading Answers."""
    exercises, of_answers = [], False
    for number, kind, text in re.findall(r"^\[(\d+)\] (\w+): (.*)$", request.text, re.MULTILINE):
        if kind == "heading":
            of_answers = text == "Answers"
        elif found := re.match(r"(\d\.\d)\) (.*)", text):
            asked = [] if of_answers else [int(number)]
            answer = found[2] if of_answers else ""
            exercises.append({"label": found[1], "question": asked, "answer": answer, "solution": []})
    return json.dumps({"exercises": exercises})


def test_questions_of_a_pdf_get_their_answers_from_another_volume(tmp_path: Path) -> None:
    (tmp_path / "questions.pdf").write_bytes(book_of_questions())
    (tmp_path / "answers.md").write_text(ANSWERS)
    documents = open_documents(DocumentSettings(folders=(str(tmp_path),), parallel=1, cache_path=str(tmp_path / "kept.sqlite")))
    try:
        result = DocumentVQA(volumes=True).run(
            [{"book": "house", "paths": ["questions.pdf", "answers.md"]}, {"book": "lost", "paths": ["questions.pdf", "missing.pdf"]}],
            resources={"documents": documents, "llm": ScriptedServing(read_by_eye)},
        )
    finally:
        documents.close()
    said = [[turn["content"] for turn in row["messages"]] for row in result.to_pandas().to_dict("records")]
    assert [(question.split(") ", 1)[1], answer) for question, answer in said] == [
        (QUESTIONS["1.1"], "four"),
        (QUESTIONS["1.2"], "the one on the left"),
        (QUESTIONS["2.1"], "42"),
    ]
    aside = {row["stage"]: row["rejected_reason"] for row in result.rejected.to_pylist()}
    assert "missing.pdf" in aside["convert"]
    assert "not found in the book" in aside["match"], "the answer 2.2 has no question"

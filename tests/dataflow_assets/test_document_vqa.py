"""The pipeline document_vqa on real files: a book of questions with a figure as PDF, and a book of answers as Markdown."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from dataflow_assets.pipelines.document_vqa import DocumentVQA
from operators.asking.requests import Request
from operators.testing import ScriptedServing
from resources.documents import DocumentSettings, open_documents
from resources.documents.sample_books import SampleBooks
from resources.documents.serving import Documents

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
        if chapter == "1":
            canvas.circle(120, 370, 20, fill=1)
            canvas.rect(100, 310, 200, 100)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def read_by_eye(request: Request) -> str:
    """What a good model says: parts that begin with a label are a question in the first book, and an answer below the heading Answers.

    A figure belongs to the question above it.
    """
    exercises: list[dict[str, Any]] = []
    of_answers = False
    for number, kind, text in re.findall(r"^\[(\d+)\] (\w+): (.*)$", request.text, re.MULTILINE):
        if kind == "heading":
            of_answers = text == "Answers"
        elif kind in ("figure", "table") and exercises:
            exercises[-1]["question"].append(int(number))
        elif found := re.match(r"(\d\.\d)\) (.*)", text):
            asked = [] if of_answers else [int(number)]
            answer = found[2] if of_answers else ""
            exercises.append({"label": found[1], "question": asked, "answer": answer, "solution": []})
    return json.dumps({"exercises": exercises})


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documents]:
    folder = tmp_path_factory.mktemp("books")
    (folder / "questions.pdf").write_bytes(book_of_questions())
    (folder / "answers.md").write_text(ANSWERS)
    made = open_documents(DocumentSettings(folders=(str(folder),), parallel=1, cache_path=str(folder / "kept.sqlite")))
    yield made
    made.close()


def test_questions_of_a_pdf_get_their_answers_from_another_volume(documents: Documents) -> None:
    result = DocumentVQA(volumes=True).run(
        [{"book": "house", "paths": ["questions.pdf", "answers.md"]}, {"book": "lost", "paths": ["questions.pdf", "missing.pdf"]}],
        resources={"documents": documents, "llm": ScriptedServing(read_by_eye)},
    )
    rows = result.to_pandas().to_dict("records")
    said = [[turn["content"] for turn in row["messages"]] for row in rows]
    assert [(question.split(") ", 1)[1].split("\n")[0], answer) for question, answer in said] == [
        (QUESTIONS["1.1"], "four"),
        (QUESTIONS["1.2"], "the one on the left"),
        (QUESTIONS["2.1"], "42"),
    ]
    assert [list(row["figures"]) for row in rows] == [[], ["questions.pdf#page=1&viewrect=99,189,202,102"], []]
    assert rows[1]["images"][0].startswith(b"\x89PNG")
    aside = {row["stage"]: row["rejected_reason"] for row in result.rejected.to_pylist()}
    assert "missing.pdf" in aside["convert"]
    assert "not found in the book" in aside["match"], "the answer 2.2 has no question"


def test_the_sample_books_give_exercises_with_pictures_of_their_figures(documents: Documents) -> None:
    from PIL import Image

    result = DocumentVQA(table_form="both").run(SampleBooks(), resources={"documents": documents, "llm": ScriptedServing(read_by_eye)})
    rows = {(row["path"], row["label"]): row for row in result.to_pandas().to_dict("records")}
    assert len(rows) == 11, "six exercises of the first book, five of the second"
    with_figures = {label: row for (path, label), row in rows.items() if path == "garden_figures.pdf" and len(row["images"])}
    assert set(with_figures) == {"1.1", "1.2", "2.1", "2.2"}
    for label, row in with_figures.items():
        question, answer = (turn["content"] for turn in row["messages"])
        assert question.count("<image>") == len(row["images"]) == row["question_images"] == 1
        assert question.startswith(f"{label})"), "the figure stands below its question"
        assert "<image>" not in answer
    garden, chart = (Image.open(io.BytesIO(with_figures[label]["images"][0])).convert("RGB") for label in ("1.1", "2.1"))
    share_of_earth = sum(red > blue + 40 and green < 100 for red, green, blue in garden.get_flattened_data()) / (garden.width * garden.height)
    assert 0.1 < share_of_earth < 0.4, "three beds in the grass"
    assert any(blue > red + 100 for red, _, blue in chart.get_flattened_data()), "blue bars"


def test_a_figure_that_cannot_be_drawn_sets_its_exercise_aside_and_no_other(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    from operators.document_model.conversion import NotConverted

    real = documents.pictures
    monkeypatch.setattr(
        documents,
        "pictures",
        lambda source, targets, form: [
            NotConverted("time limit", "the pictures take longer than 60 s") if "page=2" in target else one
            for target, one in zip(targets, real(source, targets, form), strict=True)
        ],
    )
    result = DocumentVQA().run(SampleBooks(), resources={"documents": documents, "llm": ScriptedServing(read_by_eye)})
    aside = [row["rejected_reason"] for row in result.rejected.to_pylist() if row["stage"] == "messages"]
    assert len(aside) == 2
    assert all("there is no picture of #page=2" in reason and "time limit" in reason for reason in aside)
    assert result.table.num_rows == 9

"""Exercises of textbooks: found by the numbers of blocks, matched with answers that stand elsewhere, shown with their own figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.asking.requests import Request
from operators.document_model.blocks import Place, figure, formula, heading, paragraph
from operators.document_model.column import BLOCKS, blocks_of_rows, rows_of_blocks
from operators.document_model.markdown_writing import markdown_of
from operators.documents.exercises.alignment import Key, aligned
from operators.documents.exercises.extract import ExerciseExtractor
from operators.documents.exercises.labels import label_key
from operators.documents.exercises.match import ExerciseMatcher
from operators.documents.exercises.messages import ExerciseMessages
from operators.testing import ScriptedServing
from tests.faults import fault

PAGE_TWO = Place(page=2, box=(72.0, 100.0, 300.0, 130.0))
BOOK = [
    heading("1 Sums", place=Place(page=1)),
    paragraph("Adding is putting together.", place=Place(page=1)),
    paragraph("1. How many apples are in the picture?", place=Place(page=1)),
    figure("", "apples.png", place=PAGE_TWO),
    paragraph("2. Solve for x:", place=PAGE_TWO),
    formula("x + 2 = 5", place=PAGE_TWO),
    paragraph("Solution: take 2 from both sides, so x is 3.", place=PAGE_TWO),
]
ROWS = pa.table({"book": ["sums"], "blocks": pa.array([rows_of_blocks(BOOK)], BLOCKS)})


def found(label: str = "1", question: Sequence[int] = (), answer: str = "", solution: Sequence[int] = ()) -> dict[str, Any]:
    return {"label": label, "question": list(question), "answer": answer, "solution": list(solution)}


def extract(*replies: Sequence[Mapping[str, Any]] | str, rows: Any = ROWS, **parameters: Any) -> tuple[Any, list[Request]]:
    """What is made of a model's replies, the last of which it gives again and again."""
    left = [reply if isinstance(reply, str) else json.dumps({"exercises": reply}) for reply in replies]
    serving = ScriptedServing(lambda _: left.pop(0) if len(left) > 1 else left[0])
    return ExerciseExtractor(**{"max_failed": 1.0, "carry": ("book",), **parameters}).run(rows, resources={"llm": serving}), serving.requests


@fault("page number and box are thrown away, so results cannot be traced to the page")
def test_exercises_are_the_documents_own_text_with_figures_formulas_and_pages() -> None:
    result, [request] = extract([found(question=[2, 3]), found(label="2", question=[4, 5], answer="3", solution=[6])])
    first, second = result.table.to_pylist()
    assert (first["chapter"], first["label"], first["answer"], first["solution"]) == ("1 Sums", "1", None, None)
    assert first["question"] == r"1\. How many apples are in the picture?" + "\n\n![](apples.png)"
    assert first["exercise_pages"] == [1, 2]
    assert second["question"].endswith("$$\nx + 2 = 5\n$$")
    assert (second["answer"], second["solution"]) == ("3", BOOK[6].text)
    assert [BOOK[place].place.box for place in second["question_blocks"]] == [PAGE_TWO.box] * 2
    assert "[3] figure: apples.png" in request.text, "the model does not see where the figures are"


@fault("non-text list blocks are dropped")
def test_every_block_is_shown_to_the_model() -> None:
    _, [request] = extract([found(question=[2])])
    assert [line.split("]")[0] for line in request.text.splitlines() if line.startswith("[")] == [f"[{number}" for number in range(len(BOOK))]


@fault('[verified] images without caption get alt text "i m a g e"; negative ids pick items from the end')
@fault("unknown ids are skipped without notice")
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (found(question=[2, 99]), "there is no part 99, only 0 to 6"),
        (found(question=[-1]), "there is no part -1"),
        (found(label="17", question=[2]), "its label '17' does not stand in the parts"),
        (found(question=[2], answer="forty"), "its answer 'forty' does not stand"),
        (found(), "has neither question nor answer nor solution"),
    ],
)
def test_what_is_not_in_the_document_is_told_to_the_model_and_never_kept(wrong: dict[str, Any], told: str) -> None:
    result, requests = extract([wrong], [found(question=[2, 3])])
    assert told in requests[1].text
    assert result.table["question"].to_pylist() == [r"1\. How many apples are in the picture?" + "\n\n![](apples.png)"]
    result, requests = extract([wrong], max_reasks=1)
    assert len(requests) == 2
    assert result.table.num_rows == 0
    assert told in result.rejected["rejected_reason"][0].as_py()


@fault("no reply or empty marker gives an empty file")
@fault("first glob match wins; any missing file aborts all rows")
def test_a_document_without_exercises_and_one_without_an_answer_are_set_aside_with_the_reason() -> None:
    result, _ = extract([])
    assert result.rejected["rejected_reason"].to_pylist() == ["no row was made from it"]
    result, _ = extract("I found none, sorry")
    assert "invalid_answer" in result.rejected["rejected_reason"][0].as_py()


def test_a_long_book_is_shown_in_windows_and_an_exercise_in_two_of_them_is_one_row() -> None:
    blocks = [heading("Sums")] + [paragraph(f"{number}. What is {number} and {number}? " + "Think well. " * 20) for number in range(1, 31)]

    def answer(request: Request) -> str:
        shown = [line for line in request.text.splitlines() if line.startswith("[") and "What is" in line]
        numbers = [(int(line[1 : line.index("]")]), line.split(": ")[1].split(".")[0]) for line in shown]
        return json.dumps({"exercises": [found(label, [number]) for number, label in numbers]})

    serving = ScriptedServing(answer)
    rows = pa.table({"blocks": pa.array([rows_of_blocks(blocks)], BLOCKS)})
    result = ExerciseExtractor(window_characters=2000, overlap_blocks=2, carry="none").run(rows, resources={"llm": serving})
    assert len(serving.requests) > 3
    assert result.table["label"].to_pylist() == [str(number) for number in range(1, 31)]


def test_an_answer_that_two_windows_show_is_one_row() -> None:
    blocks = [heading("Answers")] + [
        paragraph(f"{number}. It is {number * number}, as was to be shown. " + "Quite so. " * 20) for number in range(1, 21)
    ]

    def answer(request: Request) -> str:
        shown = [line.split(": ", 1)[1].split() for line in request.text.splitlines() if "It is" in line and line.startswith("[")]
        return json.dumps({"exercises": [found(words[0].rstrip("."), answer=words[3].rstrip(",")) for words in shown]})

    serving = ScriptedServing(answer)
    rows = pa.table({"blocks": pa.array([rows_of_blocks(blocks)], BLOCKS)})
    result = ExerciseExtractor(window_characters=1500, overlap_blocks=2, carry="none").run(rows, resources={"llm": serving})
    assert len(serving.requests) > 3
    assert result.table["label"].to_pylist() == [str(number) for number in range(1, 21)]


def test_two_exercises_of_one_part_are_two_rows() -> None:
    result, _ = extract([found("", [2], answer="apples"), found("", [2], answer="picture")])
    assert result.table["answer"].to_pylist() == ["apples", "picture"]


@fault("figure copy fails if the folder exists (rerun), only a warning")
def test_a_second_run_gives_the_same() -> None:
    """No file is copied: figures stay where the document has them."""
    assert extract([found(question=[2, 3])])[0].table.equals(extract([found(question=[2, 3])])[0].table)


def test_the_chapter_of_a_short_answer_is_the_heading_above_the_only_place_where_it_stands() -> None:
    blocks = [heading("Sums"), paragraph("1. Add 2 and 2."), heading("Answers"), paragraph("1. It is four."), paragraph("2. It is five.")]
    rows = pa.table({"blocks": pa.array([rows_of_blocks(blocks)], BLOCKS)})
    result, _ = extract([found("1", [1]), found("1", answer="four"), found("2", answer="five")], rows=rows, carry="none")
    assert result.table["chapter"].to_pylist() == ["Sums", "Answers", "Answers"]


def test_depths_and_levels_of_a_column_are_not_believed() -> None:
    rows = [{**row, "level": 10**18, "items": [{"text": "deep", "depth": 10**18, "marker": "-"}]} for row in rows_of_blocks([heading("Sums")])]
    assert len(markdown_of(blocks_of_rows(rows))) < 100


# Matching


def exercise(
    book: str, chapter: str, label: str, question: str | None = None, answer: str | None = None, solution: str | None = None
) -> dict[str, Any]:
    return {"book": book, "chapter": chapter, "label": label, "question": question, "answer": answer, "solution": solution}


def match(*rows: dict[str, Any]) -> Any:
    schema = pa.schema([(name, pa.string()) for name in exercise("", "", "")])
    return ExerciseMatcher().run(pa.Table.from_pylist(list(rows), schema))


@fault("[verified] labels like 1 and 1.2 collapse to 1: the later question overwrites the earlier one and gets its answer")
@fault("non-numeric labels (A, IV) and label 0 are dropped")
def test_labels_are_compared_whole_whatever_they_are() -> None:
    labels = ["1", "1.2", "0", "A", "IV", "3(b)", "第十二题", "Warm-up"]
    questions = [exercise("b", "Chapter 1", label, question=f"question {label}") for label in labels]
    answers = [exercise("b", "Chapter 1", f"{label}.", answer=f"answer {label}") for label in reversed(labels)]
    result = match(*questions, *answers)
    assert [(row["label"], row["question"], row["answer"]) for row in result.table.to_pylist()] == [
        (label, f"question {label}", f"answer {label}") for label in labels
    ]
    assert all(len(parents) == 2 for parents in result.table["parent_ids"].to_pylist())


@fault("question label collisions across chapters with equal numbers overwrite each other")
def test_equal_numbers_in_several_chapters_are_matched_in_order() -> None:
    questions = [exercise("b", f"Chapter {chapter}", str(number), f"q {chapter} {number}") for chapter in (1, 2) for number in (1, 2, 3)]
    answers = [exercise("b", "Answers", str(number), answer=f"a {chapter} {number}") for chapter in (1, 2) for number in (1, 2, 3)]
    kept = match(*questions, *answers).table.to_pylist()
    assert [(row["question"], row["answer"]) for row in kept] == [(f"q {c} {n}", f"a {c} {n}") for c in (1, 2) for n in (1, 2, 3)]


@fault("unmatched questions and answers disappear without report")
def test_what_cannot_be_matched_is_set_aside_with_the_reason_and_books_are_not_mixed() -> None:
    result = match(
        exercise("b", "1", "1", question="alone"),
        exercise("b", "1", "2", question="whole", answer="4"),
        exercise("c", "1", "1", answer="of another book"),
        exercise("d", "1", "1", question="a"),
        exercise("d", "2", "1", question="b"),
        exercise("d", "", "1", answer="of which?"),
    )
    assert [row["question"] for row in result.table.to_pylist()] == ["whole"]
    reasons = result.rejected["rejected_reason"].to_pylist()
    assert len(reasons) == 5
    assert all("not found in the book, or more than one could be it" in reason for reason in reasons)


KEYS = st.lists(st.builds(Key, st.sampled_from(["", "1", "2"]), st.sampled_from(["1", "2", "3"])), max_size=7)


@given(questions=KEYS, answers=KEYS)
def test_matches_agree_and_no_answer_is_given_twice(questions: list[Key], answers: list[Key]) -> None:
    pairs = aligned(questions, answers)
    assert len(set(pairs.values())) == len(pairs)
    assert all(questions[one].label == answers[other].label for one, other in pairs.items())


@given(labels=st.lists(st.sampled_from("123"), max_size=8), cut=st.integers(0, 7))
def test_a_book_whose_answers_are_all_there_is_matched_whole(labels: list[str], cut: int) -> None:
    questions = [Key("1" if place < cut else "2", label) for place, label in enumerate(labels)]
    assert aligned(questions, [Key("", label) for label in labels]) == {place: place for place in range(len(labels))}


def test_labels_of_one_exercise_have_one_key() -> None:
    assert {label_key(text) for text in ("Exercise 1.2.", "1.2)", "１．２", "1-2", "第1.2题", "Problem 1.2:")} == {"1.2"}


# Messages


@fault("images of the solution are shown in the question (leak)")
@fault("image position in the text is lost")
@fault("scans the complete current directory tree for images and matches by file name only, so figures of two books can be mixed")
def test_pictures_stand_at_their_places_and_those_of_the_solution_with_the_assistant() -> None:
    rows = [
        {
            "path": f"{book}/book.pdf",
            "question": "Look:\n\n![a bar](fig.png)\n\nHow long?",
            "answer": "3",
            "solution": "Measure:\n\n![](<fig (2).png>)",
        }
        for book in ("one", "two")
    ]
    first, second = ExerciseMessages().run(rows).table.to_pylist()
    user, assistant = first["messages"]
    assert user == {"role": "user", "content": "Look:\n\n<image>\n\nHow long?"}
    assert assistant == {"role": "assistant", "content": "3\n\nMeasure:\n\n<image>"}
    assert (first["images"], first["question_images"]) == (["one/fig.png", "one/fig (2).png"], 1)
    assert second["images"] == ["two/fig.png", "two/fig (2).png"]


@fault("default key None raises KeyError; no result: returns without writing")
def test_an_exercise_without_an_answer_is_set_aside() -> None:
    rows = [{"question": "?", "answer": None, "solution": " "}, {"question": " ", "answer": "1", "solution": None}, {"question": "?", "answer": "1"}]
    result = ExerciseMessages(max_failed=1.0).run(rows)
    assert result.table.num_rows == 1
    assert result.rejected["rejected_reason"].to_pylist() == [
        "ValueError: there is neither an answer nor a solution",
        "ValueError: the question is empty",
    ]


def test_a_placeholder_of_the_text_itself_is_no_picture() -> None:
    [row] = ExerciseMessages().run([{"question": "What is <image>? ![](a.png)", "answer": "a tag"}]).table.to_pylist()
    assert row["messages"][0]["content"].count("<image>") == len(row["images"]) == 1

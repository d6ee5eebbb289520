"""Conversations with pictures: those of their own figures, in the order of the placeholders, and none that lacks one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from operators.documents.exercises.illustrated import IllustratedMessages
from operators.tables.errors import ColumnError
from tests.faults import fault

PICTURES = {"a.png": b"picture a", "b.png": b"picture b", "c.png": b"picture c"}
FIGURES = pa.table(
    {
        "path": ["one.md"] * 4 + ["two.md"],
        "figure": [*PICTURES, "lost.png", "a.png"],
        "picture": pa.array([*PICTURES.values(), None, b"picture a of the second book"], pa.binary()),
        "no_picture": [None, None, None, "not found: there is no lost.png", None],
    }
)


def exercise(question: str, answer: str | None = "4", solution: str | None = None, path: str = "one.md") -> dict[str, Any]:
    return {"path": path, "question": question, "answer": answer, "solution": solution}


def made(*rows: dict[str, Any], **parameters: Any) -> Any:
    schema = pa.schema([(name, pa.string()) for name in exercise("")])
    return IllustratedMessages(**parameters).run(pa.Table.from_pylist(list(rows), schema), FIGURES)


@fault("images of the solution are shown in the question (leak)")
@fault("image position in the text is lost")
def test_pictures_are_in_the_order_of_their_placeholders_those_of_the_question_first() -> None:
    row = exercise("See ![](b.png) and\n\n![the first](a.png)", "4", "Since\n\n![](c.png) and ![](b.png)")
    [one] = made(row).table.to_pylist()
    user, assistant = (turn["content"] for turn in one["messages"])
    assert user == "See <image> and\n\n<image>"
    assert assistant == "4\n\nSince\n\n<image> and <image>"
    assert one["images"] == [PICTURES[name] for name in ("b.png", "a.png", "c.png", "b.png")]
    assert one["figures"] == ["b.png", "a.png", "c.png", "b.png"]
    assert (one["question_images"], one["missing_images"]) == (2, [])


@fault("scans the complete current directory tree for images and matches by file name only, so figures of two books can be mixed")
def test_figures_of_two_books_are_never_mixed() -> None:
    rows = made(exercise("![](a.png) How many?"), exercise("![](a.png) How many?", path="two.md")).table.to_pylist()
    assert [row["images"] for row in rows] == [[b"picture a"], [b"picture a of the second book"]]


def test_a_conversation_without_figures_has_no_pictures_and_none_is_needed() -> None:
    [one] = made(exercise("What is <image>?")).table.to_pylist()
    assert (one["messages"][0]["content"], one["images"]) == ("What is ?", [])
    empty = FIGURES.slice(0, 0)
    assert IllustratedMessages().run(pa.Table.from_pylist([exercise("How many?")]), empty).table.num_rows == 1


def test_a_conversation_of_which_a_picture_is_missing_is_set_aside_with_the_reason() -> None:
    result = made(exercise("![](a.png) ![](lost.png)"), exercise("![](never.png)"), exercise("![](a.png)", path="three.md"), exercise("Fine."))
    assert [row["question"] for row in result.table.to_pylist()] == ["Fine."]
    assert result.rejected["rejected_reason"].to_pylist() == [
        "there is no picture of lost.png: not found: there is no lost.png",
        "there is no picture of never.png: it is none of the figures of its document",
        "there is no picture of a.png: it is none of the figures of its document",
    ]
    assert set(result.rejected["rejected_as"].to_pylist()) == {"filtered"}


def test_where_it_is_asked_for_the_text_goes_on_without_the_figure_and_says_so() -> None:
    rows = [exercise("Look:\n\n![](lost.png)\n\n![](a.png)\n\nHow many?"), exercise("![](lost.png)")]
    result = made(*rows, incomplete="without")
    [one] = result.table.to_pylist()
    assert one["messages"][0]["content"] == "Look:\n\n<image>\n\nHow many?"
    assert one["images"] == [b"picture a"]
    assert one["missing_images"] == ["lost.png: not found: there is no lost.png"]
    assert result.rejected["rejected_reason"].to_pylist() == ["the question is empty"]


@fault("default key None raises KeyError; no result: returns without writing")
def test_what_is_no_exercise_and_what_has_too_many_pictures_are_set_aside() -> None:
    result = made(exercise("?", None), exercise(" "), exercise("![](a.png) " * 5), max_images=4)
    assert result.table.num_rows == 0
    assert result.rejected["rejected_reason"].to_pylist() == [
        "there is neither an answer nor a solution",
        "the question is empty",
        "it has 5 pictures, more than max_images=4",
    ]


def test_pictures_are_found_in_a_table_of_any_size_and_order() -> None:
    names = [f"{number}.png" for number in range(300)]
    table = pa.table(
        {
            "path": ["one.md"] * 300,
            "figure": names[::-1],
            "picture": pa.array([name.encode() for name in names[::-1]], pa.binary()),
            "no_picture": pa.nulls(300, pa.string()),
        }
    )
    rows = [exercise(f"![](<{number}.png>) ![](<{299 - number}.png>)") for number in range(100)]
    result = IllustratedMessages().run(pa.Table.from_pylist(rows), table).table
    assert result["images"].to_pylist() == [[f"{number}.png".encode(), f"{299 - number}.png".encode()] for number in range(100)]


def test_a_table_that_holds_no_figures_is_named() -> None:
    with pytest.raises(ColumnError, match=r'column "figure" does not exist in the table of figures'):
        IllustratedMessages().run(pa.Table.from_pylist([exercise("?")]), FIGURES.drop_columns(["figure"]))

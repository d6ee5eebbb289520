"""Questions about pictures, and what is measured of them."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from operators.asking.requests import Part, Request
from operators.media.pictures import PictureAnswerGenerator, PictureStatistics
from operators.testing import ScriptedServing
from tests.faults import fault

PIL = pytest.importorskip("PIL.Image")


def picture(width: int = 4, height: int = 3, colours: int = 2, kind: str = "PNG") -> bytes:
    made = PIL.new("RGB", (width, height), "white")
    if colours > 1:
        made.putpixel((0, 0), (255, 0, 0))
    written = io.BytesIO()
    made.save(written, kind)
    return written.getvalue()


def run(rows: list[dict[str, Any]], **parameters: Any) -> tuple[Any, list[Request]]:
    serving = ScriptedServing(lambda request: f"seen: {request.text.splitlines()[-1]}")
    return PictureAnswerGenerator(**{"max_failed": 1.0, **parameters}).run(rows, resources={"llm": serving}), serving.requests


def shown(request: Request) -> list[Part]:
    content = request.messages[-1].content
    assert not isinstance(content, str)
    return [part for part in content if part.type == "image_url"]


@fault("no question column: image and text cannot both be given per row")
def test_each_picture_is_asked_about_with_the_question_of_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    rows = [
        {"picture": "a.png", "question": "how wide?"},
        {"picture": "https://example.org/cat.jpg", "question": "a cat?"},
    ]
    result, requests = run(rows, folder=str(tmp_path))
    assert result.table["generated"].to_pylist() == ["seen: how wide?", "seen: a cat?"]
    sent = {request.text.splitlines()[-1]: shown(request) for request in requests}
    assert sent["how wide?"] == [Part("image_url", "data:image/png;base64," + base64.b64encode(picture()).decode())]
    assert sent["a cat?"] == [Part("image_url", "https://example.org/cat.jpg")]


@fault("rows with empty input are skipped when prompts are built but the answers are assigned to the full frame: length mismatch raises ValueError")
def test_rows_without_a_picture_are_set_aside_and_the_others_keep_their_own_answers() -> None:
    pictures = [b"", picture(), None, picture(5), b"no picture"]
    rows = [{"picture": one, "question": f"question {number}"} for number, one in enumerate(pictures)]
    result, requests = run(rows)
    answers = dict(zip(result.table["question"].to_pylist(), result.table["generated"].to_pylist(), strict=True))
    assert {question: answer for question, answer in answers.items() if answer} == {
        "question 1": "seen: question 1",
        "question 3": "seen: question 3",
    }
    assert len(requests) == 2, "a picture that is none was sent"


def test_several_pictures_are_shown_in_order_and_the_answer_may_have_fields() -> None:
    serving = ScriptedServing(lambda request: '{"same": true, "count": 2}')
    operator = PictureAnswerGenerator(prompt={"user": "Are they the same?"}, fields={"same": "bool", "count": "int"})
    result = operator.run([{"picture": [picture(4), picture(5)]}], resources={"llm": serving})
    assert result.table.select(["same", "count"]).to_pylist() == [{"same": True, "count": 2}]
    assert [len(part.value) for part in shown(serving.requests[0])] == [22 + len(base64.b64encode(picture(width))) for width in (4, 5)]


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/hostname", "link.png", "pipe.png", "folder", "a\0b.png", "large.png", "none.png", "text.png", ""]
)
def test_a_row_cannot_name_a_file_that_is_not_its_own_to_read(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(picture())
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "large.png").write_bytes(picture() + b"\0" * 2000)
    (folder / "text.png").write_text("password")
    os.mkfifo(folder / "pipe.png")
    result, requests = run([{"picture": name, "question": "?"}], folder=str(folder), max_megabytes=0.001)
    assert not requests
    assert result.table.num_rows == 0
    assert result.rejected["rejected_reason"][0].as_py()


def test_pictures_are_measured_and_a_bomb_is_not_decoded() -> None:
    rows = [{"picture": picture(7, 5)}, {"picture": picture(6, 6, colours=1, kind="JPEG")}, {"picture": picture(2000, 1000)}, {"picture": b"no"}]
    result = PictureStatistics(max_megapixels=1, max_failed=1.0).run(rows)
    measured = result.table.drop_columns(["row_id", "picture"]).to_pylist()
    assert measured == [
        {"picture_width": 7, "picture_height": 5, "picture_format": "png", "picture_has_one_colour": False},
        {"picture_width": 6, "picture_height": 6, "picture_format": "jpeg", "picture_has_one_colour": True},
    ]
    reasons = result.rejected["rejected_reason"].to_pylist()
    assert "max_megapixels=1" in reasons[0]
    assert "no picture" in reasons[1]


def saved(made: Any, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    made.save(written, kind, **options)
    return written.getvalue()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("PNG", np.arange(200, 220, dtype="uint8")),
        ("PNG", np.arange(20, dtype="uint16") * 3000 + 300),
        ("TIFF", np.arange(20, dtype="uint16") * 3000 + 300),
        ("TIFF", np.arange(20, dtype="int32") * 90_000_000 - 1_000_000),
        ("TIFF", np.arange(20, dtype="float32") / 20),
    ],
)
def test_samples_of_any_depth_have_one_colour_only_where_all_are_equal(kind: str, values: Any) -> None:
    """Depth maps and X-rays have 16 bits a sample, whose values are no shares of 255."""
    several, one = values.reshape(4, 5), np.full((4, 5), values[7])
    rows = [{"picture": saved(PIL.fromarray(samples), kind)} for samples in (several, one)]
    assert PictureStatistics().run(rows).table["picture_has_one_colour"].to_pylist() == [False, True]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_a_moving_picture_has_one_colour_where_all_of_its_frames_have_that_one(kind: str) -> None:
    white, red = PIL.new("RGB", (9, 9), "white"), PIL.new("RGB", (9, 9), "red")
    dotted = white.copy()
    dotted.putpixel((4, 4), (0, 0, 0))
    moving = [saved(white, kind, save_all=True, append_images=more) for more in ([dotted], [red], [white])]
    result = PictureStatistics().run([{"picture": one} for one in moving])
    assert result.table["picture_has_one_colour"].to_pylist() == [False, False, True]


def test_programs_that_draw_pictures_are_not_run() -> None:
    endless = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n{} loop\n%%EOF\n"
    result = PictureStatistics(max_failed=1.0).run([{"picture": endless}])
    assert "no picture that Pillow knows" in result.rejected["rejected_reason"][0].as_py()


def test_a_cell_may_be_a_data_url_or_what_datasets_stores(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture(7, 5))
    url = "data:image/png;base64," + base64.b64encode(picture(7, 5)).decode()
    stored = [{"bytes": picture(7, 5), "path": None}, {"bytes": None, "path": "a.png"}]
    for rows in (pa.table({"picture": [url, "a.png"]}), pa.table({"picture": pa.array(stored)})):
        measured = PictureStatistics(folder=str(tmp_path)).run(rows).table
        assert measured.select(["picture_width", "picture_height"]).to_pylist() == [{"picture_width": 7, "picture_height": 5}] * 2
    result, requests = run([{"picture": one, "question": "?"} for one in stored], folder=str(tmp_path))
    assert [part.value for request in requests for part in shown(request)] == [url, url]
    assert result.table.num_rows == 2


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("https://example.org/a.png", "no address is fetched"),
        ("data:image/png,%89PNG", "does not hold base64"),
        ("data:;base64,?", "does not hold base64"),
    ],
)
def test_what_cannot_be_read_is_told_as_what_it_is(cell: str, said: str) -> None:
    result = PictureStatistics(max_failed=1.0).run([{"picture": cell}])
    assert said in result.rejected["rejected_reason"][0].as_py()


def test_base64_without_its_kind_is_told_in_a_line_and_line_breaks_in_a_data_url_are_none_of_it() -> None:
    encoded = base64.b64encode(picture(7, 5) * 50).decode()
    reason = PictureStatistics(max_failed=1.0).run([{"picture": encoded}]).rejected["rejected_reason"][0].as_py()
    assert "is no name of a file; base64 is given as data:image/png;base64" in reason
    assert len(reason) < 300
    lines = base64.encodebytes(picture(7, 5)).decode()
    measured = PictureStatistics().run([{"picture": f"data:image/png;base64,{lines}"}]).table
    assert measured["picture_width"].to_pylist() == [7]


@pytest.mark.parametrize("url", ["data:image/png;base64,aGVsbG8=", "data:image/png;base64,@", "data:image/svg+xml;utf8,<svg/>"])
def test_nobody_is_asked_about_a_data_url_that_holds_no_picture(url: str) -> None:
    result, requests = run([{"picture": url, "question": "What?"}], max_failed=1.0)
    assert requests == []
    assert result.rejected.num_rows == 1

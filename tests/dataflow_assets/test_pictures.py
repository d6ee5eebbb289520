"""Pictures of rows, as the UI shows them."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from pathlib import Path

import pytest

from dataflow_assets.showing.markdown import cell
from dataflow_assets.showing.pictures import SHOWN_AS_IT_IS, pictures
from operators.core.operator import Operator
from operators.generic.selection.score import ScoreFilter
from operators.media.pictures import PictureAnswerGenerator, PictureStatistics
from tests.core.samples import table

OTHER = ScoreFilter(min=0)


def png(width: int, height: int, *, noise: bool = False) -> bytes:
    line = b"\0" + bytes((place * 7919 >> 3) % 256 if noise else 200 for place in range(width))

    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(line * height, 0 if noise else 9)) + part(b"IEND", b"")


def shown(operator: Operator, **columns: list[object]) -> dict[str, str]:
    return pictures(table(*(f"row {place}" for place in range(len(next(iter(columns.values()))))), **columns), operator)


def test_a_column_of_bytes_is_shown_as_the_pictures_that_it_holds() -> None:
    small = png(8, 8)
    said = shown(OTHER, crop=[small, None, b"no picture"])["crop"]
    assert f"![png](data:image/png;base64,{base64.b64encode(small).decode()})" in said
    assert len(said.splitlines()) == 2 + 1  # the head, and the one row that has a picture


def test_several_pictures_of_a_row_stand_beside_each_other() -> None:
    said = shown(OTHER, crops=[[png(8, 8)] * 5])["crops"]
    assert said.count("![png]") == 3
    assert "and 2 more" in said


def test_a_column_without_pictures_is_not_named() -> None:
    assert shown(OTHER, blob=[b"abc", b""], text2=["picture.png", "x"]) == {}


def test_a_large_picture_is_made_small() -> None:
    pytest.importorskip("PIL", reason="the extra [media] is not installed")
    large = png(600, 400, noise=True)
    assert len(large) > SHOWN_AS_IT_IS
    said = shown(OTHER, crop=[large])["crop"]
    found = re.search(r"data:image/jpeg;base64,([^)]+)", said)
    assert found is not None
    assert len(base64.b64decode(found[1])) < SHOWN_AS_IT_IS


def test_a_small_file_of_very_many_pixels_is_not_given_to_the_browser() -> None:
    pytest.importorskip("PIL", reason="the extra [media] is not installed")
    said = shown(OTHER, crop=[png(20_000, 3_000)])["crop"]
    assert "data:image" not in said
    assert "pixels" in said


def test_a_broken_picture_is_said_to_be_broken() -> None:
    pytest.importorskip("PIL", reason="the extra [media] is not installed")
    assert "broken" in shown(OTHER, crop=[png(600, 400, noise=True)[:30_000]])["crop"]


def test_a_file_is_read_where_the_stage_reads_it_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(png(8, 8))
    (tmp_path / "secret.png").write_bytes(png(8, 8))
    names = ["a.png", "../secret.png", "https://pictures.example/a.png", "missing.png"]
    operators = PictureStatistics(folder=str(tmp_path / "in")), PictureAnswerGenerator(folder=str(tmp_path / "in"))
    for operator in operators:
        said = shown(operator, picture=names)["picture"].splitlines()[2:]
        assert "![png](data:" in said[0]
        assert "outside the folder" in said[1]
        assert "![" not in said[2]
        assert "pictures.example" in said[2]
        assert "![" not in said[3]
        assert "missing.png" in said[3]
    assert shown(OTHER, picture=names) == {}


def test_bytes_are_counted_in_a_preview_and_not_spelled_out() -> None:
    assert cell(b"\x89PNG" * 1000) == "4,000 bytes"
    assert cell([b"ab", b"c"]) == "2 bytes, 1 bytes"

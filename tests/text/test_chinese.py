"""Traditional and simplified Chinese, by OpenCC."""

from __future__ import annotations

from typing import Any

import pytest

from operators.tables.errors import ColumnError
from operators.text.language.chinese import ConvertChinese

pytest.importorskip("opencc", reason="the extra [chinese] is not installed: pip install 'dataflow-dagster[chinese]'")


def converted(text: str, **parameters: Any) -> str:
    (made,) = ConvertChinese(**parameters).run({"text": [text]}, progress=False).table.column("text").to_pylist()
    return str(made)


@pytest.mark.parametrize(
    ("of", "to", "before", "after"),
    [
        ("traditional", "simplified", "頭髮與發展", "头发与发展"),
        ("simplified", "traditional", "头发与发展，皇后与以后", "頭髮與發展，皇后與以後"),
        ("simplified", "taiwan", "房间里面", "房間裡面"),
        ("simplified", "hong_kong", "房间里面", "房間裏面"),
        ("taiwan", "simplified", "房間裡面", "房间里面"),
        ("taiwan", "hong_kong", "房間裡面", "房間裏面"),
        ("hong_kong", "taiwan", "房間裏面", "房間裡面"),
    ],
)
def test_words_are_converted_to_the_form_of_a_place(of: Any, to: Any, before: str, after: str) -> None:
    assert converted(before, of=of, to=to) == after


def test_words_that_differ_between_places_are_converted_where_that_is_wanted() -> None:
    assert converted("鼠标和软件", of="simplified", to="taiwan") == "鼠標和軟件"
    assert converted("鼠标和软件", of="simplified", to="taiwan", phrases=True) == "滑鼠和軟體"
    assert converted("滑鼠和軟體", of="taiwan", to="simplified", phrases=True) == "鼠标和软件"


def test_other_texts_stay_as_they_are() -> None:
    for text in ("The ferry leaves at six.", "Café – 😀\n\t", "한국어", ""):
        assert converted(text) == text
    assert converted("A 漢字 b") == "A 汉字 b"


def test_a_long_text_is_converted_as_its_parts_are() -> None:
    line = "頭髮與發展，皇后與以後。\n"
    assert converted(line * 10_000) == converted(line) * 10_000


def test_what_cannot_be_converted_is_said() -> None:
    with pytest.raises(ColumnError, match="of and to are both simplified"):
        converted("a", of="simplified")
    with pytest.raises(ColumnError, match="phrases are told apart between simplified and taiwan alone"):
        converted("a", of="hong_kong", phrases=True)

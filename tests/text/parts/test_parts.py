"""Texts as rows of their parts, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.core.operator import Operator
from operators.tables.errors import ColumnError, ParameterError
from operators.text.parts.chunk import ChunkText
from operators.text.parts.join import JoinTexts
from operators.text.parts.split import SplitByHeadings, SplitText

PROSE = "The ferry leaves at six. It comes back at nine. Nobody knows why it is so late, but everybody waits for it."


def rows(operator: Operator, *texts: str | None) -> list[dict[str, Any]]:
    return list(operator.run({"text": list(texts), "url": [f"u{place}" for place in range(len(texts))]}, progress=False).table.to_pylist())


def parts(operator: Operator, text: str) -> list[str]:
    return [row["text"] for row in rows(operator, text)]


def test_each_part_is_a_row_that_names_its_text_and_its_place_in_it() -> None:
    text = "One.\n\n\n\n Two. \n\nThree."
    made = rows(SplitText(), text, "Four.")
    assert [(row["text"], row["part"], row["parts"], row["url"]) for row in made] == [
        ("One.", 1, 3, "u0"),
        ("Two.", 2, 3, "u0"),
        ("Three.", 3, 3, "u0"),
        ("Four.", 1, 1, "u1"),
    ]
    assert all(text[row["start"] : row["end"]] == row["text"] for row in made[:3])
    assert len({tuple(row["parent_ids"]) for row in made}) == 2


def test_a_text_of_which_nothing_is_left_is_set_aside() -> None:
    result = SplitText().run({"text": [" \n\n ", None, "a"]}, progress=False)
    assert result.table.num_rows == 1
    assert sorted(result.rejected.column("rejected_reason").to_pylist()) == ["no row was made from it", "text is null"]


def test_sections_keep_their_headings() -> None:
    made = rows(SplitByHeadings(), "# Ferries\nAbout them.\n## Times\nSix and nine.")
    assert [(row["headings"], row["text"]) for row in made] == [
        (["Ferries"], "# Ferries\nAbout them."),
        (["Ferries", "Times"], "## Times\nSix and nine."),
    ]


def test_chunks_of_words_share_the_overlap() -> None:
    assert parts(ChunkText(size=6, overlap=2), PROSE) == [
        "The ferry leaves at six. It",
        "six. It comes back at nine.",
        "at nine. Nobody knows why it",
        "why it is so late, but",
        "late, but everybody waits for it.",
    ]


def test_chunks_of_sentences_and_of_whole_sentences() -> None:
    assert parts(ChunkText(unit="sentences", size=2, overlap=1), PROSE) == [
        "The ferry leaves at six. It comes back at nine.",
        "It comes back at nine. Nobody knows why it is so late, but everybody waits for it.",
    ]
    assert parts(ChunkText(size=10, whole_sentences=True), PROSE) == [
        "The ferry leaves at six. It comes back at nine.",
        "Nobody knows why it is so late, but everybody waits",
        "for it.",
    ]


def test_chunks_of_characters_of_any_script() -> None:
    assert parts(ChunkText(unit="characters", size=4), "北京大学的图书馆") == ["北京大学", "的图书馆"]
    assert parts(ChunkText(size=4), "北京大学 的图书馆") == ["北京大学", "的图书馆"]


def test_chunks_of_tokens_never_cut_a_character(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'")
    from tests.text.tokens.tiny_tokenizers import bytes_into

    file = str(bytes_into(tmp_path / "model.gguf"))
    made = parts(ChunkText(unit="tokens", size=4, tokenizer=file), "abcéé北北x")
    assert made == ["abc", "éé", "北", "北x"]
    assert "".join(made) == "abcéé北北x"


def test_wrong_sizes_are_said() -> None:
    with pytest.raises(ParameterError, match="overlap=5 has to be below size=5"):
        ChunkText(size=5, overlap=5)
    with pytest.raises(ColumnError, match="tokens are those of a model"):
        ChunkText(unit="tokens").run({"text": ["a"]}, progress=False)
    with pytest.raises(ColumnError, match="there is no folder"):
        ChunkText(unit="tokens", tokenizer="./nowhere").run({"text": ["a"]}, progress=False)


def test_parts_become_the_text_that_they_were_made_of() -> None:
    table = SplitText().run({"text": ["a\n\nb\n\nc", "d\n\ne"], "url": ["x", "y"]}, progress=False).table
    shuffled = table.take([4, 2, 0, 3, 1])
    made = JoinTexts().run(shuffled, progress=False).table.to_pylist()
    assert sorted((row["text"], row["rows"], row["url"]) for row in made) == [("a\n\nb\n\nc", 3, "x"), ("d\n\ne", 2, "y")]


def test_rows_are_joined_by_any_column_in_the_order_of_the_table() -> None:
    given_rows = {"thread": [1, 2, None, 1], "text": ["a", "b", "c", "d"], "by": ["x", "y", "z", "w"]}
    result = JoinTexts(separator=" | ").run(given_rows, input_key="thread", progress=False)
    assert [(row["thread"], row["text"], row["rows"], row["by"], len(row["parent_ids"])) for row in result.table.to_pylist()] == [
        (1, "a | d", 2, "x", 2),
        (2, "b", 1, "y", 1),
    ]
    assert result.rejected.column("rejected_reason").to_pylist() == ["thread is null"]


@settings(deadline=None, max_examples=40)
@given(st.text("ab .\n中", min_size=1, max_size=60).filter(str.strip), st.integers(1, 5), st.sampled_from(["words", "characters", "sentences"]))
def test_chunks_without_overlap_have_all_of_the_text_once(text: str, size: int, unit: Any) -> None:
    made = parts(ChunkText(unit=unit, size=size), text)
    assert "".join("".join(made).split()) == "".join(text.split())

"""Chunks: each can be shown in its document, tables and code stay whole, and they say where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.core.operator import Operator
from operators.tables.errors import ParameterError
from operators.testing import ScriptedEmbedding
from operators.text.parts.chunk import ChunkText
from operators.text.parts.markdown import ChunkMarkdown
from operators.text.parts.meaning import ChunkByMeaning
from tests.faults import fault

TABLE = "| port | hour |\n|---|---|\n| north | six |\n| south | nine |"
CODE = "```python\ndef wait(hours):\n\n    return hours + 1\n```"
GUIDE = f"""Before everything.

# Ferries

They go twice a day. Nobody knows why.

{TABLE}

## Waiting

{CODE}

Wait in the hall. It is warm there.

# Bread

Flour, water, salt.
"""
CHINESE = "第一章讲水。第二章讲火！第三章讲土？" * 4
PIECES = st.sampled_from(
    ["# A\n", "## B b\n", "\n\n", "One. ", "two three ", TABLE + "\n", CODE + "\n", "- item\n", "中文。", "\n", "    ", "~~~\nx\n"]
)


def rows(operator: Operator, *texts: str | None, **resources: Any) -> list[dict[str, Any]]:
    table = {"text": list(texts), "url": [f"u{place}" for place in range(len(texts))]}
    return list(operator.run(table, resources=resources, progress=False).table.to_pylist())


def by_subject(text: str) -> tuple[float, float]:
    """Sentences about ferries point one way, all others another."""
    return (1.0, 0.0) if "ferry" in text else (0.0, 1.0)


OPERATORS = [
    ChunkText(size=3, overlap=1),
    ChunkText(unit="sentences", size=2),
    ChunkText(unit="characters", size=7, min_size=3),
    ChunkText(size=5, whole_sentences=True),
    ChunkMarkdown(size=6),
    ChunkMarkdown(size=12, min_size=4, deepest=1),
    ChunkByMeaning(size=8, cuts=0.5),
]


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: repr(operator)[:60])
@fault("whitespace re-joining destroys newlines, tables, code and headings of every document above 512 tokens (the default BERT limit)")
def test_every_chunk_is_its_place_in_the_document_and_together_they_are_all_of_it(operator: Operator) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.lists(PIECES, max_size=12).map("".join))
    def check(text: str) -> None:
        made = rows(operator, text, embedding=ScriptedEmbedding(lambda one: (1.0, len(one) % 3)))
        assert all(text[row["start"] : row["end"]] == row["text"] for row in made)
        assert [row["part"] for row in made] == list(range(1, len(made) + 1))
        covered = {place for row in made for place in range(row["start"], row["end"])}
        assert all(place in covered for place, character in enumerate(text) if not character.isspace())

    check()


def test_sections_are_not_mixed_and_carry_the_headings_above_them() -> None:
    made = rows(ChunkMarkdown(size=100), GUIDE)
    assert [(row["headings"], row["text"].splitlines()[0]) for row in made] == [
        ([], "Before everything."),
        (["Ferries"], "# Ferries"),
        (["Ferries", "Waiting"], "## Waiting"),
        (["Bread"], "# Bread"),
    ]


@fault("no chunk id, offset, page or heading kept")
def test_a_chunk_says_its_document_its_number_its_place_and_its_headings() -> None:
    made = rows(ChunkMarkdown(size=100), GUIDE, "# Other\nText.")
    assert len({row["row_id"] for row in made}) == len(made) == 5
    assert len({tuple(row["parent_ids"]) for row in made}) == 2
    assert [(row["part"], row["parts"], row["url"]) for row in made] == [*((number, 4, "u0") for number in range(1, 5)), (1, 1, "u1")]
    assert made[2]["headings"] == ["Ferries", "Waiting"]
    assert GUIDE[made[2]["start"] : made[2]["end"]] == made[2]["text"]


def test_tables_and_code_stay_whole_where_they_fit_and_are_cut_between_lines_where_not() -> None:
    texts = [row["text"] for row in rows(ChunkMarkdown(size=22), GUIDE)]
    assert any(TABLE in text for text in texts)
    assert any(CODE in text for text in texts)
    lines = {line for text in (row["text"] for row in rows(ChunkMarkdown(size=5), TABLE)) for line in text.splitlines()}
    assert lines == set(TABLE.splitlines())


def test_a_heading_is_never_a_chunk_of_its_own_where_something_stands_under_it() -> None:
    for size in range(4, 30):
        assert not {row["text"] for row in rows(ChunkMarkdown(size=size), GUIDE)} & {"# Ferries", "## Waiting", "# Bread"}


def test_small_sections_are_joined_under_the_headings_that_they_share() -> None:
    text = "# A\nOne two three four.\n## B\nFive.\n## C\nSix seven eight nine ten."
    assert [(row["headings"], row["text"].count("\n")) for row in rows(ChunkMarkdown(size=12, min_size=4), text)] == [(["A"], 1), (["A"], 3)]


@fault("Chinese text without spaces is not pre-cut")
def test_chinese_is_cut_by_its_characters_and_sentences() -> None:
    made = rows(ChunkText(size=14, whole_sentences=True), CHINESE)
    assert len(made) > 4
    assert all(row["text"][-1] in "。！？" for row in made)
    assert all(len(row["text"]) <= 15 for row in rows(ChunkText(size=12), CHINESE))


@fault("min_tokens_per_chunk ignored; tokenizer ignored for 3 of 4 methods")
def test_a_least_size_counts_and_so_does_the_tokenizer_with_every_method(tmp_path: Path) -> None:
    words = "one two three four five six seven"
    assert [row["text"] for row in rows(ChunkText(size=3), words)] == ["one two three", "four five six", "seven"]
    assert [row["text"] for row in rows(ChunkText(size=3, min_size=2), words)] == ["one two three", "four five six seven"]
    with pytest.raises(ParameterError, match="min_size=5 is above size=3"):
        ChunkText(size=3, min_size=5)
    pytest.importorskip("tokenizers", reason="the extra [models] is not installed: pip install 'dataflow-dagster[models]'")
    from tests.text.tokens.tiny_tokenizers import bytes_into

    file = str(bytes_into(tmp_path / "model.gguf"))  # a token a byte
    text = "Ab cd. Ef gh. Ij kl."
    for operator in (
        ChunkText(unit="tokens", size=8, tokenizer=file),
        ChunkText(unit="tokens", size=8, tokenizer=file, whole_sentences=True),
        ChunkMarkdown(unit="tokens", size=8, tokenizer=file),
    ):
        made = [row["text"] for row in rows(operator, text)]
        assert all(len(chunk) <= 8 for chunk in made)
    assert made == ["Ab cd.", "Ef gh.", "Ij kl."]


@fault("one missing file aborts the run")
def test_a_document_without_a_text_costs_itself_alone() -> None:
    result = ChunkText().run({"text": ["A text.", None, " \n", "Another."]}, progress=False)
    assert result.table.column("text").to_pylist() == ["A text.", "Another."]
    assert sorted(result.rejected.column("rejected_reason").to_pylist()) == ["no row was made from it", "text is null"]


@fault("depends on an unpinned chonkie whose constructor names changed between releases")
def test_chunkers_need_no_package_that_cuts_texts() -> None:
    assert ChunkText().needed_packages == ChunkMarkdown().needed_packages == ChunkByMeaning().needed_packages == ()


@fault("a json source containing two of the three text fields appends two texts and shifts all later documents")
def test_a_chunk_belongs_to_its_own_document_whatever_other_columns_hold_text() -> None:
    table = {"text": ["First text.", "Second text."], "body": ["a body", None], "content": [None, "a content"]}
    made = ChunkText(unit="sentences", size=1).run(table, progress=False).table.to_pylist()
    assert [(row["text"], row["body"], row["content"]) for row in made] == [("First text.", "a body", None), ("Second text.", None, "a content")]


@fault("side files escape the step cache, so resume and lineage are lost")
@fault("debug prints")
def test_chunks_are_rows_and_nothing_is_written_beside_them_or_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    made = rows(ChunkMarkdown(size=20), GUIDE)
    assert all(len(row["parent_ids"]) == 1 for row in made)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")


def test_a_text_is_cut_where_its_meaning_turns() -> None:
    text = "The ferry is late. The ferry is full. Bread needs salt. Bread needs time. The ferry waits."
    embedding = ScriptedEmbedding(by_subject)
    made = rows(ChunkByMeaning(cuts=0.5, context=0), text, None, "Only one sentence.", embedding=embedding)
    assert [row["text"] for row in made] == [
        "The ferry is late. The ferry is full.",
        "Bread needs salt. Bread needs time.",
        "The ferry waits.",
        "Only one sentence.",
    ]
    short = rows(ChunkByMeaning(cuts=0.01, size=4, context=0), text, embedding=embedding)
    assert max(len(row["text"].split()) for row in short) <= 4

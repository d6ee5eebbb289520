"""MinerU as a converter: its blocks become ours with their pages and boxes. What needs MinerU is skipped where it is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.document_model import blocks as make
from operators.document_model.blocks import NOWHERE, Block, Item, Place
from operators.document_model.conversion import NotConverted, Source
from operators.document_model.document import Document
from operators.document_model.markdown_reading import blocks_of
from operators.document_model.markdown_writing import markdown_of
from operators.tables.errors import ParameterError
from resources.documents import DocumentSettings, open_documents
from resources.documents.converters.mineru_blocks import MineruBlocks
from resources.documents.serving import Documents
from tests.documents.hostile import CONTENTS, GOOD_PDF, SECRET
from tests.documents.made_pdfs import prose
from tests.documents.test_docling import DELIMITED, PAGE
from tests.documents.test_markdown import TEXTS

HERE = importlib.util.find_spec("mineru") is not None
with_mineru = pytest.mark.skipif(not HERE, reason="MinerU is not installed")
KINDS = ("pdf", "docx", "pptx", "xlsx", "html", "epub", "csv")
TOP, MIDDLE = [0.1, 0.1, 0.5, 0.2], [0.1, 0.5, 0.5, 0.6]


def told(*pages: list[dict[str, Any]], title: str = "") -> dict[str, Any]:
    """A document in the JSON of MinerU, on pages of 600 by 800 points."""
    layout = [{"page_idx": number, "width_pt": 600.0, "height_pt": 800.0} for number in range(len(pages))]
    return {
        "metadata": {"document": {"title": title}},
        "extensions": {"docvortex_layout": {"version": 1, "pages": layout}},
        "pages": [{"page_idx": number, "blocks": nodes} for number, nodes in enumerate(pages)],
    }


def text(content: str, kind: str = "text", **known: Any) -> dict[str, Any]:
    return {"type": kind, "content": [{"type": "text", "content": content}] if content else [], **known}


def found(*pages: list[dict[str, Any]], kind: str = "docx") -> list[Block]:
    return list(Document.of(MineruBlocks(told(*pages), kind).blocks()).blocks)


def test_titles_texts_and_notes_have_their_page_and_box_and_running_heads_go() -> None:
    nodes = [
        text("Journal", "header", bbox=TOP),
        text("Harbours", "doc_title", level=1, bbox=TOP),
        text("Ships", "paragraph_title", level=3, bbox=MIDDLE),
        text("Two.", bbox=MIDDLE),
        text("² By hand.", "page_footnote", bbox=MIDDLE),
        text("7", "page_number", bbox=TOP),
    ]
    top, middle = Place(1, (60.0, 80.0, 300.0, 160.0)), Place(1, (60.0, 400.0, 300.0, 480.0))
    assert found(nodes, kind="pdf") == [
        make.heading("Harbours", 1, top),
        make.heading("Ships", 3, middle),
        make.paragraph("Two.", middle),
        make.footnote("2", "By hand.", middle),
    ]
    read = MineruBlocks(told(nodes, title="Of harbours"), "pdf")
    assert (read.title, read.pages) == ("Of harbours", 1)


def test_a_text_that_goes_on_after_a_figure_and_a_page_is_one_paragraph() -> None:
    figure = {"type": "image", "bbox": TOP, "content": [{"type": "image_body", "content": "", "bbox": TOP}, text("Fig. 1", "image_caption")]}
    made = found([text("The harbour is", bbox=TOP), figure], [text("small.", bbox=TOP, continues_prev=True), text("Next.", bbox=TOP)], kind="pdf")
    assert [block.text for block in made] == ["The harbour is small.", "", "Fig. 1", "Next."]
    assert made[1].target == "#page=1&viewrect=60,80,240,80"
    items = {"type": "list", "content": [text("- one"), text("- the sec-")]}
    assert found([items, text("ond one", continues_prev=True)]) == [make.bullets([Item("one"), Item("the second one")])]


def test_marks_of_lists_are_no_text_and_inner_lists_are_deeper() -> None:
    inner = {"type": "list", "content": [text("3) deeper")]}
    made = found([{"type": "list", "content": [text("1. one"), inner, text("• two"), text("[4] A book", "ref_text")]}])
    assert made == [make.bullets([Item("one", 0, "1."), Item("deeper", 1, "3)"), Item("two"), Item("[4] A book")])]


def test_spans_are_marked() -> None:
    spans = [
        {"type": "text", "content": "Area "},
        {"type": "equation_inline", "content": "a^2"},
        {"type": "text", "content": " of H"},
        {"type": "text", "content": "2", "styles": ["subscript"]},
        {"type": "text", "content": "O, ", "styles": []},
        {"type": "text", "content": "wet ", "styles": ["bold", "italic"]},
        {"type": "code_inline", "content": "x"},
        {"type": "hyperlink", "url": "https://x.org", "content": [{"type": "text", "content": " here"}]},
    ]
    assert found([{"type": "text", "content": spans}]) == [make.paragraph("Area $a^2$ of H₂O, ***wet*** `x`[here](https://x.org)")]


def test_tables_code_formulas_and_charts() -> None:
    grid = "<table><tr><th><p>Name</p></th><th><p>Tons</p></th></tr><tr><td rowspan='2'>Ada</td><td>5</td></tr><tr><td>6 | 7</td></tr></table>"
    table = {
        "type": "table",
        "content": [{"type": "table_body", "content": grid}, text("Table 1", "table_caption"), text("By hand", "table_footnote")],
    }
    chart = {"type": "chart", "bbox": TOP, "content": [{"type": "chart_body", "content": grid}, text("Figure 2", "chart_caption")]}
    code = {
        "type": "code",
        "sub_type": "code",
        "guess_lang": "python",
        "content": [{"type": "code_body", "content": "x = 1"}, text("Listing", "code_caption")],
    }
    steps = {"type": "code", "sub_type": "algorithm", "content": [text("for x:", "algorithm_body")]}
    unread = {"type": "equation", "content": "", "bbox": TOP}
    made = found([table, chart, code, steps, {"type": "equation", "content": "a = b"}, unread], kind="pdf")
    rows = [["Name", "Tons"], ["Ada", "5"], ["", "6 | 7"]]
    assert [block.at(NOWHERE) for block in made] == [
        make.caption("Table 1"),
        make.table(rows),
        make.footnote("", "By hand"),
        make.figure("", "#page=1&viewrect=60,80,240,80"),
        make.table(rows),
        make.caption("Figure 2"),
        make.caption("Listing"),
        make.code("x = 1", "python"),
        make.code("for x:"),
        make.formula("a = b"),
        make.figure("", "#page=1&viewrect=60,80,240,80"),
    ]


def test_a_block_that_is_not_known_is_not_dropped_in_silence() -> None:
    with pytest.raises(ValueError, match='unknown type "hologram"'):
        found([{"type": "hologram", "content": []}])


NODES = st.one_of(
    st.builds(lambda content, kind: text(content, kind), TEXTS, st.sampled_from(["text", "ref_text", "page_footnote"])),
    st.builds(lambda content, more: text(content, continues_prev=more), TEXTS, st.booleans()),
    st.builds(lambda content, level: text(content, "paragraph_title", level=level), TEXTS, st.integers(1, 6)),
    st.builds(lambda parts: {"type": "list", "content": [text(part) for part in parts]}, st.lists(TEXTS, max_size=3)),
    st.builds(lambda content: {"type": "equation", "content": content}, TEXTS),
    st.builds(lambda body: {"type": "code", "content": [{"type": "code_body", "content": body}]}, TEXTS),
    st.builds(lambda body, name: {"type": "table", "content": [{"type": "table_body", "content": body}, text(name, "table_caption")]}, TEXTS, TEXTS),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(NODES, max_size=8), st.sampled_from(["pdf", "docx"]))
def test_whatever_mineru_tells_is_written_as_markdown_and_read_back(nodes: list[dict[str, Any]], kind: str) -> None:
    blocks = found(nodes, kind=kind)
    assert blocks_of(markdown_of(blocks, places=True)) == blocks
    assert blocks_of(markdown_of(blocks)) == [block.at(NOWHERE) for block in blocks]


@pytest.mark.skipif(HERE, reason="MinerU is installed")
def test_without_mineru_the_command_that_installs_it_is_told_with_its_licence() -> None:
    with pytest.raises(ParameterError, match=r"the converter mineru needs mineru: pip install 'mineru>=4,<5' \(free below .*"):
        open_documents(DocumentSettings(converters={"pdf": "mineru"}))


def test_the_tier_of_mineru_matters_to_what_is_kept_only_where_mineru_converts() -> None:
    def matters(**known: Any) -> dict[str, Any]:
        return DocumentSettings(**known).options.matters()

    assert matters(mineru="basic") == matters()
    assert matters(mineru="basic", converters={"pdf": "mineru"}) != matters(converters={"pdf": "mineru"})
    with pytest.raises(ValueError, match="mineru"):
        DocumentSettings(mineru="best")


@pytest.fixture(scope="module")
def serving() -> Iterator[Documents]:
    converters = dict.fromkeys(KINDS, "mineru")
    made = open_documents(DocumentSettings(cache=False, parallel=1, converters=converters, seconds=60, memory_megabytes=1000))
    yield made
    made.close()


FILES = {"a.html": PAGE.encode(), "a.csv": DELIMITED, "a.pdf": prose(1, seed=1)[0]}


@with_mineru
@pytest.mark.parametrize("name", FILES)
def test_mineru_itself_by_its_rules(name: str, serving: Documents) -> None:
    made = serving.convert(Source(name, FILES[name]))
    assert isinstance(made, Document), str(made)
    assert made.converter == "mineru 1"
    assert blocks_of(markdown_of(made.blocks, places=True)) == list(made.blocks)
    if name == "a.csv":
        assert [block.rows for block in made.blocks] == [(("name", "tons"), ("Ada", "5"))]
    elif name == "a.html":
        assert {block.kind for block in made.blocks} == {"heading", "paragraph", "list", "caption", "table", "code"}
    else:
        assert {block.kind for block in made.blocks} == {"heading", "paragraph"}
        for block in made.blocks:
            left, top, right, bottom = block.place.box or (0, 0, 0, 0)
            assert 0 <= left < right <= 595
            assert 0 <= top < bottom <= 842


@with_mineru
def test_without_models_the_pdf_is_set_aside_and_the_message_says_how_they_are_fetched(tmp_path: Path) -> None:
    made = open_documents(DocumentSettings(cache=False, parallel=1, models=str(tmp_path), mineru="basic", converters={"pdf": "mineru"}))
    refused = made.convert(Source("a.pdf", GOOD_PDF))
    made.close()
    assert isinstance(refused, NotConverted)
    assert refused.cause == "not installed"
    assert "mineru-kit models download --tier basic" in refused.message
    assert str(tmp_path) in refused.message


@with_mineru
def test_no_hostile_file_ends_a_run_with_mineru(serving: Documents) -> None:
    for name, (content, _) in CONTENTS.items():
        made = serving.convert(Source(name, content if isinstance(content, bytes) else content()))
        assert not isinstance(made, NotConverted) or made.message, name
        assert isinstance(made, NotConverted) or SECRET not in markdown_of(made.blocks), name
    assert isinstance(serving.convert(Source("a.csv", DELIMITED)), Document)

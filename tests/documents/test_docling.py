"""docling as a converter: its items become blocks with their levels, pages and boxes. What needs docling is skipped where it is missing."""

from __future__ import annotations

import importlib.util
import io
import zipfile
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
from resources.documents.converters.docling_items import DoclingItems
from resources.documents.serving import Documents
from tests.documents.hostile import CONTENTS, GOOD_PDF, SECRET
from tests.documents.test_markdown import TEXTS

HERE = importlib.util.find_spec("docling") is not None
with_docling = pytest.mark.skipif(not HERE, reason="docling is not installed")
KINDS = ("pdf", "docx", "pptx", "xlsx", "html", "epub", "markdown", "csv")


class Written:
    """A document in the JSON of docling, written by hand."""

    def __init__(self, **pages: tuple[float, float]) -> None:
        self.body: dict[str, Any] = {"self_ref": "#/body", "label": "unspecified", "content_layer": "body", "children": []}
        sizes = {number.removeprefix("p"): {"size": {"width": width, "height": height}} for number, (width, height) in pages.items()}
        self.told: dict[str, Any] = {"body": self.body, "pages": sizes, "groups": [], "texts": [], "tables": [], "pictures": []}

    def add(self, table: str, label: str, parent: dict[str, Any] | None = None, **known: Any) -> dict[str, Any]:
        node = {"self_ref": f"#/{table}/{len(self.told[table])}", "label": label, "content_layer": "body", "children": [], **known}
        self.told[table].append(node)
        (parent or self.body)["children"].append({"$ref": node["self_ref"]})
        return node

    def text(self, label: str, text: str, parent: dict[str, Any] | None = None, **known: Any) -> dict[str, Any]:
        more = {"captions": [], "footnotes": [], "code_language": "unknown"} if label == "code" else {}
        return self.add("texts", label, parent, **{"text": text, "orig": text, "prov": [], **more, **known})

    def blocks(self, kind: str = "docx") -> list[Block]:
        return list(Document.of(DoclingItems(self.told, kind).blocks()).blocks)


def at(page: int, *box: float, origin: str = "TOPLEFT") -> list[dict[str, Any]]:
    return [{"page_no": page, "bbox": {**dict(zip("ltrb", box, strict=True)), "coord_origin": origin}}]


def reference(node: dict[str, Any]) -> dict[str, str]:
    return {"$ref": node["self_ref"]}


def cell(row: int, column: int, text: str, header: bool = False) -> dict[str, Any]:
    return {"start_row_offset_idx": row, "start_col_offset_idx": column, "text": text, "column_header": header}


def test_sections_stand_below_the_title_and_their_parts_hang_on_them() -> None:
    written = Written()
    written.text("title", "Of the page", content_layer="furniture")
    title = written.text("title", "Harbours")
    section = written.text("section_header", "Ships", title, level=1)
    written.text("text", "Two of them.", section)
    written.text("page_footer", "Page 3", content_layer="furniture")
    assert written.blocks() == [make.heading("Harbours", 1), make.heading("Ships", 2), make.paragraph("Two of them.")]
    assert DoclingItems(written.told, "docx").title == "Of the page"
    alone = Written()
    alone.text("section_header", "Ships", level=1)
    assert alone.blocks() == [make.heading("Ships", 1)]


def test_lists_keep_their_depth_and_numbers_and_what_hangs_on_items_follows() -> None:
    written = Written()
    group = written.add("groups", "list", name="list")
    first = written.text("list_item", "one", group, enumerated=False, marker="")
    inner = written.add("groups", "list", first, name="list")
    written.text("list_item", "deeper", inner, enumerated=True, marker="3.")
    written.add("pictures", "picture", first, prov=[], captions=[], footnotes=[], meta={"description": {"text": "A ship"}})
    written.text("list_item", "numbered", group, enumerated=True, marker="1.2.")
    second = written.text("list_item", "", group, enumerated=True, marker="")
    line = written.add("groups", "inline", second, name="group")
    written.text("text", "with", line)
    written.text("code", "code", line)
    items = [Item("one"), Item("deeper", 1, "3."), Item("1.2. numbered"), Item("with `code`", 0, "3.")]
    assert written.blocks() == [make.bullets(items), make.figure("A ship")]


def test_the_parts_of_a_line_are_marked_and_spaced() -> None:
    written = Written()
    line = written.add("groups", "inline", name="group")
    form = {"bold": False, "italic": False, "script": "baseline"}
    written.text("text", "Water, H", line)
    written.text("text", "2", line, formatting={**form, "script": "sub"})
    written.text("text", ", is", line)
    written.text("text", "wet", line, formatting={**form, "bold": True})
    written.text("text", "(see", line)
    written.text("text", "here", line, hyperlink="https://x.org/a")
    written.text("text", ").", line)
    written.text("formula", "a^2", line)
    assert written.blocks() == [make.paragraph("Water, H₂, is **wet** (see [here](https://x.org/a)). $a^2$")]


def test_tables_have_their_captions_above_and_notes_below_and_merged_cells_once() -> None:
    written = Written(p2=(600, 800))
    caption = written.text("caption", "Table 1. Ships", prov=at(2, 100, 700, 300, 690, origin="BOTTOMLEFT"))
    note = written.text("footnote", "a By hand.", prov=[])
    cells = [cell(0, 0, "Name", True), cell(0, 1, "Tons", True), cell(1, 0, "Ada\nsecond"), cell(1, 1, "5"), cell(2, 1, "6 | 7")]
    data = {"num_rows": 3, "num_cols": 2, "table_cells": cells}
    place = at(2, 100, 680, 300, 600.04, origin="BOTTOMLEFT")
    written.add("tables", "table", prov=place, captions=[reference(caption)], footnotes=[reference(note)], data=data)
    written.text("footnote", "3 See the letter.")
    assert written.blocks("pdf") == [
        make.caption("Table 1. Ships", Place(2, (100.0, 100.0, 300.0, 110.0))),
        make.table([["Name", "Tons"], ["Ada\nsecond", "5"], ["", "6 | 7"]], True, Place(2, (100.0, 120.0, 300.0, 200.0))),
        make.footnote("", "a By hand."),
        make.footnote("3", "See the letter."),
    ]


def test_a_picture_of_a_pdf_is_its_place_with_the_letters_on_it_and_a_chart_its_numbers() -> None:
    written = Written(p1=(600, 800))
    chart = {"chart_data": {"num_rows": 1, "num_cols": 2, "table_cells": [cell(0, 0, "2019"), cell(0, 1, "120")]}}
    picture = written.add("pictures", "picture", prov=at(1, 10, 20, 110, 80), captions=[], footnotes=[], meta={"tabular_chart": chart})
    caption = written.text("caption", "The ship.", picture)
    picture["captions"].append(reference(caption))
    written.text("text", "A", picture)
    written.text("text", "B", picture)
    figure, below, numbers = written.blocks("pdf")
    assert figure == make.figure("A B", "#page=1&viewrect=10,20,100,60", Place(1, (10.0, 20.0, 110.0, 80.0)))
    assert below == make.caption("The ship.")
    assert numbers == make.table([["2019", "120"]], False, figure.place)


def test_code_formulas_ticks_and_pairs_of_keys_and_values() -> None:
    written = Written()
    written.text("code", "if x:\n    y()", code_language="Python")
    written.text("formula", "", orig="E = mc²")
    written.text("checkbox_selected", "agreed")
    written.told["key_value_items"] = []
    written.add("key_value_items", "key_value_region", prov=[], graph={"cells": [{"text": "Name"}, {"text": "Ada"}]})
    assert written.blocks() == [
        make.code("if x:\n    y()", "python"),
        make.formula("E = mc²"),
        make.paragraph("[x] agreed"),
        make.paragraph("Name\nAda"),
    ]


def test_slides_are_measured_in_points_and_sheets_have_no_boxes() -> None:
    slides = Written(p1=(9_144_000, 6_858_000))
    slide = slides.add("groups", "chapter", name="slide-0")
    slides.text("title", "Harbours", slide, prov=at(1, 457_200, 274_638, 8_686_800, 1_417_638))
    slides.text("text", "Say it slowly.", slide, content_layer="notes")
    slides.text("text", "A remark.", slides.add("groups", "comment_section", slide, name="comment"), content_layer="notes")
    assert slides.blocks("pptx") == [
        make.heading("Harbours", 1, Place(1, (36.0, 21.6, 684.0, 111.6))),
        make.paragraph("Say it slowly.", Place(source="notes")),
    ]
    book = Written(p1=(3, 7))
    sheet = book.add("groups", "sheet", name="sheet: Ships")
    data = {"num_rows": 1, "num_cols": 1, "table_cells": [cell(0, 0, "Ada")]}
    book.add("tables", "table", sheet, prov=at(1, 0, 0, 3, 7), captions=[], footnotes=[], data=data)
    assert [block.place for block in book.blocks("xlsx")] == [Place(1, None, "Ships")]


@st.composite
def documents(draw: st.DrawFn) -> Written:
    """Documents with any texts, in any tree."""
    written = Written(p1=(600, 800))
    parents: list[dict[str, Any]] = [written.body]
    for _ in range(draw(st.integers(0, 12))):
        parent = draw(st.sampled_from(parents))
        label = draw(st.sampled_from("title section_header text list_item code formula footnote caption list inline table".split()))
        if label in ("list", "inline"):
            parents.append(written.add("groups", label, parent, name="group"))
        elif label == "table":
            cells = [cell(row, column, draw(TEXTS), row == 0) for row in range(2) for column in range(2)]
            data = {"num_rows": 2, "num_cols": 2, "table_cells": cells}
            written.add("tables", "table", parent, prov=at(1, 1, 2, 3, 4), captions=[], footnotes=[], data=data)
        else:
            form = {"bold": draw(st.booleans()), "italic": draw(st.booleans()), "script": draw(st.sampled_from(["baseline", "sub", "super"]))}
            more = {"level": draw(st.integers(1, 9)), "enumerated": draw(st.booleans()), "marker": draw(st.sampled_from(["", "7.", "x"]))}
            written.text(label, draw(TEXTS), parent, formatting=form, prov=at(1, 1, 9, 3, 2, origin="BOTTOMLEFT"), **more)
    return written


@settings(max_examples=150, deadline=None)
@given(documents(), st.sampled_from(["pdf", "docx", "xlsx"]))
def test_whatever_docling_tells_is_written_as_markdown_and_read_back(written: Written, kind: str) -> None:
    blocks = written.blocks(kind)
    assert blocks_of(markdown_of(blocks, places=True)) == blocks
    assert blocks_of(markdown_of(blocks)) == [block.at(NOWHERE) for block in blocks]


@pytest.mark.skipif(HERE, reason="docling is installed")
def test_without_docling_the_command_that_installs_it_is_told() -> None:
    with pytest.raises(ParameterError, match=r"the converter docling needs docling: pip install 'dataflow-dagster\[docling\]'"):
        open_documents(DocumentSettings(converters={"docx": "docling"}))


@pytest.fixture(scope="module")
def serving() -> Iterator[Documents]:
    converters = dict.fromkeys(KINDS, "docling")
    made = open_documents(DocumentSettings(cache=False, parallel=1, html="whole", converters=converters, seconds=10, memory_megabytes=1000))
    yield made
    made.close()


PAGE = """<!doctype html><html><head><title>Of harbours</title></head><body><h1>Harbours</h1><p>A <b>small</b> one with 10<sup>6</sup> birds.</p>
<ul><li>one<ul><li>deeper</li></ul></li><li>two</li></ul><table><caption>Ships</caption><tr><th>Name</th><th>Tons</th></tr>
<tr><td rowspan="2">Ada</td><td>5</td></tr><tr><td>6 | 7</td></tr></table><pre><code class="language-python">if x:
    y()</code></pre><h2>More</h2><p>The end.</p></body></html>"""
DELIMITED = b"name;tons\nAda;5\n"


def book(chapter: str) -> bytes:
    """An EPUB that keeps all rules of the format: docling reads no other."""
    names = 'xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    about = '<dc:identifier id="i">i</dc:identifier><dc:title>Of harbours</dc:title><dc:language>en</dc:language>'
    lists = '<manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine>'
    container = 'version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"'
    files = '<rootfiles><rootfile full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", f"<container {container}>{files}</container>")
        archive.writestr("p.opf", f'<package {names} version="3.0" unique-identifier="i"><metadata>{about}</metadata>{lists}</package>')
        archive.writestr("c.xhtml", f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>One</title></head><body>{chapter}</body></html>')
    return saved.getvalue()


@with_docling
@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (
            PAGE.encode(),
            "a.html",
            [
                make.heading("Harbours"),
                make.paragraph("A **small** one with 10⁶ birds."),
                make.bullets([Item("one"), Item("deeper", 1), Item("two")]),
                make.caption("Ships"),
                make.table([["Name", "Tons"], ["Ada", "5"], ["", "6 | 7"]]),
                make.code("if x:\n    y()", "python"),
                make.heading("More", 2),
                make.paragraph("The end."),
            ],
        ),
        (b"# Harbours\n\nOf *them*, two.\n\n- one\n- two\n", "a.md", None),
        (DELIMITED, "a.csv", [make.table([["name", "tons"], ["Ada", "5"]])]),
        (book("<h1>One</h1><p>The first chapter.</p>"), "a.epub", [make.heading("One"), make.paragraph("The first chapter.")]),
        ("<!doctype html><meta charset=cp1252><h1>Schön</h1><p>Der Hafen ist schön.</p>".encode("cp1252"), "b.html", None),
    ],
    ids=["html", "markdown", "csv", "epub", "html of another encoding"],
)
def test_docling_itself(content: bytes, name: str, expected: list[Block] | None, serving: Documents) -> None:
    made = serving.convert(Source(name, content))
    assert isinstance(made, Document), str(made)
    assert made.converter == "docling 1"
    assert blocks_of(markdown_of(made.blocks, places=True)) == list(made.blocks)
    if expected is not None:
        assert [block.at(NOWHERE) for block in made.blocks] == expected
    else:
        assert any(word in markdown_of(made.blocks) for word in ("Harbours", "The first chapter.", "Der Hafen ist schön."))


@with_docling
def test_office_files_by_docling_itself(serving: Documents) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Ships"
    book.active.append(["Name", "Tons"])
    book.active.append(["Ada", 5])
    saved = io.BytesIO()
    book.save(saved)
    made = serving.convert(Source("a.xlsx", saved.getvalue()))
    assert isinstance(made, Document), str(made)
    assert [(block.rows, block.place) for block in made.blocks] == [((("Name", "Tons"), ("Ada", "5")), Place(1, None, "Ships"))]
    letter = pytest.importorskip("docx").Document()
    letter.add_heading("Harbours", 1)
    for text in ("one", "two"):
        letter.add_paragraph(text, style="List Bullet")
    saved = io.BytesIO()
    letter.save(saved)
    made = serving.convert(Source("a.docx", saved.getvalue()))
    assert isinstance(made, Document), str(made)
    assert [block.at(NOWHERE) for block in made.blocks] == [make.heading("Harbours"), make.bullets([Item("one"), Item("two")])]
    pptx = pytest.importorskip("pptx")
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Harbours"
    slide.placeholders[1].text = "small\nlarge"
    saved = io.BytesIO()
    deck.save(saved)
    made = serving.convert(Source("a.pptx", saved.getvalue()))
    assert isinstance(made, Document), str(made)
    assert made.pages == 1
    assert made.blocks[0].at(NOWHERE) == make.heading("Harbours")
    assert all(block.place.page == 1 and block.place.box is not None for block in made.blocks)


@with_docling
def test_a_folder_without_models_sets_the_pdf_aside_and_says_how_they_are_fetched(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        made = open_documents(DocumentSettings(cache=False, parallel=1, models=str(folder), converters={"pdf": "docling", "csv": "docling"}))
        refused = made.convert(Source("a.pdf", GOOD_PDF))
        other = made.convert(Source("a.csv", DELIMITED))
        made.close()
        assert isinstance(refused, NotConverted)
        assert refused.cause == "not installed"
        assert "docling-tools models download" in refused.message
        assert isinstance(other, Document)


@with_docling
def test_no_hostile_file_ends_a_run_with_docling(serving: Documents) -> None:
    for name, (content, _) in CONTENTS.items():
        if not name.endswith(".pdf"):
            made = serving.convert(Source(name, content if isinstance(content, bytes) else content()))
            assert not isinstance(made, NotConverted) or made.message, name
            assert isinstance(made, NotConverted) or SECRET not in markdown_of(made.blocks), name
    assert isinstance(serving.convert(Source("a.csv", DELIMITED)), Document)

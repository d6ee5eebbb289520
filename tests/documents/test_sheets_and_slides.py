"""Workbooks and slides: no cell, no diagram and no point of a chart is lost or takes another's place."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest

from operators.document_model import blocks as make
from operators.document_model.blocks import Item
from operators.document_model.conversion import NotConverted, Source
from resources.documents.serving import Documents
from tests.documents.conftest import Convert
from tests.documents.hostile import OFFICE, RELATIONS, archive, docx
from tests.documents.test_formats import plain

CHART = '<c:chart xmlns:c="c" xmlns:r="r" r:id="c1"/>'
DIAGRAM = '<d:relIds xmlns:d="d" xmlns:r="r" r:dm="d1"/>'
RELATED = (
    f'<Relationships xmlns="{RELATIONS}"><Relationship Id="c1" Type="{OFFICE}/chart" Target="chart.xml"/>'
    f'<Relationship Id="d1" Type="{OFFICE}/diagramData" Target="data.xml"/></Relationships>'
)
POINTS = '<c:pt idx="0"><c:v>a</c:v></c:pt><c:pt idx="1"><c:v>b</c:v></c:pt><c:pt idx="2"><c:v>c</c:v></c:pt>'
CHART_PART = (
    f'<c:chartSpace xmlns:c="c"><c:ser><c:tx><c:v>Tons</c:v></c:tx><c:cat><c:strCache>{POINTS}</c:strCache></c:cat>'
    '<c:val><c:numCache><c:pt idx="0"><c:v>1</c:v></c:pt><c:pt idx="2"><c:v>3</c:v></c:pt></c:numCache></c:val></c:ser></c:chartSpace>'
)
LEVELS_PART = CHART_PART.replace(f"<c:strCache>{POINTS}</c:strCache>", f'<c:lvl>{POINTS}</c:lvl><c:lvl><c:pt idx="0"><c:v>X</c:v></c:pt></c:lvl>')
DIAGRAM_PART = (
    '<d:dataModel xmlns:d="d" xmlns:a="a"><d:ptLst><d:pt modelId="0" type="doc"/>'
    + "".join(f'<d:pt modelId="{name}"><d:t><a:p><a:r><a:t>{name}</a:t></a:r></a:p></d:t></d:pt>' for name in ("second", "first", "deeper"))
    + '</d:ptLst><d:cxnLst><d:cxn srcId="0" destId="second" srcOrd="1"/><d:cxn srcId="0" destId="first" srcOrd="0"/>'
    '<d:cxn srcId="first" destId="deeper" srcOrd="0"/><d:cxn type="presOf" srcId="second" destId="first"/></d:cxnLst></d:dataModel>'
)


def deck(*shapes: str, **more: str) -> bytes:
    """One slide with these shapes."""
    root = f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{OFFICE}/officeDocument" Target="ppt/presentation.xml"/></Relationships>'
    slides = f'<Relationships xmlns="{RELATIONS}"><Relationship Id="s" Type="{OFFICE}/slide" Target="slide.xml"/></Relationships>'
    main = f'<p:presentation xmlns:p="p" xmlns:r="{OFFICE}"><p:sldIdLst><p:sldId id="256" r:id="s"/></p:sldIdLst></p:presentation>'
    slide = f'<p:sld xmlns:p="p" xmlns:a="a"><p:cSld><p:spTree>{"".join(shapes)}</p:spTree></p:cSld></p:sld>'
    parts = {"_rels/.rels": root, "ppt/presentation.xml": main, "ppt/_rels/presentation.xml.rels": slides, "ppt/slide.xml": slide}
    return archive({**parts, "ppt/_rels/slide.xml.rels": RELATED, **more})


def paragraph(text: str, properties: str = "") -> str:
    return f"<a:p><a:pPr{properties}</a:pPr><a:r><a:t>{text}</a:t></a:r></a:p>"


def shape(text: str, top: int, left: int = 0, properties: str = ">") -> str:
    frame = f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="100" cy="100"/></a:xfrm></p:spPr>'
    return f"<p:sp>{frame}<p:txBody>{text if text.startswith('<') else paragraph(text, properties)}</p:txBody></p:sp>"


@pytest.mark.parametrize(
    ("part", "labels"), [(CHART_PART, ["a", "b", "c"]), (LEVELS_PART, ["X a", "X b", "X c"])], ids=["labels", "labels in levels"]
)
def test_a_point_without_a_value_leaves_the_others_at_their_place(part: str, labels: list[str], convert: Convert) -> None:
    table = make.table([["", "Tons"], *([label, value] for label, value in zip(labels, ("1", "", "3"), strict=True))])
    assert plain(convert(deck(f"<p:graphicFrame>{CHART}</p:graphicFrame>", **{"ppt/chart.xml": part}))) == [table]
    word = docx(f"<w:p><w:r><w:drawing>{CHART}</w:drawing></w:r></w:p>", **{"word/_rels/document.xml.rels": RELATED, "word/chart.xml": part})
    assert plain(convert(word)) == [table]


def test_a_diagram_is_a_list(convert: Convert) -> None:
    items = make.bullets([Item("first"), Item("deeper", 1), Item("second")])
    assert plain(convert(deck(f"<p:graphicFrame>{DIAGRAM}</p:graphicFrame>", **{"ppt/data.xml": DIAGRAM_PART}))) == [items]
    word = docx(f"<w:p><w:r><w:drawing>{DIAGRAM}</w:drawing></w:r></w:p>", **{"word/_rels/document.xml.rels": RELATED, "word/data.xml": DIAGRAM_PART})
    assert plain(convert(word)) == [items]


def test_items_of_slides_are_numbered_as_readers_see_them(convert: Convert) -> None:
    def number(text: str, form: str = "arabicPeriod", level: int = 0, more: str = "") -> str:
        return paragraph(text, f' lvl="{level}"><a:buAutoNum type="{form}"{more}/>')

    parts = [
        *(number("one"), number("p", "alphaLcParenR", 1), number("q", "alphaLcParenR", 1), number("two"), number("r", "alphaLcParenR", 1)),
        *(paragraph("bullet", '><a:buChar char="•"/>'), number("four", "romanUcPeriod", 0, ' startAt="4"'), number("B", "alphaUcParenBoth", 1)),
    ]
    assert plain(convert(deck(shape("".join(parts), 0)))) == [
        make.bullets(
            [
                *(Item("one", 0, "1."), Item("a) p", 1), Item("b) q", 1), Item("two", 0, "2."), Item("a) r", 1)),
                *(Item("bullet"), Item("IV. four"), Item("(A) B", 1)),
            ]
        )
    ]


def test_shapes_in_groups_are_read_where_they_are_seen(convert: Convert) -> None:
    point = 12_700
    place = f'<a:off x="0" y="{300 * point}"/><a:ext cx="{100 * point}" cy="{100 * point}"/><a:chOff x="0" y="0"/><a:chExt cx="1000" cy="1000"/>'
    group = f"<p:grpSp><p:grpSpPr><a:xfrm>{place}</a:xfrm></p:grpSpPr>{shape('fourth', 900)}{shape('third', 0)}</p:grpSp>"
    document = convert(deck(shape("second", 200 * point), group, shape("first", 100 * point)))
    assert [block.text for block in document.blocks] == ["first", "second", "third", "fourth"]
    assert document.blocks[2].place.box == (0.0, 300.0, 10.0, 310.0)


def book(fill: Callable[[Any], None]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    made = openpyxl.Workbook()
    made.active.title = "Ships"
    fill(made.active)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def test_cells_that_stand_alone_are_text(convert: Convert) -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"], sheet["A3"], sheet["C9"] = "One note.", "Another.", "A third."

    notes = [make.paragraph(text) for text in ("One note.", "Another.", "A third.")]
    assert plain(convert(book(fill))) == [make.heading("Ships"), *notes]


def test_a_wide_table_keeps_all_of_its_columns(convert: Convert) -> None:
    document = convert(book(lambda sheet: [sheet.append([f"{row} {column}" for column in range(700)]) for row in "ab"]))
    assert document.blocks[1].rows[1][699] == "b 699"


def test_cells_are_as_readers_see_them(convert: Convert) -> None:
    def fill(sheet: Any) -> None:
        sheet.append([1067, datetime.timedelta(hours=30, seconds=5), "a_x000D_b", 0.1 + 0.2])
        sheet["A1"].number_format = "00000"
        sheet.append(["x"] * 4)

    assert convert(book(fill)).blocks[1].rows[0] == ("01067", "30:00:05", "a\nb", "0.3")


def test_formulas_that_nobody_has_calculated_are_told(convert: Convert, whole_pages: Documents) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["Tons", 5, "=B1*2"])
        sheet.append(["Crew", 3, "=B2*2"])

    told = "2 formulas have no value in the file: calculate it in a spreadsheet program, and save it"
    assert convert(book(fill)).notes == (told,)
    empty = whole_pages.convert(Source("a.xlsx", book(lambda sheet: [sheet.append(["=1+1"]), sheet.append(["=2+2"])])))
    assert isinstance(empty, NotConverted)
    assert (empty.cause, empty.message) == ("empty", told)

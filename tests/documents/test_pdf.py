"""Born-digital PDFs: all of their text, in the order in which people read it, in blocks that are what they look like."""

from __future__ import annotations

import io

import pytest

from benchmarks.documents import order, recall
from operators.document_model.markdown_writing import markdown_of
from tests.documents.conftest import Convert
from tests.documents.made_pdfs import WORDS, hyphenated, made_pdfs, notes_and_formulas, paragraphs, prose, table

MADE = made_pdfs()


@pytest.mark.parametrize("name", MADE)
def test_all_of_the_text_is_there_in_the_order_of_reading(name: str, convert: Convert) -> None:
    content, known = MADE[name]
    text = markdown_of(convert(content).blocks)
    assert recall(known, text) >= 0.98
    assert order(known, text) >= 0.98


def test_running_heads_footers_and_page_numbers_are_left_out(convert: Convert) -> None:
    document = convert(prose(2, pages=6, head="Journal of meadows", seed=5)[0])
    text = markdown_of(document.blocks)
    assert document.pages is not None
    assert document.pages > 3
    assert "Journal of meadows" not in text
    assert "Volume" not in text
    assert "Page 2" not in text


def test_headings_have_levels_and_paragraphs_are_whole(convert: Convert) -> None:
    document = convert(prose(1, seed=1)[0])
    headings = [block for block in document.blocks if block.kind == "heading"]
    assert [block.text for block in headings] == [f"{number // 4 + 1} About {WORDS[number]}" for number in (0, 4, 8)]
    assert {block.level for block in headings} == {1}
    assert [block.text for block in document.blocks if block.kind == "paragraph"] == paragraphs(1, 9)


def test_a_paragraph_that_goes_on_in_the_next_column_is_one(convert: Convert) -> None:
    document = convert(prose(2, pages=2, seed=2)[0])
    assert [block.text for block in document.blocks if block.kind == "paragraph"] == paragraphs(2, 18)


@pytest.mark.parametrize("ruled", [True, False], ids=["with lines", "without lines"])
def test_a_table_keeps_its_cells_with_and_without_lines(ruled: bool, convert: Convert) -> None:
    tables = [block for block in convert(table(ruled)[0]).blocks if block.kind == "table"]
    assert len(tables) == 1
    assert tables[0].rows[0] == ("Town", "People", "Ships", "Founded")
    assert tables[0].rows[3] == (WORDS[2].capitalize(), "2946", "7", "1722")
    assert len(tables[0].rows) == 9


def test_notes_at_the_foot_are_footnotes_and_raised_numbers_stay_raised(convert: Convert) -> None:
    document = convert(notes_and_formulas()[0])
    notes = [(block.label, block.text) for block in document.blocks if block.kind == "footnote"]
    assert notes == [("1", "Counted in the harbour by hand."), ("2", "See the letter of the captain.")]
    text = markdown_of(document.blocks)
    assert "¹" in text
    assert "²" in text


def test_divided_words_are_whole_again(convert: Convert) -> None:
    content, known = hyphenated()
    assert markdown_of(convert(content).blocks).split() == known.split()


def test_boxes_are_on_the_page_as_it_is_seen(convert: Convert) -> None:
    upright, turned = convert(prose(1, seed=6)[0]), convert(prose(1, rotation=90, seed=6)[0])
    for document, width, height in ((upright, 595, 842), (turned, 842, 595)):
        for block in document.blocks:
            left, top, right, bottom = block.place.box or (0, 0, 0, 0)
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            assert block.place.page == 1
    assert [block.text for block in upright.blocks] == [block.text for block in turned.blocks]
    first, last = upright.blocks[0].place.box, upright.blocks[-1].place.box
    assert first is not None
    assert last is not None
    assert first[1] < last[1], "the first block stands above the last"


def test_letters_before_choices_and_initials_are_text(convert: Convert) -> None:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for at, line in enumerate(["1. Which is it?", "(A) Paris", "(B) Rome", "2) Or else?", "a. Oslo", "(iv) Bern", "(3) Bonn", "A. Smith said so."]):
        canvas.drawString(72, 760 - 14 * at, line)
    canvas.save()
    assert markdown_of(convert(buffer.getvalue()).blocks) == (
        "1. Which is it?\n- (A) Paris\n- (B) Rome\n2) Or else?\n- a. Oslo\n- (iv) Bern\n3) Bonn\n- A. Smith said so."
    )


def test_what_is_filled_into_a_form_is_text(convert: Convert) -> None:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for at, (name, value) in enumerate((("Name", "Ada Lovelace"), ("Town", "London"), ("Left", ""))):
        canvas.drawString(72, 700 - 40 * at, f"{name}:")
        canvas.acroForm.textfield(name=name, value=value, x=120, y=695 - 40 * at, width=200, height=20)
    canvas.save()
    text = markdown_of(convert(buffer.getvalue()).blocks)
    assert text.split() == "Name: Ada Lovelace Town: London Left:".split()

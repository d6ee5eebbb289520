"""Lists: their items have the numbers and letters that readers see. And what else hangs on the paragraphs of Word files and pages."""

from __future__ import annotations

import pytest

from operators.document_model import blocks as make
from operators.document_model.blocks import Item
from resources.documents.converters.ordinals import shown
from tests.documents.conftest import Convert
from tests.documents.hostile import OFFICE, WORD, docx, word_paragraph
from tests.documents.test_formats import plain

PAGE = """<!doctype html><p>Which?</p><ol type="A"><li>Paris<li>Rome</ol><ol reversed><li>x<ol type="i"><li>a<li>b</ol><li>y</ol>
<ol start="3"><li>c<li value="7">g</ol>
<table><caption><p>Choices</p><p>of two</p></caption><tr><td>1<td><ol type="a"><li>p<li>q</ol><tr><td>2<td>r</table>"""


def test_the_numbers_of_items_are_as_readers_see_them(convert: Convert) -> None:
    assert plain(convert(PAGE)) == [
        make.paragraph("Which?"),
        make.bullets([Item("A. Paris"), Item("B. Rome")]),
        make.bullets([Item("x", 0, "2."), Item("i. a", 1), Item("ii. b", 1), Item("y", 0, "1.")]),
        make.bullets([Item("c", 0, "3."), Item("g", 0, "7.")]),
        make.caption("Choices\nof two"),
        make.table([["1", "a. p\nb. q"], ["2", "r"]], header=False),
    ]


def test_what_readers_see_apart_is_apart(convert: Convert) -> None:
    page = "<!doctype html><p><ruby>漢<rp>[</rp><rt>かん</rt><rp>]</rp></ruby> <del>old</del><ins>new</ins> <q>so&shy;ft</q> <a>Home</a><a>About</a>"
    assert plain(convert(page)) == [make.paragraph('漢(かん) old new "soft" Home About')]


def test_restructured_text_keeps_the_letters_of_its_items(convert: Convert) -> None:
    text = "Which?\n\n.. note::\n\n   Choose.\n\na. Paris\nb. Rome\n\n(1) one\n(2) two\n\nA. Smith said so.\n"
    assert plain(convert(text, "a.rst"))[2:] == [
        make.bullets([Item("a. Paris"), Item("b. Rome"), Item("one", 0, "1)"), Item("two", 0, "2)"), Item("A. Smith said so.")])
    ]


LISTS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
    for level, form, text in ((0, "upperLetter", "%1."), (1, "lowerRoman", "(%2)"))
)
NUMBERING = (
    f'<w:numbering xmlns:w="{WORD}"><w:abstractNum w:abstractNumId="1">{LISTS}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
)


def test_the_numbers_of_a_word_file_are_as_readers_see_them(convert: Convert) -> None:
    def item(text: str, number: int, level: int = 0) -> str:
        properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"

    cell = f"<w:tbl><w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr><w:tc>{item('Bern', 3)}</w:tc></w:tr></w:tbl>"
    body = item("Paris", 1) + item("deep", 1, 1) + item("Rome", 1) + item("Oslo", 2) + item("Bonn", 3) + cell
    relations = f'<Relationships><Relationship Id="n" Type="{OFFICE}/numbering" Target="numbering.xml"/></Relationships>'
    document = convert(docx(body, **{"word/numbering.xml": NUMBERING, "word/_rels/document.xml.rels": relations}))
    assert plain(document) == [
        make.bullets([Item("A. Paris"), Item("(i) deep", 1), Item("B. Rome"), Item("A. Oslo"), Item("B. Bonn")]),
        make.table([["", "C. Bern"]], header=False),
    ]


def test_boxes_pictures_ruby_and_symbols_of_a_word_file_are_read_once(convert: Convert) -> None:
    box = f"<w:txbxContent>{word_paragraph('boxed')}</w:txbxContent>"
    seen, other = f"<w:drawing>{box}</w:drawing>", f"<w:pict>{box}</w:pict>"
    boxes = f"<w:r><x:AlternateContent xmlns:x='x'><x:Choice>{seen}</x:Choice><x:Fallback>{other}</x:Fallback></x:AlternateContent></w:r>"
    picture = '<w:r><w:drawing><a:blip xmlns:a="a" r:embed="p"/></w:drawing></w:r>'
    ruby = "<w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    signs = "".join(f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>' for font, code in (("Symbol", "F061"), ("Wingdings", "F0FE")))
    signs += '<w:r><w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr><w:t>\uf062</w:t></w:r><w:r><w:ptab/></w:r><w:r><w:t>end</w:t></w:r>'
    cell = f"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r>{boxes}{picture}</w:p></w:tc></w:tr></w:tbl>"
    relations = f'<Relationships><Relationship Id="p" Type="{OFFICE}/image" Target="media/p.png"/></Relationships>'
    document = convert(docx(f"<w:p>{ruby}</w:p><w:p>{signs}</w:p>{cell}", **{"word/_rels/document.xml.rels": relations}))
    assert plain(document) == [
        make.paragraph("漢(かん)"),
        make.paragraph("α☑β\tend"),
        make.table([["cell\nboxed"]], header=False),
        make.figure("", "word/media/p.png"),
    ]


FORMS = [("a", "a z aa ab"), ("A", "A Z AA AB"), ("i", "i xxvi xxvii xxviii"), ("1", "1 26 27 28"), ("01", "01 26 27 28")]


@pytest.mark.parametrize(("form", "numbers"), FORMS)
def test_numbers_in_the_forms_of_lists(form: str, numbers: str) -> None:
    assert [shown(number, form) for number in (1, 26, 27, 28)] == numbers.split()
    assert shown(0, form) in ("0", "00")

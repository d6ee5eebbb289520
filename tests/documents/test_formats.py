"""What is read of each format: its parts as such, and nothing that is not in it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from operators.document_model import blocks as make
from operators.document_model.blocks import NOWHERE, Block, Item
from operators.document_model.document import Document
from operators.document_model.markdown_writing import markdown_of
from tests.documents.conftest import Convert
from tests.documents.hostile import OFFICE, WORD, docx, epub, word_paragraph

PAGE = """<!doctype html><html><head><title>Of harbours</title><style>p {color: red}</style></head><body>
<h1>Harbours</h1><p>A <b>small</b> harbour with <code>5</code> ships and 10<sup>6</sup> birds, H<sub>2</sub>O.</p>
<ul><li>one<ul><li>deeper</li></ul></li><li>two</li></ul><ol start="3"><li>third</li><li>fourth</li></ol>
<table><caption>Ships</caption><tr><th>Name</th><th>Tons</th></tr><tr><td rowspan="2">Ada</td><td>5</td></tr><tr><td>6 | 7</td></tr></table>
<pre><code class="language-python">if x:
    y()</code></pre><blockquote><p>Said so.</p></blockquote><figure><img src="a.png" alt="A ship"><figcaption>The ship.</figcaption></figure>
<p>Area <math><semantics><mi>a</mi><annotation encoding="application/x-tex">a^2</annotation></semantics></math>.</p>
<script>evil()</script><p hidden>unseen</p><dl><dt>Term</dt><dd>Meaning</dd></dl></body></html>"""


def plain(document: Document) -> list[Block]:
    return [block.at(NOWHERE) for block in document.blocks]


def test_a_web_page_becomes_its_blocks(convert: Convert) -> None:
    document = convert(PAGE)
    assert document.title == "Of harbours"
    assert plain(document) == [
        make.heading("Harbours", 1),
        make.paragraph("A **small** harbour with `5` ships and 10⁶ birds, H₂O."),
        make.bullets([Item("one"), Item("deeper", 1), Item("two")]),
        make.bullets([Item("third", 0, "3."), Item("fourth", 0, "4.")]),
        make.caption("Ships"),
        make.table([["Name", "Tons"], ["Ada", "5"], ["", "6 | 7"]]),
        make.code("if x:\n    y()", "python"),
        make.paragraph("> Said so."),
        make.figure("A ship", "a.png"),
        make.caption("The ship."),
        make.paragraph("Area $a^2$."),
        make.bullets([Item("Term\nMeaning")]),
    ]


def test_tables_that_lay_out_a_page_are_no_tables(convert: Convert) -> None:
    page = "<!doctype html><table><tr><td><h2>Menu</h2><p>First.</p></td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>"
    assert plain(convert(page)) == [make.heading("Menu", 2), make.paragraph("First."), make.table([["a", "b"]], header=False)]


RST = """
=======
Harbour
=======

A paragraph with ``code``, *stress*, :math:`a^2` and a `link <http://x.org>`_, see :ref:`others <o>`.

Ships
-----

.. toctree::

   hidden

.. note::

   Mind the tide.

Example::

    if x:
        y()

.. code-block:: python

   z = 1

#. first
#. second

   - deeper

+------+-----+
| Name | Age |
+======+=====+
| Ada  | 36  |
+------+-----+

=====  ====
Name   Tons
=====  ====
Ada    5
=====  ====

.. math:: E = mc^2

.. figure:: ship.png
   :alt: A ship

   The ship.

.. [1] A note.

.. a comment
"""


def test_restructured_text_becomes_its_blocks(convert: Convert) -> None:
    document = convert(RST, "a.rst")
    assert plain(document) == [
        make.heading("Harbour", 1),
        make.paragraph("A paragraph with `code`, *stress*, $a^2$ and a [link](http://x.org), see others."),
        make.heading("Ships", 2),
        make.paragraph("Mind the tide."),
        make.paragraph("Example:"),
        make.code("if x:\n    y()"),
        make.code("z = 1", "python"),
        make.bullets([Item("first", 0, "1."), Item("second", 0, "2."), Item("deeper", 1)]),
        make.table([["Name", "Age"], ["Ada", "36"]]),
        make.table([["Name", "Tons"], ["Ada", "5"]]),
        make.formula("E = mc^2"),
        make.figure("A ship", "ship.png"),
        make.caption("The ship."),
        make.footnote("1", "A note."),
    ]


XHTML = """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="a.js"/><style/></head>
<body><p>The <a id="p1"/>first <i/>chapter, <![CDATA[a < b & c]]>.</p><textarea/><p>The end.</p></body></html>"""


@pytest.mark.parametrize("whole", [lambda: epub(XHTML), lambda: XHTML], ids=["book", "page"])
def test_an_empty_element_of_xhtml_ends_at_once(whole: Any, convert: Convert) -> None:
    assert [block.text for block in convert(whole()).blocks][:2] == ["The first chapter, a < b & c.", "The end."]


def test_a_book_is_read_in_the_order_of_its_spine_and_each_block_names_its_chapter(convert: Convert) -> None:
    document = convert(epub("<html><body><h1>One</h1><p>The first chapter.</p></body></html>"))
    assert [(block.text, block.place.source) for block in document.blocks] == [
        ("One", "c.xhtml"),
        ("The first chapter.", "c.xhtml"),
        ("The last chapter.", "d.xhtml"),
    ]


def test_a_word_file_with_what_python_docx_does_not_show(convert: Convert) -> None:
    formula = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    body = (
        '<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>Harbours</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>Ships </w:t></w:r><w:del><w:r><w:delText>sank</w:delText></w:r></w:del>"
        '<w:ins><w:r><w:t>sail</w:t></w:r></w:ins><w:r><w:rPr><w:b/></w:rPr><w:t> far</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
        f"<w:sdt><w:sdtContent>{word_paragraph('In a control.')}</w:sdtContent></w:sdt>"
        f"<w:p><w:r><w:pict><w:txbxContent>{word_paragraph('In a box.')}</w:txbxContent></w:pict></w:r></w:p>"
        f"<w:p><m:oMath {formula}><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>β</m:t></m:r></m:den></m:f></m:oMath></w:p>"
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + word_paragraph("Wide") + "</w:tc></w:tr><w:tr><w:tc>" + word_paragraph("a")
        + "</w:tc><w:tc>" + word_paragraph("b") + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    notes = f'<w:footnotes xmlns:w="{WORD}"><w:footnote w:id="2">{word_paragraph("A note.")}</w:footnote></w:footnotes>'
    relations = f'<Relationships><Relationship Id="n" Type="{OFFICE}/footnotes" Target="footnotes.xml"/></Relationships>'
    document = convert(docx(body, **{"word/footnotes.xml": notes, "word/_rels/document.xml.rels": relations}))
    assert plain(document) == [
        make.heading("Harbours", 2),
        make.paragraph("Ships sail **far**[^2]"),
        make.paragraph("In a control."),
        make.paragraph("In a box."),
        make.formula(r"\frac{a}{\beta }"),
        make.table([["Wide", ""], ["a", "b"]], header=False),
        make.footnote("2", "A note."),
    ]


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_word_file_of_python_docx(convert: Convert) -> None:
    docx_package = pytest.importorskip("docx")
    file = docx_package.Document()
    file.core_properties.title = "Of harbours"
    file.add_heading("Harbours", 1)
    for text in ("one", "two"):
        file.add_paragraph(text, style="List Bullet")
    file.add_paragraph("first", style="List Number")
    file.add_paragraph("A picture.", style="Caption")
    document = convert(saved(file))
    assert document.title == "Of harbours"
    assert plain(document) == [
        make.heading("Harbours", 1),
        make.bullets([Item("one"), Item("two"), Item("first", 0, "1.")]),
        make.caption("A picture."),
    ]


def test_slides_with_their_titles_lists_tables_and_notes(convert: Convert) -> None:
    pptx_package = pytest.importorskip("pptx")
    deck = pptx_package.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Harbours"
    slide.placeholders[1].text = "small\nlarge"
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    size = 914_400
    cells = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_table(2, 2, size, size, size, size).table
    for place, text in enumerate(("Name", "Tons", "Ada", "5")):
        cells.cell(place // 2, place % 2).text = text
    document = convert(saved(deck))
    assert document.pages == 2
    assert [(block.at(NOWHERE), block.place.page) for block in document.blocks] == [
        (make.heading("Harbours", 1), 1),
        (make.bullets([Item("small"), Item("large")]), 1),
        (make.paragraph("Say it slowly."), 1),
        (make.table([["Name", "Tons"], ["Ada", "5"]]), 2),
    ]


def test_sheets_with_tables_apart_and_values_as_they_are_seen(convert: Convert) -> None:
    import datetime

    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Ships"
    rows = [["Name", "Built", "Tons"], ["Ada", datetime.datetime(1990, 5, 1), 5.0], ["Grace", datetime.datetime(2001, 2, 3), 1.25]]
    for row in [*rows, [], [], ["Town"], ["Kiel"]]:
        sheet.append(row)
    document = convert(saved(book))
    assert [(block.at(NOWHERE), block.place.source) for block in document.blocks] == [
        (make.heading("Ships", 1), "Ships"),
        (make.table([["Name", "Built", "Tons"], ["Ada", "1990-05-01", "5"], ["Grace", "2001-02-03", "1.25"]]), "Ships"),
        (make.table([["Town"], ["Kiel"]]), "Ships"),
    ]


TABLES = """T
=

.. csv-table:: Ships
   :header: "Name", "Tons"

   "Ada", "1, 5"
   Grace, 2

.. list-table::
   :header-rows: 1

   * - Name
     - Crew
   * - Ada
     - ``5``
       and more
   * - Grace
     -

A. Smith wrote
this paragraph.
"""


def test_tables_of_restructured_text_in_csv_and_lists(convert: Convert) -> None:
    assert plain(convert(TABLES, "a.rst"))[1:] == [
        make.caption("Ships"),
        make.table([["Name", "Tons"], ["Ada", "1, 5"], ["Grace", "2"]]),
        make.table([["Name", "Crew"], ["Ada", "`5`\nand more"], ["Grace", ""]]),
        make.paragraph("A. Smith wrote\nthis paragraph."),
    ]


XML = '<?xml version="1.0" encoding="utf-8"?>'


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<people><b>Ada</b><age>30</age><b>Bo</b><age>4</age></people>", "Ada|30|Bo|4"),
        ("<rss><title>A</title><link>x</link><d><![CDATA[<p>One.</p><p>Two.</p>]]></d></rss>", "A|x|One.|Two."),
        ('<!DOCTYPE a PUBLIC "b" "c"><a><sec><title>T</title><p>Some <b>H<sub>2</sub></b>O<x/>.</p></sec></a>', "T|Some **H₂**O."),
        ("<a>one&nbsp;<b>two</b></a>", "one **two**"),
    ],
    ids=["records", "feed", "article", "broken"],
)
def test_elements_of_xml_stand_apart_unless_they_stand_in_a_line(source: str, texts: str, convert: Convert) -> None:
    assert [block.text.replace("\xa0", " ") for block in convert(XML + source).blocks] == texts.split("|")


def test_a_table_of_xml_is_one(convert: Convert) -> None:
    document = convert(f"{XML}<a><table><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table></a>")
    assert plain(document) == [make.table([["1", "2"], ["3", "4"]], header=False)]


ENCODED = {
    "utf-8-sig": "Prêt à lire",
    "utf-16": "Prêt à lire",
    "utf-16-be": "A harbour in UTF-16",
    "cp1252": "Der Hafen ist schön, “sagt” man – und die Brücke auch.",
    "cp1250": "Zażółć gęślą jaźń, mówi się w Polsce.",
    "cp1254": "İstanbul'da yağmur yağıyor, çocuklar şarkı söylüyor.",
    "iso8859-2": "Město leží u řeky a lidé chodí na trh.",
    "cp932": "①第一章　㈱港湾　港の朝は早く、船は六時に出ていきます。",
    "shift_jis": "名前,年齢\n港の朝は早く、船は六時に出ていきます。",
    "euc_jp": "港の朝は早く、船は六時に出ていきます。駅の時計は遅れている。",
    "gb18030": "城市在河边慢慢长大，人们每天早上去市场买菜。",
    "big5": "城市在河邊慢慢長大，人們每天早上去市場買菜。",
    "euc_kr": "강가의 시장은 아침 일찍 문을 엽니다.",
    "cp1251": "Город стоит на реке, и каждое утро люди идут на рынок за хлебом и рыбой.",
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_text_of_any_encoding(encoding: str, convert: Convert) -> None:
    assert markdown_of(convert(ENCODED[encoding].encode(encoding)).blocks) == ENCODED[encoding]


@pytest.mark.parametrize("text", ["Mañana compraré piñas en España.", "Não há pão.", "Ce n’est pas « là ».", "På en ö låg en båt.", "5 °C ± 2 µm"])
def test_western_text_of_one_byte_a_character(text: str, convert: Convert) -> None:
    assert markdown_of(convert(text.encode("cp1252")).blocks) == text


def test_a_declared_encoding_is_what_browsers_take_it_for(convert: Convert) -> None:
    page = '<!doctype html><meta charset="shift_jis"><p>' + "A harbour " * 1000 + "①㈱</p>"
    assert "①㈱" in convert(page.encode("cp932")).blocks[0].text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Größe – schöne Äpfel. " * 20, " Mehr schöne Wörter."),
        ("港の朝は早く、", "船は六時に出ていきます。"),
        ('<!doctype html><meta charset="utf-8"><p>A harbour – with a', "b</p>"),
    ],
    ids=["German", "Japanese", "declared"],
)
def test_a_byte_that_is_not_utf8_changes_no_other_character(before: str, after: str, convert: Convert) -> None:
    read = markdown_of(convert(before.encode() + b"\xff" + after.encode()).blocks)
    assert read == markdown_of(convert(f"{before}\ufffd{after}").blocks)


def test_plain_text_keeps_its_paragraphs_and_the_shape_of_what_has_one(convert: Convert) -> None:
    text = "A paragraph\nof two lines.\n\nName      Tons\nAda       5\nGrace     12\n\nif x:\n    y()\n"
    assert plain(convert(text)) == [
        make.paragraph("A paragraph\nof two lines."),
        make.code("Name      Tons\nAda       5\nGrace     12"),
        make.code("if x:\n    y()"),
    ]


def test_the_bytes_decide_and_not_the_name(convert: Convert) -> None:
    assert convert(PAGE, "page.pdf").kind == "html"
    assert convert("# Title\n\nSee [here](https://x.org).", "a.docx").kind == "markdown"
    assert convert(RST, "a.txt").kind == "rst"
    assert convert("a;b\n1;2\n", "a.csv").kind == "csv"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("name;tons\nAda;5\n", [["name", "tons"], ["Ada", "5"]]),
        ("a;b\n1,5;2,5\n3,5;4\n", [["a", "b"], ["1,5", "2,5"], ["3,5", "4"]]),
        ("id,note\n1,'a b'\n2,'c'\n", [["id", "note"], ["1", "'a b'"], ["2", "'c'"]]),
        ('a,b\n1,"open\n2,3\n', [["a", "b"], ["1", '"open'], ["2", "3"]]),
        ('a\tb\n5" pipe\t"x\n"y" z\t1\n', [["a", "b"], ['5" pipe', '"x'], ['"y" z', "1"]]),
        ('sep=;\na;b\n"1\n2";"say ""hi"""\n', [["a", "b"], ["1\n2", 'say "hi"']]),
        (f"a,b\n{'x' * 200_000},1\n", [["a", "b"], ["x" * 200_000, "1"]]),
    ],
    ids=["semicolons", "decimal commas", "apostrophes", "open quote", "quotes in text", "sep=", "long cell"],
)
def test_a_csv_is_a_table_whatever_parts_its_cells(text: str, rows: list[list[str]], convert: Convert) -> None:
    assert plain(convert(text, "a.csv")) == [make.table(rows)]


def test_front_matter_is_no_text(convert: Convert) -> None:
    document = convert("---\ntitle: Of harbours\ntags: [a]\n---\n\n# One\n\nText.", "a.md")
    assert document.title == "Of harbours"
    assert plain(document) == [make.heading("One"), make.paragraph("Text.")]

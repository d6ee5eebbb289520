"""Lists, tables, paragraphs and code of web pages keep their places; which unknown elements of a fragment are markup."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.text.cleaning.html_text import HtmlToText, html_to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<ul><li><p>One.</p></li>\n<li><div><p>Two.</p><p>More.</p></div></li></ul>", "- One.\n\n- Two.\n\nMore."),
        ("<ul>\n<li>\n  one\n</li>\n<li>\n</li><li><img src='a'></li></ul><p>After.</p>", "- one\n\nAfter."),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ul><li><ul><li>only</li></ul></li></ul>", "- only"),
        ("<ol start='3'><li>c</li><li value='7'>g</li><li>h</li></ol>", "3. c\n7. g\n8. h"),
        ("<ol reversed><li>b</li><li>a</li></ol><ol type='a'><li>x</li></ol><ol type='i'><li>y</li></ol>", "2. b\n1. a\n\na. x\n\n- y"),
        ("<dl><dt>Bow</dt><dd><p>The front.</p></dd><dt>Stern</dt><dd>The back.</dd></dl>", "Bow\nThe front.\n\nStern\nThe back."),
    ],
)
def test_items_keep_their_marks(source: str, text: str) -> None:
    assert html_to_text(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("One.<br><br>Two.<br>Three.", "One.\n\nTwo.\nThree."),
        ("<p>One.<br/>\n<br/>\nTwo.<br></p><p>Three.</p>", "One.\n\nTwo.\n\nThree."),
        ("<ul><li>a<br></li><li>b</li></ul>", "- a\n- b"),
        ("<pre>a<br><br>b</pre>", "```\na\n\nb\n```"),
    ],
)
def test_two_breaks_are_a_paragraph_and_one_is_a_line(source: str, text: str) -> None:
    assert html_to_text(source) == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("<tr><th></th><th>2020</th></tr><tr><td>Oslo</td><td>5</td></tr>", "\t2020\nOslo\t5"),
        ("<tr><td>a</td><td></td><td>c</td></tr>", "a\t\tc"),
        ("<tr><th colspan='2'>Name</th><th>Age</th></tr><tr><td>A</td><td>B</td><td>9</td></tr>", "Name\t\tAge\nA\tB\t9"),
        ("<tr><td><p>a</p></td> <td><p>b</p></td></tr> <tr><td><p>1</p></td> <td><p>2</p></td></tr>", "a\tb\n1\t2"),
        ("<tr><td>&nbsp;</td><td>Dear Ann,</td><td></td></tr><tr><td></td><td>it is sent.</td></tr>", "Dear Ann,\nit is sent."),
        ("<tr><td><p>a</p><p>b</p></td><td>c</td></tr>", "a\n\nb\n\nc"),
    ],
)
def test_cells_stand_in_their_columns_and_tables_that_lay_out_a_page_have_none(rows: str, text: str) -> None:
    assert html_to_text(f"<table>{rows}</table>") == html_to_text(f"<html><table>{rows}</table></html>") == html_to_text(rows) == text


def test_code_keeps_its_indentation_and_its_lines() -> None:
    assert html_to_text("<pre>    a\n  b</pre>") == "```\n    a\n  b\n```"
    assert html_to_text("<pre><div>if a:</div><div>    b</div></pre>") == "```\nif a:\n    b\n```"
    assert html_to_text("<pre><ol><li>a</li><li>  b</li></ol></pre>") == "```\na\n  b\n```"


def test_what_is_seen_apart_is_not_joined() -> None:
    assert html_to_text("<p>costs <del>100</del><ins>200</ins></p>") == "costs 100 200"
    assert html_to_text("<button>Share</button><button>Save</button>") == "Share Save"
    assert html_to_text("<ruby>東京<rt>tōkyō</rt></ruby>, <ruby>行<rp>(</rp><rt>i</rt><rp>)</rp></ruby>") == "東京(tōkyō), 行(i)"
    assert html_to_text("<p>She said <q>yes</q>.</p>") == 'She said "yes".'


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Good day<o:p></o:p></p>", "Good day"),
        ("<p>In <st1:City w:st='on'>Bergen</st1:City> <o:p/></p>", "In Bergen"),
        ("<?xml:namespace prefix = o /><p><![if !supportLists]>1.<![endif]> Sail</p>", "1. Sail"),
        ("<amp-list width='3'><p>One</p></amp-list>", "One"),
        ("<div>a <sea-map>b</sea-map></div>", "a b"),
        ("Half is <math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>.", "Half is 1/2."),
        ("<p>a <nobr>b</nobr></p><noscript><img src='x'></noscript>", "a b"),
    ],
)
def test_elements_of_mail_programs_frameworks_and_mathml_are_markup_beside_html(source: str, text: str) -> None:
    assert html_to_text(source) == text


@pytest.mark.parametrize(
    "text",
    [
        "<soap:Envelope><soap:Body>x</soap:Body></soap:Envelope>",
        "<sea-map><sea-route></sea-route></sea-map>",
        "The <sea-map> element closes with </sea-map>.",
        "In a wiki, <math>\\frac{1}{2}</math> is a half.",
        "List<String> a; std::vector<std::string> b; Map<K, V> c;",
        "Mail <mailto:ann@a.example> or see <https://a.example>.",
        "function A() { return <sea-map><p>x</p></sea-map>; }",
        "The tags <math> and <mfrac> write fractions.",
    ],
)
def test_other_languages_of_tags_and_sentences_about_them_stay(text: str) -> None:
    assert html_to_text(text) == text


def test_tags_of_xml_that_holds_html_stay_beside_it() -> None:
    assert html_to_text("<item><note><p>Hi</p></note><dc:creator>Ann</dc:creator></item>").count("dc:creator") == 2
    assert "xsl:value-of" in html_to_text("<xsl:template match='a'><p><xsl:value-of select='.'/></p></xsl:template>")
    assert html_to_text("Replace <user-name> with <b>your</b> name.") == "Replace <user-name> with your name."


def test_empty_elements_of_xhtml_end_at_once_and_cdata_is_text() -> None:
    page = (
        "<?xml version='1.0'?><html><head><title/><script/></head><body><p>a <![CDATA[< b]]></p><script>x<![CDATA[y]]></script><p>c</p></body></html>"
    )
    assert html_to_text(page) == "a < b\n\nc"


@pytest.mark.parametrize("part", ['<a "', "<a /", "<![CDATA[", "<script>", "<a x='", "/>"])
def test_broken_xhtml_of_any_length_is_read_in_time(part: str) -> None:
    assert "harbour" in html_to_text(f"<?xml version='1.0'?><html><body><p>harbour</p>{part * 100_000}")


def test_links_beside_each_other_are_apart() -> None:
    assert html_to_text("<p><a href='a'>Home</a><a href='b'>About</a>, <a href='c'>no</a>w</p>") == "Home About, now"


@pytest.mark.parametrize(
    "text",
    [
        "usage: convert <input> <output>\nThe file is copied from <source> to <link>, or from <base>/files/<id>.",
        "Rename <b>this</b> with mv <source> <target>.",
    ],
)
def test_elements_that_do_nothing_without_attributes_are_placeholders(text: str) -> None:
    assert html_to_text(text) == text.replace("<b>", "").replace("</b>", "")


def test_such_elements_are_markup_with_attributes_and_with_their_ends() -> None:
    assert html_to_text("<p>Name: <input name='n'>, <input/>, <source>s</source></p>") == "Name: , , s"


def test_a_diff_of_a_page_keeps_its_tags() -> None:
    diff = "--- a/x.html\n+++ b/x.html\n@@ -1,3 +1,3 @@\n <div>\n-  <p>old</p>\n+  <p>new</p>\n </div>\n"
    assert html_to_text(diff) == diff
    assert html_to_text("<p>A diff:</p>\n@@ -1 +1 @@\n-a\n+b\n<p>That is all.</p>") == "A diff:\n\n@@ -1 +1 @@\n-a\n+b\n\nThat is all."


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("all<br>of them", "all of them"),
        ("<b>all</b><br/><br />of 10<sup>23</sup>", "all  of 10^23"),
        ("<ul><li>one</li><li>two</li></ul>", "  one  two  "),
        ("<p>one</p>", " one "),
        ("`<br>` breaks", "`<br>` breaks"),
    ],
)
def test_a_row_of_a_markdown_table_stays_one_row(cell: str, text: str) -> None:
    table = "| A | B |\n|---|---|\n| {} | x |\n\n<p>After it.</p>"
    assert html_to_text(table.format(cell)) == f"| A | B |\n|---|---|\n| {text} | x |\n\nAfter it."


@given(st.text(alphabet=" \t\n\r\v\f\x1f", max_size=5))
def test_white_space_of_any_length_is_one_space_and_a_space_that_does_not_break_stays(white: str) -> None:
    between = " " if white else ""
    assert html_to_text(f"<html><p>{white}a{white}<b>b</b>{white}\u00a0{white}</p>{white}<p>c</p>") == f"a{between}b{between}\u00a0\n\nc"


def test_lines_end_without_spaces_and_no_two_blank_ones_follow_each_other() -> None:
    assert html_to_text("<pre>a  \n\n\n \nb\t\n</pre>") == "```\na\n\nb\n```"
    assert html_to_text("<html><p> a<br> <br>\n<br>b <br> c </p> \n<pre></pre> <p>d </p>") == "a\n\nb\nc\n\nd"
    assert html_to_text("<html><table><tr><td>x </td><td>\u00a0</td></tr><tr><td>y</td></tr></table>") == "x\ny"
    assert html_to_text("<html><table><tr><td></td><td>x</td><td></td></tr><tr><td>y</td><td>z</td></tr></table>") == "\tx\ny\tz"


def test_what_a_word_processor_left_goes_where_it_stands_alone() -> None:
    assert html_to_text("Dear all,<?xml:namespace prefix = o /> hello") == "Dear all, hello"
    assert HtmlToText().refine_batch(pa.array(["Dear all,<?xml:namespace prefix = o /> hello"])).to_pylist() == ["Dear all, hello"]

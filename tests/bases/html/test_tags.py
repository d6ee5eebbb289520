"""What makes a text a program in which tags are written, which texts need not be looked at, and how long the search takes."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.bases.html.tags import POSSIBLE, is_document, markup_spans
from tests.growth import seconds, slowness

SIGNS = [
    "className=",
    "={",
    "=> (",
    "=>\n{",
    "=><",
    "{/*",
    "<MyPanel>",
    "</MyPanel ",
    "<aside><IconA/>",
    "<>",
    "</>",
    ">{a.b()}</",
    "> {a} </",
    "return <b",
    "return (\n  <b",
    "\n\n  return (",
    "\nimport a;",
    "\n#include x = 1",
    "\nclass A(",
    "a = '<b",
    'a += f"<b',
    "f( rb`\n</b",
    'echo "<b',
    "print '\n<b",
    'printf "</b',
    "puts 'a'; puts '<b",
    "// <b",
    "\n/// </b",
    "\n@@ -1,2 +1,2 @@\n a\n+  <b",
]
NO_SIGNS = [
    "theclassName =",
    "= {",
    "= >",
    "{ /*",
    "<MYPANEL>",
    "<Mypanel>",
    "<MyPanel",
    ">{{a}}</",
    "returns <b",
    "a return (",
    " import a;",
    "\nimported;",
    "\nimport a\n;",
    "a='<b",
    "a = abc'<b",
    "f '<b",
    "reecho '<b",
    "prints '<b",
    "http:// <b",
    "@@ -1\n+ a <b",
    "\n@@ -1\na\n+ <b",
]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_of_a_program_makes_tags_what_is_written_about(sign: str) -> None:
    assert markup_spans(f"<i>x</i> {sign}") == []
    assert markup_spans(f"{sign} <i>x</i>") == []
    assert markup_spans(f"<i>x</i> and\n```\n{sign}\n```\n")[:2] == [(0, 3), (4, 8)]


@pytest.mark.parametrize("text", NO_SIGNS)
def test_what_looks_like_a_sign_of_a_program_is_none(text: str) -> None:
    assert markup_spans(f"<i>x</i> {text}")[:2] == [(0, 3), (4, 8)]


MARKUP = "<b> </b> <B> <p <br/> <math> <mi> <x-y> <o:p> <html> <html <head <BODY <!doctype <!-- --> <![endif]> <![if <?xml:".split()
OTHERS = [
    "namespace x>",
    "<?xml version='1.0'?>",
    "<htmlé",
    "<body\u212a",
    "<\u017f>",
    "<String>",
    "<stdio.h>",
    "< b>",
    "a",
    "=",
    '"',
    " ",
    "\n",
    ">",
    "/>",
    "\0",
]


@given(st.lists(st.sampled_from([*MARKUP, *OTHERS])).map("".join))
def test_a_text_with_nothing_possible_in_it_is_no_document_and_has_no_markup(text: str) -> None:
    is_possible = pc.match_substring_regex(pa.array([text]), POSSIBLE)[0].as_py()
    assert is_possible or (not is_document(text) and markup_spans(text) == [])


@pytest.mark.parametrize(
    ("before", "piece"), [("<b>x</b>", "\n"), ("<b>x</b> <", "Aa"), ("", "<p>a"), ("<b>x</b>\n", "@@ -1\n+ a\n"), ("<b>x</b>", "a  ")]
)
def test_the_time_of_the_search_grows_with_the_length_of_the_text(before: str, piece: str) -> None:
    assert not slowness(lambda text: seconds(lambda: markup_spans(before + text)), piece)

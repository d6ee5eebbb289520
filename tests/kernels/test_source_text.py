"""What the kernels count of programs is what the plain definitions count, over any Unicode."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from operators.kernels import TextStatistics
from operators.kernels.source_syntax import syntax_of
from operators.kernels.source_text import without_comments

PYTHON = ("#", '"""', '"', "'")
C = ("//", "/*", '"', "'")
moderate = settings(deadline=None, max_examples=150)
PIECES = [
    *("#", "//", "/*", "*/", '"', "'", '"""', "'''", "\\", "\n", "\r\n", " ", "x = 1", "é", "漢", "`", "<!--", "-->", "--", "a" * 70),
    *("0x1F, ", "ab ", r"\x1f", r"\u00e9", "Zm9v", "=", "+", "/", ",", "0123456789abcdefABCDEF", "<b>", "</script>", "<script>", "<style a='1'>"),
]
programs = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=40).map("".join)


def statistics(*values: str | None) -> TextStatistics:
    return TextStatistics.of(pa.array(values, pa.string()))


def comments(text: str, marks: tuple[str, ...]) -> int:
    return int(statistics(text).comment_characters(np.array([syntax_of(marks)]))[0])


@given(programs)
@moderate
def test_the_longest_line_is_that_of_splitlines(text: str) -> None:
    assert statistics(text).longest_line[0] == max((len(line) for line in text.splitlines() if line.strip()), default=0)


@given(st.lists(st.sampled_from(["a", "b", "cc", "d\n"]), max_size=60))
@moderate
def test_the_entropy_of_words_is_shannons(words: list[str]) -> None:
    counts = Counter(" ".join(words).split())
    total = sum(counts.values())
    expected = -sum(count / total * math.log2(count / total) for count in counts.values())
    assert statistics(" ".join(words)).word_entropy[0] == pytest.approx(expected)


@given(programs)
@moderate
def test_runs_of_base64_are_those_of_a_pattern(text: str) -> None:
    runs = [match.group() for match in re.finditer(r"[A-Za-z0-9+/]{64,}=*", text)]
    hexadecimal = [run for run in runs if re.fullmatch(r"[0-9A-Fa-f]+=*", run) and re.search("[0-9]", run) and re.search("[A-Za-z]", run)]
    base64 = [run for run in runs if run not in hexadecimal and all(re.search(kind, run) for kind in ("[A-Z]", "[a-z]", "[0-9]"))]
    assert statistics(text).base64_characters[0] == sum(map(len, base64))


@pytest.mark.parametrize(
    ("text", "hexadecimal", "escapes"),
    [
        ("0x1F, 0x2e,\n" * 4, 46, 0),
        ("0x1F, 0x2e, " * 3, 0, 0),
        ("1f 2E 3d 00 ff aa bb cc", 23, 0),
        (r"\x1f\x2e\x3d\x00\xff\xaa\xbb\xcc", 31, 0),
        (r"\u00e9" * 8, 0, 47),
        (r"\351\350" * 4, 0, 31),
        ("x = [0x10, 0x20]; y = [0x30]; z = 0x40 + 0x50", 0, 0),
        ("0xFFul, " * 8, 62, 0),
        ("to be or it is an at on by in up we", 0, 0),
        ("deadbeef01" * 8, 80, 0),
    ],
)
def test_lists_of_bytes_and_of_escapes_need_eight_in_a_row(text: str, hexadecimal: int, escapes: int) -> None:
    counted = statistics(text)
    assert (counted.hexadecimal_characters[0], counted.escape_characters[0]) == (hexadecimal, escapes)
    assert counted.longest_encoded[0] == max(hexadecimal, escapes)


@given(programs)
@moderate
def test_no_more_is_encoded_than_there_is(text: str) -> None:
    counted = statistics(text)
    size = len(text.encode())
    for encoded in (counted.base64_characters, counted.hexadecimal_characters, counted.escape_characters, counted.longest_encoded):
        assert 0 <= encoded[0] <= size


@pytest.mark.parametrize(
    ("text", "marks", "comment"),
    [
        ("x = 1  # one\n# é\n", PYTHON, "# one# é"),
        ("x = '# no'  # yes", PYTHON, "# yes"),
        ("x = 'it\\'s # no'", PYTHON, ""),
        ('def f():\n    """Say # it."""\n    return 1', PYTHON, '"""Say # it."""'),
        ('x = """not # one"""', PYTHON, ""),
        ("x = 'open\n# yes", PYTHON, "# yes"),
        ('"""one""""""two"""', PYTHON, '"""one""""""two"""'),
        ("int x; // one\n/* two\n// three */ int y;", C, "// one/* two\n// three */"),
        ('char *s = "// no /* no";', C, ""),
        ("/* open", C, "/* open"),
        ("select 1 -- one", ("--",), "-- one"),
        ("<p><!-- a\nb --></p>", ("<!--",), "<!-- a\nb -->"),
        ("x # no", (), ""),
    ],
)
def test_comments_stand_outside_strings(text: str, marks: tuple[str, ...], comment: str) -> None:
    assert comments(text, marks) == len(comment)
    bare = without_comments(pa.array([text]), np.array([syntax_of(marks)]))[0].as_py()
    assert len(bare.encode()) == len(text.encode())
    assert bare.replace(" ", "").replace("\n", "") == _without(text, comment, marks).replace(" ", "").replace("\n", "")


def _without(text: str, comment: str, marks: tuple[str, ...]) -> str:
    for part in re.split(r"(?=# é|/\* two)", comment) if comment else []:
        text = text.replace(part, "", 1)
    return text


@given(programs, st.sampled_from([PYTHON, C, ("<!--",), ("--", "'")]))
@example('"""""""""<!--', PYTHON)
@moderate
def test_comments_are_no_more_than_the_text_and_blanking_keeps_lines(text: str, marks: tuple[str, ...]) -> None:
    syntax = np.array([syntax_of(marks)])
    assert 0 <= comments(text, marks) <= len(text)
    bare = without_comments(pa.array([text]), syntax)
    assert bare[0].as_py().count("\n") == text.count("\n")
    assert comments(bare[0].as_py(), marks) <= comments(text, marks)


def test_comments_of_a_slice_with_nulls_are_those_of_its_rows() -> None:
    texts = pa.array(["# before", "x # one", None, "# two", "after"]).slice(1, 3)
    syntax = np.array([syntax_of(PYTHON)] * 3)
    assert without_comments(texts, syntax).to_pylist() == ["x      ", None, "     "]
    assert TextStatistics.of(texts).comment_characters(syntax).tolist() == [5, 0, 5]


@pytest.mark.parametrize(
    ("page", "seen"),
    [
        ("<p>One two</p>", "Onetwo"),
        ("<script>var x = '<b>';</script>yes", "yes"),
        ("<STYLE type='a'>p { }</STYLE>yes<!-- no <b> -->", "yes"),
        ("a < b and c", "a<bandc"),
        ("<section>yes</section><strong>too</strong>", "yestoo"),
        ("<p", ""),
        ("ünï", "ünï"),
    ],
)
def test_what_a_reader_sees_of_a_page_stands_outside_tags_scripts_and_styles(page: str, seen: str) -> None:
    assert statistics(page).visible_characters[0] == len(seen)


def test_phrases_of_the_first_lines_are_not_looked_for_below() -> None:
    counted = statistics("one\ntwo\nthree GENERATED\n", "generated", "")
    assert counted.phrases(["generated"], 2).lines.tolist() == [0, 1, 0]
    assert counted.phrases(["generated"], 3).lines.tolist() == [1, 1, 0]
    assert counted.phrases(["generated"]).lines.tolist() == [1, 1, 0]

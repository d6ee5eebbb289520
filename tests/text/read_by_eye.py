"""What a reader said of texts that the rules of web_text kept and dropped, on 25 November 2026.

Read were the beginning and the middle of each text, cleaned as web_text does. The texts are not part of this project: pages and documents of public
test sets, and the documentation of installed packages. They were drawn by a seed, so many of each kind, and of the files one a package.

"For argument": people would differ, as over whole entries of 40 to 49 words, where the rule asks for 50.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Read(NamedTuple):
    """A text, what it is, the rule that dropped it or "", and the verdict: right, wrong or for argument."""

    name: str
    what: str
    rule: str
    verdict: str


DROPPED: Final = (
    Read("xlsx_01.xlsx.md", "tables of numbers", "MeanWordLengthFilter", "right"),
    Read("movie-theater-booking-2024.md", "a filled-in form", "AlphabeticWordsFilter", "right"),
    Read("hyperlink_04.html", "4 words", "WordCountFilter", "right"),
    Read("hyperlink_02.html", "1 word", "WordCountFilter", "right"),
    Read("kvp_data_example.html", "a filled-in form", "AlphabeticWordsFilter", "right"),
    Read("powerpoint_with_image.pptx.md", "8 words", "WordCountFilter", "right"),
    Read("table_with_heading_01.html.md", "21 words", "WordCountFilter", "right"),
    Read("table_04.html.md", "36 words and cells", "WordCountFilter", "right"),
    Read("254903403a9e0aca.html", "a shop's template with its filler", "LoremIpsumFilter", "right"),
    Read("3cb5e2f4.html", "an article among teasers that repeat", "DuplicateLinesFilter", "wrong"),
    Read("f3981e264ba28d88.html", "a note on old browsers", "WordCountFilter", "right"),
    Read("90f7311e95510cce.html", "a house to let, with a calendar of prices", "AlphabeticWordsFilter", "for argument"),
    Read("dba9c09d05374a1f.html", "a list of publications with abstracts", "DuplicateLinesFilter", "for argument"),
    Read("9ef95e724b9714a4.html", "the menu of a newspaper", "BulletLinesFilter", "right"),
    Read("5f03fc17.html", "meals of a week with their portions", "AlphabeticWordsFilter", "wrong"),
    Read("b3c19dd5.html", "a short message and many teasers", "EllipsisLinesFilter", "for argument"),
    Read("datajuicer_mixed:5", "7 words", "WordCountFilter", "right"),
    Read("datajuicer_mixed:1", "a note on JavaScript", "WordCountFilter", "right"),
    Read("datajuicer_mixed:2", "the title of a video", "WordCountFilter", "right"),
    Read("c4_web_text_open:88", "a whole entry of 43 words", "WordCountFilter", "for argument"),
    Read("onnxruntime, README", "links to releases", "AlphabeticWordsFilter", "right"),
    Read("gitdb, README", "7 words", "WordCountFilter", "right"),
    Read("typing-inspection, README", "badges and 35 words", "WordCountFilter", "right"),
    Read("dagster-webserver, README", "two commands", "WordCountFilter", "right"),
    Read("babel, README", "8 words", "WordCountFilter", "right"),
    Read("librt, README", "a whole entry of 41 words", "WordCountFilter", "for argument"),
    Read("awscli, get-resource-shares.rst", "JSON with a line about it", "MeanWordLengthFilter", "right"),
    Read("starlette, LICENSE.md", "a licence in capitals", "CapitalWordsFilter", "right"),
    Read("justext, Chuvash.txt", "a list of words", "LineBreaksFilter", "right"),
    Read("uvicorn, LICENSE.md", "a licence in capitals", "CapitalWordsFilter", "right"),
)

KEPT: Final = (
    Read("markitdown/test.md", "a paper", "", "right"),
    Read("2305.03393v1-pg9.md", "a page of a paper with a table", "", "right"),
    Read("formatting.html", "examples of formatting", "", "right"),
    Read("right_to_left_03.md", "a Persian product sheet", "", "for argument"),
    Read("html_inline_group_in_table_cell.html.md", "a table with a few sentences", "", "for argument"),
    Read("amt_handbook_sample.md", "a handbook", "", "right"),
    Read("multi_page.md", "an article", "", "right"),
    Read("test_blog.html", "a blog entry", "", "right"),
    Read("b99f77402cb3f6f2.html", "a German article", "", "right"),
    Read("28eb900f5ca67336.html", "a Spanish article", "", "right"),
    Read("85439e26.html", "a Japanese office's page", "", "right"),
    Read("b1237bd304d3a2c3.html", "a blog entry", "", "right"),
    Read("aec5deea.html", "an article", "", "right"),
    Read("c69e539d.html", "an article under a notice on cookies", "", "right"),
    Read("359fee22.html", "an article", "", "right"),
    Read("ea25dd7e.html", "an article", "", "right"),
    Read("c4_web_text_open:105", "a book's contents and reviews", "", "for argument"),
    Read("datajuicer_cc_refined:1", "court opinions under a menu", "", "right"),
    Read("c4_web_text_open:48", "a firm's page", "", "right"),
    Read("c4_web_text_open:30", "a firm's advice", "", "right"),
    Read("httpx2, README", "documentation", "", "right"),
    Read("pytest-timeout, README", "documentation", "", "right"),
    Read("jiter, README", "documentation", "", "right"),
    Read("annotated-doc, README", "documentation", "", "right"),
    Read("pytest, README", "documentation", "", "right"),
    Read("anyio, README", "documentation", "", "right"),
    Read("awscli, get-bucket-intelligent-tiering-configuration.rst", "a command with its output", "", "right"),
    Read("openai, live/README.md", "documentation", "", "right"),
    Read("sympy, autolev README.txt", "a note on files", "", "right"),
    Read("IPython, test_exampleip.txt", "examples with their explanation", "", "right"),
)


def section() -> list[str]:
    """The part of docs/text-defaults.md that says what was read."""
    lines = [
        "",
        "## Read by eye",
        "",
        f"{len(DROPPED)} texts that the rules of `web_text` drop and {len(KEPT)} that they keep, read on 25 November 2026, the beginning and the",
        "middle of each: pages and documents of public test sets, and the documentation of installed packages. The texts are not part of this",
        "project; what was said of them stands in `tests/text/read_by_eye.py`.",
        "",
        "| | right | for argument | wrong |",
        "|---|---|---|---|",
    ]
    for name, read in (("dropped", DROPPED), ("kept", KEPT)):
        verdicts = [text.verdict for text in read]
        lines.append(f"| {name} | " + " | ".join(str(verdicts.count(verdict)) for verdict in ("right", "for argument", "wrong")) + " |")
    lines += ["", "| text | what it is | dropped by | verdict |", "|---|---|---|---|"]
    return lines + [f"| {text.name} | {text.what} | {text.rule or '(kept)'} | {text.verdict} |" for text in (*DROPPED, *KEPT)]

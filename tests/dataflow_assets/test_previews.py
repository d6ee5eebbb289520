"""What the UI shows of rows is text, whatever is in the rows."""

from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt

from dataflow_assets.showing.markdown import cell
from dataflow_assets.showing.samples import preview
from operators.core.sequential import Sequential
from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from tests.core.samples import table


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://tracker.example/pixel.png)",
        "<img src=x onerror=alert(1)> <b>bold</b>",
        "[a](b) | `code` ~~gone~~ *new* **bold** _slanted_ __init__",
        'back\\slash \\* \\_ \\` \\| &amp; &lt;b&gt; &#60;b&#62; it\'s "quoted"',
        "# head\n\n> quote\n- item\n1. one",
        "``` fence ```",
    ],
)
def test_what_is_in_a_row_is_shown_as_it_is(text: str) -> None:
    page = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(f"| a |\n|---|\n| {cell(text)} |")
    tags = set(re.findall(r"<(\w+)", page))
    assert tags <= {"table", "thead", "tbody", "tr", "th", "td"}
    shown = re.search(r"<td>(.*)</td>", page, re.DOTALL)
    assert shown is not None
    assert html.unescape(shown.group(1)) == " ".join(text.split())


def test_an_underscore_within_a_word_stays_as_it_is_for_who_reads_the_source() -> None:
    assert cell("max_share > 0.5, isn't it?") == "max_share > 0.5, isn't it?"


def test_a_preview_shows_a_row_of_each_rule_that_rejected_some() -> None:
    kept, rejected = MemoryStorage(), MemoryStorage()
    source = table(*(f"text {number}" for number in range(20)), score=list(range(20)))
    Sequential(ScoreFilter(min=12), ScoreFilter(max=15)).run(source, into=kept, rejected=rejected)
    shown = preview(kept, rejected)
    assert shown.count("\n") == 1 + 5
    assert "| kept | rejected, and why |" in shown
    assert "score = 0, below min = 12" in shown


def test_a_stage_that_kept_nothing_still_shows_what_it_rejected() -> None:
    kept, rejected = MemoryStorage(), MemoryStorage()
    ScoreFilter(min=0).run(table("a", score=[-1]), into=kept, rejected=rejected)
    assert "below min = 0" in preview(kept, rejected)
    assert "below" not in preview(rejected, kept.__class__(rejected.read().slice(0, 0)))

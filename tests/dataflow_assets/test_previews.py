"""What the UI shows of rows is text, whatever is in the rows."""

from __future__ import annotations

from dataflow_assets.previews import cell, preview
from operators.core.sequential import Sequential
from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from tests.core.samples import table


def test_nothing_in_a_row_becomes_markup_or_an_image() -> None:
    hostile = cell("![x](http://tracker.example/pixel.png) <img src=x> [a](b) | `code` # head\n\nnew *bold* me@example.org")
    assert "![" not in hostile
    assert "<" not in hostile
    assert "\n" not in hostile
    assert " | " not in hostile


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

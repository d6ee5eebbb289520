"""With its defaults, no filter keeps the worst and drops the best. docs/text-defaults.md shows what each does with good and bad texts.

`python -m tests.text.test_defaults` writes that page again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from operators.core import registry
from operators.core.kinds import Filter
from operators.core.operator import OF_THE_STAGE
from operators.core.sequential import Sequential
from operators.engine.batch import Batch
from operators.text.rules.rule_sets import c4_quality, fineweb_quality, gopher_quality, gopher_repetition
from tests.text import read_by_eye
from tests.text.labelled_texts import BAD, GOOD
from tests.text.test_score_defaults import section

PAGE = Path(__file__).parents[2] / "docs" / "text-defaults.md"
MOST_GOOD_DROPPED = 0.1
MADE_FOR = {
    "AlphabeticWordsFilter": "numbers",
    "BlankFilter": "blank",
    "BlocklistFilter": "adult spam",
    "BulletLinesFilter": "bullets",
    "C4PageFilter": "code dump",
    "CapitalWordsFilter": "shouting",
    "CharacterCountFilter": "too short",
    "ColonEndFilter": "cut off",
    "CurlyBracketFilter": "code dump",
    "DuplicateLinesFilter": "repeated line",
    "DuplicateParagraphsFilter": "repeated paragraph",
    "EllipsisLinesFilter": "teasers",
    "HtmlEntityFilter": "entities",
    "IdentityNumberFilter": "numbers of documents",
    "JavascriptLinesFilter": "please enable",
    "LineBreaksFilter": "menu",
    "LoremIpsumFilter": "filler",
    "LongestUnpunctuatedRunFilter": "keywords",
    "MeanWordLengthFilter": "entities",
    "NGramRepetitionFilter": "repeated line",
    "PersonalDataFilter": "personal data",
    "SentenceCountFilter": "too short",
    "ShortLinesFilter": "menu",
    "SpecialCharacterFilter": "mojibake",
    "StopWordsFilter": "hashtags",
    "SymbolToWordRatioFilter": "hashtags",
    "TerminalPunctuationFilter": "menu",
    "UniqueWordsFilter": "repeated line",
    "WatermarkFilter": "copyright lines",
    "WordCountFilter": "too short",
}
"""Rule filter -> a bad text that it is there to drop."""

SETS = {
    "Gopher quality": gopher_quality(),
    "Gopher repetition": gopher_repetition(),
    "C4 quality": c4_quality(),
    "FineWeb quality": fineweb_quality(),
    "all four": (*gopher_quality(), *gopher_repetition(), *c4_quality(), *fineweb_quality()),
}


def rules() -> list[Filter]:
    """Every filter of texts that decides row by row, without a model, by its defaults; none that has to be told what to look for."""
    filters = [operator for operator in registry.examples("filter") if isinstance(operator, Filter) and registry.domain(type(operator)) == "text"]
    return [
        rule
        for rule in filters
        if rule.scope == "row" and not rule.needs and not rule.packages and "text" in rule.inputs() and set(rule.inputs()) <= {"text", "language"}
        if not any(field.is_required() for field in type(rule).model_fields.values())
    ]


@cache
def dropped(rule: Filter | Sequential) -> tuple[list[str], list[str]]:
    """The names of the good and of the bad texts that a rule drops."""

    def names(texts: dict[str, str]) -> list[str]:
        rows = pa.record_batch({"row_id": list(texts), "text": list(texts.values())})
        kept = set(rule.process(Batch(rows), {}).kept.column("row_id").to_pylist())
        return [name for name in texts if name not in kept]

    return names(GOOD), names(BAD)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_no_default_drops_the_best(rule: Filter) -> None:
    good, _ = dropped(rule)
    assert len(good) <= MOST_GOOD_DROPPED * len(GOOD), good


@pytest.mark.parametrize(("name", "bad"), MADE_FOR.items())
def test_every_default_drops_what_it_is_there_for(name: str, bad: str) -> None:
    assert bad in dropped(registry.find(name)())[1]


def test_together_they_keep_the_best_and_nothing_of_the_worst() -> None:
    good, bad = dropped(Sequential(*rules()))
    assert len(good) <= 2 * MOST_GOOD_DROPPED * len(GOOD), good
    assert set(bad) == set(BAD)


@pytest.mark.parametrize("name", SETS)
def test_a_published_set_keeps_more_of_the_good_than_of_the_bad(name: str) -> None:
    good, bad = dropped(Sequential(*SETS[name]))
    assert 1 - len(good) / len(GOOD) > 1 - len(bad) / len(BAD)


def test_the_page_shows_what_is_true() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tests.text.test_defaults`"


def page() -> str:
    lines = [
        "# What the text filters keep by default",
        "",
        f"Every rule filter, with its defaults, on {len(GOOD)} texts that anyone would keep and {len(BAD)} that anyone would drop",
        "(`tests/text/labelled_texts.py`). A single rule is there for one kind of bad text; together they have to find all. This page is written by",
        "`python -m tests.text.test_defaults`, and a test compares it with what the filters do.",
        "",
        "| filter | defaults | good kept | bad kept | bad texts dropped | good texts dropped |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(rule.name, _defaults(rule), *dropped(rule)) for rule in rules()]
    lines += [
        "",
        "## The published rule sets",
        "",
        "| set | filters | good kept | bad kept | bad texts dropped | good texts dropped |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(name, f"{len(parts)}", *dropped(Sequential(*parts))) for name, parts in SETS.items()]
    every = Sequential(*rules())
    lines += ["", "## All rule filters together", "", "| good kept | bad kept | good texts dropped |", "|---|---|---|"]
    good, bad = dropped(every)
    lines += [f"| {len(GOOD) - len(good)} of {len(GOOD)} | {len(BAD) - len(bad)} of {len(BAD)} | {', '.join(good) or 'none'} |"]
    lines += [*read_by_eye.section(), *section(), ""]
    return "\n".join(lines)


def _row(name: str, what: str, good: list[str], bad: list[str]) -> str:
    return (
        f"| {name} | {what} | {1 - len(good) / len(GOOD):.0%} | {1 - len(bad) / len(BAD):.0%} | {', '.join(bad) or '-'} | {', '.join(good) or '-'} |"
    )


def _defaults(rule: Filter) -> str:
    shown = {name: value for name, value in rule if name not in {"columns", *OF_THE_STAGE} and isinstance(value, int | float | str) and value != ""}
    return ", ".join(f"{name} {value}" for name, value in shown.items()) or "-"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

"""Thresholds of scores: what each keeps of good and bad texts, or, where it cannot be computed here, that the best passes and the worst does not.

The section "Scores" of docs/text-defaults.md is written from here, by `python -m tests.text.test_defaults`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from operators.core import registry
from operators.core.kinds import Filter
from operators.core.operator import Operator
from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from tests.text.labelled_texts import BAD, GOOD

MOST_GOOD_DROPPED = 0.1
THRESHOLDS: dict[str, tuple[Filter, str]] = {
    "language_confidence": (ScoreFilter(min=0.5), "LanguageFilter's default"),
    "mtld": (ScoreFilter(min=50), "as its description says"),
    "hdd": (ScoreFilter(min=0.7), "the lower end of ordinary prose"),
    "ngram_diversity": (ScoreFilter(min=0.7), "prose hardly repeats five words"),
    "flesch_reading_ease": (ScoreFilter(min=0), "below 0 there are no sentences; 100 is no upper end"),
    "flesch_kincaid_grade": (ScoreFilter(max=18), "18 years of schooling: a doctorate"),
    "gunning_fog": (ScoreFilter(max=20), "the same in the words of Gunning"),
    "automated_readability": (ScoreFilter(min=0, max=18), "14 is a professor's text; far below 0 are lists"),
    "personal_data": (ScoreFilter(max=5), "PersonalDataFilter's default"),
    "personal_data_density": (ScoreFilter(max=1), "PersonalDataFilter's default, of 1,000 characters"),
}
"""Column of a score that is computed from the text alone -> a threshold, and where it comes from."""

NO_THRESHOLD = {
    "smog_grade": "null under 30 sentences, which none of these texts has but by accident",
    "coleman_liau_grade": "shows the length of words, not the quality of a text",
    "word_count": "see WordCountFilter",
    "sentence_count": "see SentenceCountFilter",
    "syllable_count": "made for the formulas",
    "polysyllable_count": "made for the formulas",
    "letter_count": "made for the formulas",
}
"""Column of such a score that says nothing by itself -> why."""

ENDS: dict[str, tuple[float, float]] = {
    "alpagasus_score": (0, 5),
    "deberta_quality": (0, 1),
    "deita_complexity": (1, 6),
    "deita_quality": (1, 6),
    "fineweb_edu": (0, 5),
    "ifd": (1.4, 0.99),
    "pair_qual": (-10, 10),
    "reward": (-8, 8),
    "tag_count": (1, 12),
    "textbook_quality": (1, 5),
    "toxicity_toxic": (1, 0),
    "tree_nodes": (0, 60),
}
"""Column of a score whose model or weights are not here -> the worst and the best that it can be."""

RECOMMENDED = re.compile(r"(ScoreFilter|TopFilter|PercentileFilter|TemperatureSample)\((\w+)=(\d+(?:\.\d+)?)\)(?: on \"(\w+)\")?")


def evaluators() -> list[Operator]:
    return [operator for operator in registry.examples("evaluate") if registry.domain(type(operator)) == "text"]


def of_text_alone(operator: Operator) -> bool:
    """Whether it gives numbers to a text here: without a model, a reference, or the rest of a table. StatisticsEvaluator's are those of the rules."""
    alone = operator.scope == "row" and not operator.needs and not operator.packages and set(operator.inputs()) == {"text"}
    return alone and operator.name != "StatisticsEvaluator"


def recommended(operator: Operator) -> list[tuple[str, Filter]]:
    """(column, filter) of each filter with a number that the operator's description names."""
    found = RECOMMENDED.findall(" ".join(str(type(operator).__doc__).split()))
    first = next(iter(operator.output_columns().values()))
    return [(column or first, registry.build({"operator": name, key: float(value)})) for name, key, value, column in found]  # type: ignore[misc]


@cache
def scores(texts: str) -> Mapping[str, Mapping[str, float | None]]:
    """Column -> name of a text -> its score, for "good" or "bad" texts."""
    labelled = GOOD if texts == "good" else BAD
    found: dict[str, dict[str, float | None]] = {}
    for operator in filter(of_text_alone, evaluators()):
        made = MemoryStorage()
        operator.run(MemoryStorage(pa.table({"row_id": list(labelled), "text": list(labelled.values())})), into=made)
        table = made.read()
        for column in operator.output_columns().values():
            if pa.types.is_floating(table.schema.field(column).type) or pa.types.is_integer(table.schema.field(column).type):
                found[column] = dict(zip(labelled, table.column(column).to_pylist(), strict=True))
    return found


def passing(keep: Filter, values: Mapping[str, float | None]) -> list[str]:
    made = MemoryStorage()
    table = pa.table({"row_id": list(values), "score": pa.array(values.values(), pa.float64())})
    keep.run(MemoryStorage(table), into=made)
    return list(made.read().column("row_id").to_pylist())


def dropped(column: str) -> tuple[list[str], list[str]]:
    """The names of the good and of the bad texts that the threshold drops."""
    keep, _ = THRESHOLDS[column]
    good, bad = scores("good")[column], scores("bad")[column]
    return [name for name in good if name not in passing(keep, good)], [name for name in bad if name not in passing(keep, bad)]


@pytest.mark.parametrize("column", THRESHOLDS)
def test_a_threshold_keeps_the_best_and_more_of_them_than_of_the_worst(column: str) -> None:
    good, bad = dropped(column)
    assert len(good) <= MOST_GOOD_DROPPED * len(GOOD), good
    assert bad, "it drops nothing"


def test_every_score_that_can_be_computed_here_has_a_threshold_or_a_reason_for_none() -> None:
    assert set(scores("good")) == {*THRESHOLDS, *NO_THRESHOLD}


@pytest.mark.parametrize("operator", [operator for operator in evaluators() if recommended(operator)], ids=lambda operator: operator.name)
def test_a_threshold_that_a_description_names_passes_the_best_score_and_not_the_worst(operator: Operator) -> None:
    for column, keep in recommended(operator):
        if not isinstance(keep, ScoreFilter):
            continue
        if of_text_alone(operator):
            assert keep == THRESHOLDS[column][0]
        else:
            worst, best = ENDS[column]
            assert passing(keep, {"worst": worst, "best": best}) == ["best"]


def section() -> list[str]:
    """Of the page."""
    lines = [
        "",
        "## Scores",
        "",
        "What a threshold keeps of the same texts, for each score that is computed from the text alone; a null score is dropped. No score has a",
        "default threshold: `ScoreFilter` asks for one. Where a score has no scale of its own, rank instead: `TopFilter`, `PercentileFilter`,",
        "`TemperatureSample`.",
        "",
        "| score | threshold | why | scores of good texts | scores of bad texts | good kept | bad kept | good texts dropped |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for column, (keep, why) in THRESHOLDS.items():
        good, bad = dropped(column)
        kept = (f"{1 - len(names) / len(texts):.0%}" for names, texts in ((good, GOOD), (bad, BAD)))
        lines.append(
            f"| {column} | {keep!r} | {why} | {_span('good', column)} | {_span('bad', column)} | {' | '.join(kept)} | {', '.join(good) or '-'} |"
        )
    lines += [f"| {column} | - | {why} | {_span('good', column)} | {_span('bad', column)} | | | |" for column, why in NO_THRESHOLD.items()]
    lines += [
        "",
        "Scores of models, of references and of whole tables are **not measured here**: their weights, their language model or what they compare",
        "with is not part of this project. Of each threshold that a description names, a test shows that the best score passes and the worst does",
        "not.",
        "",
        "| operator | recommended | not measured, because |",
        "|---|---|---|",
    ]
    for operator in evaluators():
        if not of_text_alone(operator) and any(_is_number(output.type) for output in operator.outputs().values()):
            named = "; ".join(f"{keep!r} on {column}" for column, keep in recommended(operator)) or "-"
            lines.append(f"| {operator.name} | {named} | {_why_not(operator)} |")
    return lines


def _span(texts: str, column: str) -> str:
    values = [value for value in scores(texts)[column].values() if value is not None]
    nulls = len(scores(texts)[column]) - len(values)
    span = f"{min(values):.3g} to {max(values):.3g}" if values else ""
    return ", ".join(part for part in (span, f"{nulls} null" if nulls else "") if part)


def _is_number(type_: Any) -> bool:
    return type_ in (int, float)


def _why_not(operator: Operator) -> str:
    if "llm" in operator.needs:
        return "it asks a language model"
    if "model" in operator.needs:
        weights = getattr(operator, "weights", "") or getattr(getattr(operator, "card", None), "weights", "") or getattr(operator, "file", "")
        given = "weights" in type(operator).example or not weights
        return "it takes a file of yours" if given else f"it needs the weights {weights}"
    if operator.name == "StatisticsEvaluator":
        return "its numbers are those of the rule filters above"
    if operator.packages:
        return f"it needs {', '.join(operator.packages)}"
    return "it is of a whole table" if operator.scope == "table" and "reference" not in operator.inputs() else "it compares with a reference"

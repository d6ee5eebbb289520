"""Faults that all refiners of the reference share, on every operator that stands for one of them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from dataflow_assets.cli.stored_stages import StoredPipelines
from dataflow_assets.running.stages import load_source, run_stage
from operators.core import registry
from operators.core.operator import Operator
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.pipeline.row_story import Step
from operators.tables.errors import ColumnError, CompileError
from operators.tables.storage import MemoryStorage
from resources.warehouse import Warehouse
from tests.faults import fault

REFERENCE_REFINERS = {
    *("HtmlEntityRefiner", "HtmlUrlRemoverRefiner", "LowercaseRefiner", "NERRefiner", "PIIAnonymizeRefiner", "ReferenceRemoverRefiner"),
    *("RemoveContractionsRefiner", "RemoveEmojiRefiner", "RemoveEmoticonsRefiner", "RemoveExtraSpacesRefiner", "RemoveImageRefsRefiner"),
    *("RemoveNumberRefiner", "RemovePunctuationRefiner", "RemoveRepetitionsPunctuationRefiner", "RemoveStopwordsRefiner"),
    *("SpellingCorrectionRefiner", "StemmingLemmatizationRefiner", "TextNormalizationRefiner"),
}
OURS = [cls for cls in registry.all_operators() if REFERENCE_REFINERS & set(cls.covers)]

DIRTY = (
    "The mice don't run :-) 😀  in <b>May</b>: see ![a](a.png), www.a.example/x &amp; Paris too.<ref>x</ref> Write to a@b.org by 5 March 2024??? "
    "We recieve 12 of them."
)
"""Every one of them has something to do here."""


def test_each_refiner_of_the_reference_has_an_operator() -> None:
    assert {name for cls in OURS for name in cls.covers} >= REFERENCE_REFINERS


@pytest.fixture(params=OURS, ids=lambda cls: cls.__name__)
def refiner(request: pytest.FixtureRequest) -> Operator:
    """With its extra installed, or skipped; the one that needs a model has it."""
    cls = request.param
    operator: Operator = cls(model=request.getfixturevalue("entity_pipeline")) if cls.__name__ == "AnonymizeEntities" else cls()
    if problems := operator.package_problems():
        pytest.skip(problems[0].suggestion)
    return operator


class Refined(Pipeline):
    """One refiner, between its source and its table."""

    expects = {"text": str}

    def __init__(self, refiner: Operator) -> None:
        self.refined = refiner

    def forward(self, documents: Handle) -> Handle:
        return self.refined(documents)


class RefinedNumbers(Refined):
    expects = {"text": int}


@fault("null or non-string value crashes")
def test_a_null_stays_null_and_the_other_rows_are_refined(refiner: Operator) -> None:
    kept, rejected = MemoryStorage(), MemoryStorage()
    refiner.run(MemoryStorage(pa.table({"text": [None, DIRTY, "", None]})), into=kept, rejected=rejected)
    first, dirty, empty, last = kept.read(["text"]).column(0).to_pylist()
    assert (first, empty, last) == (None, "", None)
    assert dirty not in (None, DIRTY)
    assert rejected.count_rows() == 0


@fault("null or non-string value crashes")
def test_a_column_that_is_not_text_is_an_error_before_any_row_is_read(refiner: Operator) -> None:
    with pytest.raises(CompileError, match=r'refined_numbers\.refined: column "text" is integer, but text is needed'):
        RefinedNumbers(refiner).compile()
    for values in ([1.5], [["a"]], [True]):
        with pytest.raises(ColumnError, match=r'column "text" is .*, but text is needed'):
            refiner.run(MemoryStorage(pa.table({"text": values})), into=MemoryStorage())


@fault("overwrites the input column in place: no before/after column, no changed flag")
def test_what_a_text_was_and_whether_it_changed_is_known_row_by_row(refiner: Operator, tmp_path: Path) -> None:
    """Each stage is a table of its own and row ids survive, so the text before stands beside the text after; the counts are in the report."""
    warehouse = Warehouse(tmp_path)
    plan = Refined(refiner).compile()
    load_source(warehouse, plan.name, "documents", MemoryStorage(pa.table({"text": [DIRTY, "", None, DIRTY]})))
    result = run_stage(warehouse, plan, "refined", {})
    assert result.report.changed_by == {refiner.name: 2}
    assert result.table.run_facts()["changed_by"] == {refiner.name: 2}

    with warehouse.connect() as connection:
        pairs = connection.execute(
            "select before.row_id, before.text, after.text from refined.documents before join refined.refined after using (row_id) "
            "where before.text is distinct from after.text"
        ).fetchall()
    assert len(pairs) == 2
    assert all(before == DIRTY and after not in (None, DIRTY) for _, before, after in pairs)

    with StoredPipelines.open(tmp_path) as stored:
        for row_id, before, after in pairs:
            (story,) = stored.stories(row_id)
            assert story.steps[-1] == Step("refined", refiner.name, "changed", changes=(("text", before, after),))
        (unchanged,) = (row["row_id"] for row in result.table.read(["row_id", "text"]).to_pylist() if row["text"] == "")
        assert stored.stories(unchanged)[0].steps[-1].event == "kept"


@fault("overwrites the input column in place: no before/after column, no changed flag")
def test_a_run_on_files_or_memory_leaves_its_input_as_it_was_unless_told_to_write_there(refiner: Operator) -> None:
    source, kept = MemoryStorage(pa.table({"text": [DIRTY, ""]})), MemoryStorage()
    report = refiner.run(source, into=kept)
    assert source.read(["text"]).column(0).to_pylist() == [DIRTY, ""]
    assert report.as_dict()["changed_by"] == {refiner.name: 1}
    assert kept.schema.names == ["row_id", "text"], "the ids by which the two are compared"


def test_a_sequence_of_refiners_says_of_each_how_many_rows_it_changed() -> None:
    from operators.core.sequential import Sequential
    from operators.text.classical.emoji import RemoveEmoji
    from operators.text.cleaning.plain_text import NormalizeSpaces

    clean = Sequential(RemoveEmoji(), NormalizeSpaces())
    report = clean.run(MemoryStorage(pa.table({"text": ["a 😀 b", "c  d", "e  f", "g"]})), into=MemoryStorage())
    assert report.changed_by == {"RemoveEmoji": 1, "NormalizeSpaces": 2}

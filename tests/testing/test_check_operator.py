"""`check_operator` finds each kind of breach, and says which: one operator for each, broken on purpose."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import Field, field_serializer

from operators import Evaluate, Filter, Generate, Input, LLMEvaluate, Output, PromptTemplate, Refine
from operators.core.operator import Operator
from operators.engine.batch import Batch, Processed
from operators.engine.rows_reader import RowsReader
from operators.testing import Breach, ScriptedEmbedding, check_operator
from operators.testing.sample_tables import ODD_TEXTS
from operators.text.rules.whole_text import WordCountFilter

ROOT = Path(__file__).parents[2]
counter = itertools.count()


def broken() -> Iterator[tuple[Operator, str]]:
    """An operator, and what is said of it. Classes inside functions are in no registry."""

    class LosesRows(Evaluate):
        """Says nothing of every second row."""

        input_text = Input(str)
        output_length = Output(int)

        def evaluate(self, text: str) -> int:
            return len(text)

        def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
            processed = super().process(batch, resources)
            return Processed(Batch(processed.kept.rows.slice(0, max(0, len(batch) - 1))))

    yield LosesRows(), "accounted for"

    class ChangesOtherColumns(Evaluate):
        """Writes into a column that it does not know."""

        input_text = Input(str)
        output_length = Output(int)

        def evaluate(self, text: str) -> int:
            return len(text)

        def process(self, batch: Batch, resources: Mapping[str, Any]) -> Processed:
            rows = super().process(batch, resources).kept.rows
            place = rows.schema.get_field_index("untouched")
            return Processed(Batch(rows.set_column(place, rows.schema.field(place), pa.array(["mine"] * rows.num_rows, pa.string()))))

    yield ChangesOtherColumns(), 'changed, reordered or lost "untouched"'

    class Reorders(Filter):
        """Keeps all rows, the last first."""

        scope: ClassVar = "table"
        input_text = Input(str)

        def process_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Iterator[Processed]:
            rows = tables[0].storage.read()
            for batch in rows.take(pa.array(range(rows.num_rows)[::-1], pa.int64())).combine_chunks().to_batches():
                yield Processed(Batch(batch))

    yield Reorders(), "changed or reordered"

    class DrawsWithoutASeed(Evaluate):
        """Scores rows by chance, hardly ever twice the same."""

        input_text = Input(str)
        output_score = Output(float)

        def evaluate(self, text: str) -> float:
            return random.random()

    yield DrawsWithoutASeed(), "the same input gave another table"

    class Remembers(Evaluate):
        """Counts on from run to run."""

        input_text = Input(str)
        output_number = Output(int)

        def evaluate(self, text: str) -> int:
            return next(counter)

    yield Remembers(), "the same input gave another table"

    class LooksAtItsBatch(Filter):
        """Keeps texts that are longer than others that happen to be in the batch."""

        input_text = Input(str)

        def keep_batch(self, text: pa.Array) -> pa.Array:
            lengths = pc.utf8_length(text)
            return pc.greater_equal(lengths, pc.max(lengths)) if len(text) else pa.array([], pa.bool_())

    yield LooksAtItsBatch(), "one row at a time gave another table"

    class TripsOverNulls(Evaluate):
        """Asks for nulls and cannot take them."""

        input_text = Input(str, nulls="pass")
        output_length = Output(int)

        def evaluate(self, text: str) -> int:
            return len(text.strip())

    yield TripsOverNulls(), "AttributeError: 'NoneType' object has no attribute 'strip'"

    class Misspells(Refine):
        """Calls what does not exist."""

        input_text = Input(str)

        def refine(self, text: str) -> str:
            return text.trim()  # type: ignore[attr-defined, no-any-return]

    yield Misspells(), "AttributeError: 'str' object has no attribute 'trim'"

    class NeedsRows(Evaluate):
        """Divides by the number of rows."""

        scope: ClassVar = "table"
        input_text = Input(str)
        output_share = Output(float)

        def evaluate_table(self, rows: RowsReader) -> Iterator[pa.Array]:
            share = 1 / rows.count_rows()
            for batch in rows.batches():
                yield pa.array([share] * batch.num_rows, pa.float64())

    yield NeedsRows(), "on no rows"

    class FillsNulls(Refine):
        """Makes a text of what is missing."""

        input_text = Input(str, nulls="pass")

        def refine(self, text: str | None) -> str:
            return text or "unknown"

    yield FillsNulls(), "a null was rewritten"

    class ForgetsAParameter(Filter):
        """Is written down without what it was given."""

        input_text = Input(str)
        most: int = 10

        def keep(self, text: str) -> bool:
            return len(text) <= self.most

        @field_serializer("most")
        def _forget(self, most: int) -> int:
            return 3

    yield ForgetsAParameter(most=5), "another operator comes out of as_dict()"

    class HasASet(Filter):
        """Has a parameter that every process orders in another way."""

        input_text = Input(str)
        words: frozenset[str] = frozenset({"z"})

        def keep(self, text: str) -> bool:
            return not self.words & set(text.split())

    yield HasASet(words=frozenset(map(str, range(50)))), 'the parameter "words" is a set'

    class NeverTheSame(Filter):
        """Has another fingerprint each time."""

        input_text = Input(str)

        def keep(self, text: str) -> bool:
            return True

        def fingerprint(self) -> str:
            return str(next(counter))

    yield NeverTheSame(), "fingerprint is not the same"

    class Unexplained(Filter):
        input_text = Input(str)

        def keep(self, text: str) -> bool:
            return True

    Unexplained.__doc__ = ""
    yield Unexplained(), "no docstring"

    class Orphans(Generate):
        """Makes rows that name no parents."""

        adds_rows: ClassVar = True
        scope: ClassVar = "table"
        input_text = Input(str)
        output_made = Output(str)

        def process_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Iterator[Processed]:
            fields = [field for field in self.schema_out(tables[0].storage.schema) if field.name != "row_id"]
            yield Processed(Batch(pa.RecordBatch.from_pylist([{"made": "new", "parent_ids": []}], schema=pa.schema(fields))))

    yield Orphans(), "nothing is said: they neither go on nor are set aside|name the rows that it was made from"


BROKEN = list(broken())


@pytest.mark.parametrize(("operator", "said"), BROKEN, ids=[operator.name for operator, _ in BROKEN])
def test_a_breach_is_found_and_named(operator: Operator, said: str) -> None:
    with pytest.raises(AssertionError, match=f"(?s)^{operator.name}: .*({said.replace('(', '[(]').replace(')', '[)]')})"):
        check_operator(operator, examples=0)


class Shorter(Filter, abstract=True):
    """Keep short texts."""

    input_text = Input(str)
    most: int = Field(10, ge=0)

    def keep(self, text: str) -> bool:
        return len(text) <= self.most


def test_what_only_a_drawn_table_shows_is_found() -> None:
    class AgainstPercent(Shorter):
        """Raises where a text has a character that no sample has."""

        def keep(self, text: str) -> bool:
            if any(ord(character) > 0xFF and character not in sampled for character in text):
                raise TypeError("no arrows")
            return True

    sampled = set("".join(ODD_TEXTS))

    check_operator(Shorter(), examples=5)
    check_operator(AgainstPercent(), examples=0)
    with pytest.raises(Breach, match=r"(?s)AgainstPercent: the function raised TypeError: no arrows.*on a drawn table"):
        check_operator(AgainstPercent(), examples=300)


def test_the_rows_are_said_and_tables_of_ones_own_are_checked_too() -> None:
    class HatesBees(Shorter):
        """Raises on one word."""

        def keep(self, text: str) -> bool:
            assert "bee" not in text.split(), "a bee"
            return True

    check_operator(HatesBees(), examples=0)
    with pytest.raises(AssertionError, match=r"(?s)HatesBees: the function raised AssertionError: a bee.*on the given inputs.*a bee stings"):
        check_operator(HatesBees(), examples=0, inputs=[["a bee stings"]])


def test_operators_that_ask_are_given_a_scripted_model_or_their_own() -> None:
    class Asks(LLMEvaluate):
        """Ask for a word."""

        input_text = Input(str)
        output_word = Output(str)
        prompt: PromptTemplate[str] = PromptTemplate(user="{{ text }}")

    class Near(Evaluate):
        """How far a text points up."""

        needs: ClassVar = ("embedding",)
        input_text = Input(str)
        output_up = Output(float)

        def evaluate_batch(self, text: pa.Array, embedding: Any) -> pa.Array:
            return pa.array([float(vector[1]) for vector in embedding.embed(text.to_pylist())], pa.float64())

    check_operator(Asks(), examples=2)
    check_operator(Near(), examples=2)
    own = ScriptedEmbedding(lambda text: (1.0, 0.0, float(len(text))))
    check_operator(Near(), examples=0, resources={"embedding": own})
    assert own.dimensions == 3
    assert own.texts


def test_without_hypothesis_only_drawn_tables_are_out_of_reach() -> None:
    code = """
import sys
sys.modules["hypothesis"] = None
from operators.testing import ScriptedServing, check_operator
from operators.text.rules.whole_text import BlankFilter
check_operator(BlankFilter(), examples=0)
try:
    check_operator(BlankFilter())
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "tables are drawn by hypothesis, which is not installed: pip install hypothesis, or check_operator(..., examples=0)\n"


def test_a_shipped_operator_passes() -> None:
    check_operator(WordCountFilter(min_words=3), examples=5)

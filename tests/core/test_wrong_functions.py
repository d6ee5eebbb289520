"""A function that returns something other than its kind takes makes no wrong table: its class is refused, or rows are set aside and say why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate
from operators.core.kinds import Evaluate, Filter, Generate, Refine
from operators.core.llm import LLMEvaluate
from operators.core.operator import Operator, registered
from operators.engine.batch import Mask, Verdict
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.errors import ColumnError, StageFailed
from operators.testing import Breach, ScriptedServing, check_operator


def aside(operator: Operator, *texts: str) -> list[str]:
    """Why rows were set aside; that no other came through is for the caller to see."""
    result = operator.changed(max_failed=1.0).run(list(texts), progress=False)
    return list(result.rejected["rejected_reason"].to_pylist())


class WholeNumbers(Evaluate):
    """Gives what it is told to give."""

    input_text = Input(str)
    output_number = Output(int)

    def evaluate(self, text: str) -> Any:
        return {"half": 1.5, "half of numpy": np.float32(1.5), "words": "x", "whole": 2.0}[text]


def test_a_fraction_is_no_integer() -> None:
    result = WholeNumbers(max_failed=1.0).run(["whole", "half", "half of numpy", "words"], progress=False)
    assert result.table["number"].to_pylist() == [2]
    assert [reason.partition(",")[0] for reason in result.rejected["rejected_reason"].to_pylist()] == [
        "TypeError: number is '1.5' of float",
        "TypeError: number is '1.5' of float32",
        "TypeError: number is 'x' of str",
    ]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (list[int], [1, 2.5]),
        (pa.list_(pa.struct([("at", pa.int64())])), [{"at": 0.5}]),
        (pa.list_(pa.struct([("at", pa.list_(pa.int32()))])), [{"at": [1]}, {"at": [1.25]}]),
    ],
)
@pytest.mark.parametrize("of_batch", [False, True])
def test_nor_is_one_at_any_depth(type_: Any, value: Any, of_batch: bool) -> None:
    class OfRow(Evaluate):
        """Gives the value."""

        input_text = Input(str)
        output_found = Output(type_)

        def evaluate(self, text: str) -> Any:
            return value

    class OfBatch(Evaluate):
        """Gives the value."""

        input_text = Input(str)
        output_found = Output(type_)

        def evaluate_batch(self, text: pa.Array) -> Any:
            return [value] * len(text)

    reasons = aside(OfBatch() if of_batch else OfRow(), "a", "b")
    assert len(reasons) == 2
    assert all("is not" in reason for reason in reasons)


class Keeps(Filter):
    """Returns what the text names."""

    input_text = Input(str)

    def keep(self, text: str) -> Any:
        return {"no": "no", "one": 1, "match": re.match("m", text), "pair": ("yes", None), "odd reason": (False, 3), "numpy": np.bool_(True)}[text]


def test_keep_says_true_or_false_and_nothing_that_is_like_it() -> None:
    result = Keeps(max_failed=1.0).run(["no", "one", "match", "pair", "odd reason", "numpy"], progress=False)
    assert result.table["text"].to_pylist() == ["numpy"]
    assert all("return a bool, or (bool, reason)" in reason for reason in result.rejected["rejected_reason"].to_pylist())
    assert result.rejected["rejected_as"].unique().to_pylist() == ["failed"]


MASKS: dict[str, Callable[[int], Any]] = {
    "texts": lambda count: ["no"] * count,
    "numbers": lambda count: np.ones(count),
    "nulls": lambda count: pa.array([None] * count, pa.bool_()),
    "a verdict of texts": lambda count: Verdict(np.array(["no"] * count)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", MASKS)
def test_a_mask_is_of_booleans(what: str) -> None:
    class KeepsBatch(Filter):
        """Returns some mask."""

        input_text = Input(str)

        def keep_batch(self, text: pa.Array) -> Mask:
            mask: Mask = MASKS[what](len(text))
            return mask

    assert [reason.partition(":")[0] for reason in aside(KeepsBatch(), "a", "b")] == ["TypeError", "TypeError"]


class ForgetsToReturn(Refine):
    """Does its work, and returns it for short texts alone."""

    input_text = Input(str)

    def refine(self, text: str) -> str | None:
        return text.upper() if len(text) < 3 else None


class ForgetsOfBatch(Refine):
    """The same of a batch."""

    input_text = Input(str)

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return pa.array([value.upper() if len(value) < 3 else None for value in text.to_pylist()], pa.string())


@pytest.mark.parametrize("operator", [ForgetsToReturn(), ForgetsOfBatch()])
def test_a_text_is_never_rewritten_to_null(operator: Refine) -> None:
    result = operator.changed(max_failed=1.0).run(pa.table({"text": ["ab", "abc", None]}), progress=False)
    assert result.table["text"].to_pylist() == ["AB", None]
    assert [(row["text"], "returned null" in row["rejected_reason"]) for row in result.rejected.to_pylist()] == [("abc", True)]


class Counts(Refine):
    """Returns a number for a text of digits."""

    input_text = Input(str)

    def refine(self, text: str) -> Any:
        return int(text) if text.isdecimal() else text


def test_a_text_is_never_rewritten_to_something_else() -> None:
    result = Counts(max_failed=1.0).run(pa.table({"text": ["a", "12", None]}), progress=False)
    assert result.table["text"].to_pylist() == ["a", None]
    assert result.rejected["rejected_reason"].to_pylist() == ["TypeError: text is '12' of int, which is not string"]


class RenamesRoles(Refine):
    """Rewrites values that are no texts, and reads another column."""

    input_found = Input(dict)
    input_text = Input(str)

    def refine(self, found: dict[str, Any], text: str) -> dict[str, Any]:
        return {**found, "text": text}


@pytest.mark.parametrize("type_", [pa.json_(), pa.struct([("a", pa.int64()), ("text", pa.string())])], ids=str)
def test_a_row_that_is_not_refined_keeps_its_value_of_any_type(type_: pa.DataType) -> None:
    given = pa.array(['{"a":1}', '{"a":2}'], pa.string()).cast(type_) if type_ == pa.json_() else pa.array([{"a": 1}, {"a": 2}], type_)
    table = RenamesRoles().run(pa.table({"found": given, "text": ["x", None]}), progress=False).table
    assert table["found"].type == type_
    found = [json.loads(value) if isinstance(value, str) else value for value in table["found"].to_pylist()]
    assert [(value["a"], value.get("text")) for value in found] == [(1, "x"), (2, None)]


class MakesOne(Generate):
    """Returns one thing where a list of rows is wanted."""

    adds_rows = True
    input_text = Input(str)
    output_piece = Output(str)

    def generate(self, text: str) -> Any:
        return {"text": "one piece", "dict": {"piece": "one"}, "number": 3}.get(text)


def test_one_text_is_no_list_of_rows() -> None:
    reasons = aside(MakesOne(), "text", "dict", "number")
    assert len(reasons) == 3
    assert "returned one str: return the new rows in a list" in reasons[0]
    assert "returned one dict" in reasons[1]


class MakesColumns(Generate):
    """Means to make rows, and does not say so."""

    input_text = Input(str)
    output_piece = Output(str)

    def generate(self, text: str) -> Any:
        return [{"piece": piece} for piece in text.split()]


class MakesLists(Generate):
    """Makes a list of each text."""

    input_text = Input(str)
    output_pieces = Output(list[str])

    def generate(self, text: str) -> Any:
        return text.split()


def test_a_list_is_new_rows_where_the_class_says_so_alone() -> None:
    reason = "TypeError: MakesColumns returned a list: with adds_rows = True in its class each item of it is a new row"
    assert aside(MakesColumns(), "a b", "") == [reason, reason]
    assert MakesLists().run(["a b"], progress=False).table["pieces"].to_pylist() == [["a", "b"]]


def test_check_operator_sees_such_functions() -> None:
    for operator in (ForgetsToReturn(), MakesOne()):
        with pytest.raises(Breach, match="TypeError"):
            check_operator(operator, examples=0)


class Rating(BaseModel):
    rating: int = Field(ge=1, le=5)


class AsksNothing(LLMEvaluate):
    """Asks the same of every row."""

    input_text = Input(str)
    output_rating = Output(int)
    prompt: PromptTemplate[Rating] = PromptTemplate[Rating](user="How polite is this?\n{text}")


def test_a_prompt_that_holds_nothing_of_the_row_is_refused() -> None:
    with pytest.raises(ColumnError, match=r"(?s)the prompt has no input in it: the same would be asked of every row.*write \{\{ text \}\} where"):
        AsksNothing().run(["a"], resources={"llm": ScriptedServing()})
    of_the_row = AsksNothing(prompt=PromptTemplate[Rating](user="How polite is this?\n{{ text }}"))
    assert of_the_row.run(["a"], resources={"llm": ScriptedServing()}, progress=False).table["rating"].null_count == 0


class Cuts(Refine):
    """Takes the first three characters."""

    input_text = Input(str)

    def refine(self, text: str) -> str:
        return text[:3]


@pytest.mark.parametrize("column", ["row_id", "parent_ids"])
def test_what_identifies_a_row_is_not_rewritten(column: str) -> None:
    table = pa.table({"row_id": ["first", "second"], "parent_ids": ["x", "y"], "text": ["long", "longer"], "row_id_2": ["other", "others"]})
    with pytest.raises(ColumnError, match=f'column "{column}" would be rewritten'):
        Cuts().run(table, input_text=column)
    result = Cuts().run(table, input_text="row_id_2", progress=False).table
    assert (result["row_id"].to_pylist(), result["row_id_2"].to_pylist()) == (["first", "second"], ["oth", "oth"])


def test_a_class_that_cannot_work_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="input_text has an annotation, which makes it a parameter"):

        class Annotated(Filter):
            """A filter."""

            input_text: Input = Input(str)

            def keep(self, text: str) -> bool:
                return True

    with pytest.raises(TypeError, match=r"are \(\). input_text has an annotation, which makes it a parameter: write input_text = Input"):

        class AnnotatedText(Filter):
            """A filter."""

            input_text: str = "text"

            def keep(self, text: str) -> bool:
                return True

    with pytest.raises(TypeError, match="AsElsewhere defines __init__: leave it out, for the parameters of an operator are fields of its class"):

        class AsElsewhere(Filter):
            """A filter."""

            input_text = Input(str)

            def __init__(self, most: int = 3) -> None:
                self.most = most

            def keep(self, text: str) -> bool:
                return len(text) <= self.most

    with pytest.raises(TypeError, match="makes no column: declare one"):

        class NoOutput(Evaluate):
            """An evaluator."""

            input_text = Input(str)

            def evaluate(self, text: str) -> int:
                return 1

    with pytest.raises(TypeError, match="NoColumn makes no column of an answer: declare one"):

        class NoColumn(LLMEvaluate):
            """An evaluator."""

            input_text = Input(str)
            prompt: PromptTemplate[str] = PromptTemplate(user="Rate {{ text }}")

    with pytest.raises(TypeError, match="generate_batch, which makes columns"):

        class RowsOfBatch(Generate):
            """A generator."""

            adds_rows = True
            input_text = Input(str)
            output_piece = Output(str)

            def generate_batch(self, text: pa.Array) -> pa.Array:
                return text


def test_a_function_that_returns_no_value_of_its_own_is_refused_when_its_class_is_made() -> None:
    with pytest.raises(TypeError, match=r"AsyncBatch.keep_batch is asynchronous.*write keep_batch with def"):

        class AsyncBatch(Filter):
            """A filter."""

            input_text = Input(str)

            async def keep_batch(self, text: pa.Array) -> Any:
                return [True] * len(text)

    with pytest.raises(TypeError, match=r"Yields.keep yields"):

        class Yields(Filter):
            """A filter."""

            input_text = Input(str)

            def keep(self, text: str) -> Any:
                yield True

    with pytest.raises(TypeError, match=r"YieldsText.refine yields"):

        class YieldsText(Refine):
            """A refiner."""

            input_text = Input(str)

            def refine(self, text: str) -> Any:
                yield text

    with pytest.raises(TypeError, match=r"YieldsBatch.evaluate_batch yields"):

        class YieldsBatch(Evaluate):
            """An evaluator."""

            input_text = Input(str)
            output_length = Output(int)

            def evaluate_batch(self, text: pa.Array) -> Any:
                yield len(text)

    with pytest.raises(TypeError, match=r"YieldsAsync.generate is asynchronous.*return a list"):

        class YieldsAsync(Generate):
            """A generator."""

            adds_rows = True
            input_text = Input(str)
            output_word = Output(str)

            async def generate(self, text: str) -> Any:
                yield text


def test_functions_that_wait_for_a_row_or_yield_new_rows_are_taken() -> None:
    class Waits(Filter):
        """A filter."""

        input_text = Input(str)

        async def keep(self, text: str) -> bool:
            return True

    class YieldsRows(Generate):
        """A generator."""

        adds_rows = True
        input_text = Input(str)
        output_word = Output(str)

        def generate(self, text: str) -> Any:
            yield from text.split()

    assert Waits().run(["a b"], progress=False).rows_out == 1
    assert YieldsRows().run(["a b"], progress=False).table["word"].to_pylist() == ["a", "b"]


for _wrong in [cls for cls in registered.values() if cls.__module__ == __name__]:
    del registered[_wrong.__name__]  # the tests of the whole registry would take them for operators


@pytest.mark.parametrize(("base", "verb"), [(Filter, "keep"), (Refine, "refine")])
def test_a_kind_that_makes_no_column_declares_none(base: type[Operator], verb: str) -> None:
    with pytest.raises(TypeError, match=r"declares output_score, and a (filter|refiner) makes no column"):
        type("Scoring", (base,), {"__module__": __name__, "input_text": Input(str), "output_score": Output(int), verb: lambda self, text: text})


class _Score(BaseModel):
    score: int


class _ScorePrompt(PromptTemplate[_Score]):
    user = "Score {{ text }}"


@pytest.mark.parametrize(("given", "right"), [(_ScorePrompt, r"_ScorePrompt\(\)"), ("Score {{ text }}", r"PromptTemplate\[...\]\(user='Score")])
def test_a_prompt_is_neither_a_class_nor_a_text(given: Any, right: str) -> None:
    with pytest.raises(TypeError, match=rf"Scorer\.prompt is to be a prompt, and is a \w+: write {right}"):

        class Scorer(LLMEvaluate):
            input_text = Input(str)
            output_score = Output(int)
            prompt: PromptTemplate[_Score] = given


class ReadsJson(Evaluate):
    """The score in a text of JSON."""

    input_text = Input(str)
    output_score = Output(int)

    def evaluate(self, text: str) -> int:
        return _Score.model_validate_json(text).score


def test_a_row_that_fails_a_model_says_what_was_wrong_with_it() -> None:
    (reason,) = aside(ReadsJson(), '{"score": "high"}')
    assert reason == "ValidationError: score: Input should be a valid integer, unable to parse string as an integer"


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("needs", "llm", r'needs is a text, of which each letter would be one: write needs = \("llm",\)'),
        ("asks", "throw out texts that shout", "asks is a text"),
        ("packages", "torch", "packages is a text"),
        ("scope", "tabel", 'scope is "tabel"'),
    ],
)
def test_what_a_class_says_of_itself_is_checked(attribute: str, value: str, said: str) -> None:
    with pytest.raises(TypeError, match=rf"Keeping\.{said}"):
        type("Keeping", (Filter,), {"__module__": __name__, "input_text": Input(str), "keep": lambda self, text: True, attribute: value})


@pytest.mark.filterwarnings("ignore:Field name")
@pytest.mark.parametrize("taken", ["kind", "run", "name", "fingerprint"])
def test_a_parameter_takes_the_name_of_nothing_that_operators_have(taken: str) -> None:
    body = {"__module__": __name__, "__annotations__": {taken: str}, taken: "x", "input_text": Input(str), "keep": lambda self, text: True}
    with pytest.raises(TypeError, match=rf"Keeping\.{taken} is something that every \w+ has: give the parameter another name"):
        type("Keeping", (Filter,), body)


def test_nulls_are_skipped_or_given() -> None:
    with pytest.raises(ValueError, match="nulls is 'pas'"):
        Input(str, nulls="pas")  # type: ignore[arg-type]


class DecidesWith(Filter):
    """Keep what it is told to keep, of all rows at once; where it is told nothing, all of them."""

    scope = "table"
    input_text = Input(str)
    decision: Any = None

    def keep_table(self, rows: RowsReader) -> Any:
        if self.decision == "another column":
            next(rows.batches(["url"]))
        return np.ones(int(rows.present().sum()), bool) if self.decision is None else self.decision


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (Verdict(np.array(["no", "no"])), "values of <U2: return a mask of booleans, or a Verdict"),
        (Verdict(np.array([0.1, 0.9])), "values of float64: return a mask of booleans"),
        (True, "DecidesWith gave 'True': return a mask with a boolean for each row"),
        ("another column", r'DecidesWith\.keep_table raised ValueError: DecidesWith has no input "url"; its inputs are text'),
    ],
)
def test_a_decision_on_a_table_is_one_boolean_a_row(decision: Any, said: str) -> None:
    with pytest.raises(StageFailed, match=said):
        DecidesWith(decision=decision).run(["a", "b"], progress=False)
    assert DecidesWith(decision=[True, False]).run(["a", "b"], progress=False).rows_out == 1

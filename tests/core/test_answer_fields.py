"""What the type of an answer lacks for the columns, the rows, the text or the decision that is made of it, told before a model is asked."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, computed_field, create_model

from operators.asking.prompt import PromptTemplate
from operators.core.llm import LLMEvaluate, LLMFilter, LLMGenerate, LLMRefine
from operators.core.operator import Operator
from operators.tables.columns import Input, Output
from operators.tables.errors import ColumnError
from operators.testing import ScriptedServing


class Pair(BaseModel):
    question: str
    answer: str


class Opinion(BaseModel):
    reason: str
    verdict: bool
    marks: Annotated[int, Field(ge=0, le=5)]
    label: Literal["good", "bad"] | None = None
    pairs: list[Pair] = []

    @property
    def passed(self) -> bool:
        return self.marks > 2

    @computed_field  # type: ignore[prop-decorator]
    @property
    def share(self) -> float:
        return self.marks / 5


def prompt_of(answer: Any) -> PromptTemplate[Any]:
    return PromptTemplate[answer](user="What of this?\n{{ text }}")


def evaluates(answer: Any, /, **outputs: Output) -> Operator:
    made = {f"output_{short}": output for short, output in outputs.items()}
    return type("Rates", (LLMEvaluate,), {"__module__": __name__, "__qualname__": "<locals>.Rates", "input_text": Input(str), **made})(
        prompt=prompt_of(answer)
    )  # type: ignore[no-any-return]


def filters(answer: Any) -> Operator:
    class Decides(LLMFilter):
        """Keeps what the model would keep."""

        input_text = Input(str)

    return Decides(prompt=prompt_of(answer))


def refines(answer: Any) -> Operator:
    class Betters(LLMRefine):
        """Takes a better text."""

        input_text = Input(str)

    return Betters(prompt=prompt_of(answer))


def generates(answer: Any, /, **outputs: Output) -> Operator:
    made = {f"output_{short}": output for short, output in outputs.items()}
    space = {"__module__": __name__, "__qualname__": "<locals>.Makes", "adds_rows": True, "input_text": Input(str), **made}
    return type("Makes", (LLMGenerate,), space)(prompt=prompt_of(answer))  # type: ignore[no-any-return]


def model(**fields: Any) -> type[BaseModel]:
    return create_model("Answer", **{name: (type_, ...) for name, type_ in fields.items()})


WRONG = {
    "no such field": (evaluates(Opinion, score=Output(int)), 'the answer Opinion has no field "score"'),
    "misspelt field": (evaluates(Opinion, score=Output(int, from_field="mark")), 'no field "mark"(?s:.*)did you mean "marks"'),
    "number as text": (evaluates(Opinion, marks=Output(str)), 'the field "marks" of the answer Opinion is integer, and the column text'),
    "text as number": (evaluates(Opinion, score=Output(float, from_field="reason")), "is text, and the column number"),
    "a list as text": (evaluates(Opinion, pairs=Output(str)), "is list of struct"),
    "plain text as number": (evaluates(str, score=Output(int)), "the answer is text, and the column integer"),
    "plain text for two": (evaluates(str, a=Output(str), b=Output(str)), "the answer is one value, text, and there are 2 outputs"),
    "no keep": (filters(Opinion), 'no field "keep"'),
    "plain text to decide by": (filters(str), 'the answer text has no field "keep"'),
    "keep in words": (filters(model(keep=str)), 'the field "keep" of the answer Answer is text'),
    "keep by a label": (filters(model(keep=Literal["yes", "no"])), 'the field "keep" of the answer Answer is text'),
    "reasons in a list": (filters(model(keep=bool, reason=list[str])), 'the field "reason"'),
    "two texts": (refines(model(draft=str, final=str)), "which field of the answer Answer is the new value"),
    "no text": (refines(model(marks=int)), "which field of the answer Answer is the new value"),
    "a text that is a number": (refines(model(text=int)), "the answer is integer, and text is rewritten"),
    "no list": (generates(Pair, question=Output(str)), "the answer has no list"),
    "plain text for rows": (generates(str, question=Output(str)), "the answer has no list"),
    "two lists": (generates(model(good=list[str], bad=list[str]), word=Output(str)), "the answer has the lists good, bad"),
    "rows without the field": (generates(model(pairs=list[Pair]), word=Output(str)), 'the answer Pair has no field "word"'),
    "rows of numbers": (generates(model(years=list[int]), word=Output(str)), "the answer is integer, and the column text"),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_answer_that_does_not_fit_is_told_before_a_model_is_asked(what: str) -> None:
    operator, said = WRONG[what]
    serving = ScriptedServing(lambda _: "{}")
    with pytest.raises(ColumnError, match=said):
        operator.run(["a text"], resources={"llm": serving}, progress=False)
    assert serving.requests == []


OPINION = {"reason": "short", "verdict": True, "marks": 4, "label": "good", "pairs": [{"question": "Q", "answer": "A"}]}
PAIR = {"question": "Who?", "answer": "Nobody."}

RIGHT: dict[str, tuple[Operator, Any, list[dict[str, Any]]]] = {
    "by name": (evaluates(Opinion, marks=Output(int), reason=Output(str)), OPINION, [{"marks": 4, "reason": "short"}]),
    "by field": (evaluates(Opinion, score=Output(float, from_field="marks")), OPINION, [{"score": 4.0}]),
    "of a closed set": (evaluates(Opinion, label=Output(str)), OPINION, [{"label": "good"}]),
    "worked out": (evaluates(Opinion, passed=Output(bool), share=Output(float)), OPINION, [{"passed": True, "share": 0.8}]),
    "a choice of types": (evaluates(model(mark=int | str), mark=Output(str)), {"mark": "high"}, [{"mark": "high"}]),
    "plain text": (evaluates(str, summary=Output(str)), "in short", [{"summary": "in short"}]),
    "decided": (filters(model(keep=bool, reason=str)), {"keep": True, "reason": "good"}, [{"text": "a text"}]),
    "decided without a reason": (filters(model(keep=bool)), {"keep": True}, [{"text": "a text"}]),
    "rewritten, plain": (refines(str), "better", [{"text": "better"}]),
    "rewritten, the only field": (refines(model(better=str)), {"better": "new"}, [{"text": "new"}]),
    "rewritten, by name": (refines(model(thought=str, text=str)), {"thought": "hm", "text": "new"}, [{"text": "new"}]),
    "rewritten, beside the reason": (refines(model(reason=str, better=str)), {"reason": "hm", "better": "new"}, [{"text": "new"}]),
    "rewritten, beside a number": (refines(model(marks=int, better=str)), {"marks": 1, "better": "new"}, [{"text": "new"}]),
    "rows of the only list": (
        generates(model(notes=str, found=list[str]), word=Output(str)),
        {"notes": "", "found": ["a", "b"]},
        [{"word": "a"}, {"word": "b"}],
    ),
    "rows by the output's name": (generates(model(bad=list[str], word=list[str]), word=Output(str)), {"bad": ["x"], "word": ["a"]}, [{"word": "a"}]),
    "rows by the fields of items": (
        generates(model(notes=list[str], pairs=list[Pair]), question=Output(str), answer=Output(str)),
        {"notes": ["x"], "pairs": [PAIR]},
        [PAIR],
    ),
    "rows with a field of another name": (
        generates(model(pairs=list[Pair]), q=Output(str, from_field="question")),
        {"pairs": [PAIR]},
        [{"q": "Who?"}],
    ),
    "rows of a list that may be null": (generates(model(pairs=list[Pair] | None), question=Output(str)), {"pairs": [PAIR]}, [{"question": "Who?"}]),
}


@pytest.mark.parametrize("what", RIGHT)
def test_an_answer_that_fits_is_taken(what: str) -> None:
    operator, answer, expected = RIGHT[what]
    serving = ScriptedServing(lambda _: answer if isinstance(answer, str) else json.dumps(answer))
    table = operator.run(["a text"], resources={"llm": serving}, progress=False).table
    assert [{name: row[name] for name in wanted} for row, wanted in zip(table.to_pylist(), expected, strict=True)] == expected


def test_an_operator_that_reads_the_answer_itself_is_not_held_to_it() -> None:
    class Counts(LLMEvaluate):
        """How many pairs a model finds."""

        input_text = Input(str)
        output_pairs = Output(int)
        prompt: PromptTemplate[Opinion] = prompt_of(Opinion)

        def columns_of(self, answer: Any) -> dict[str, Any]:
            return {"pairs": len(answer.pairs)}

    serving = ScriptedServing(lambda _: json.dumps(OPINION))
    assert Counts().run(["a text"], resources={"llm": serving}, progress=False).table["pairs"].to_pylist() == [1]

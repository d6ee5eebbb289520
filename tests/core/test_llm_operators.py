"""Operators that ask: prompts, shapes, asking again, failures, streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from pydantic import BaseModel

from dataflow_assets.showing.lines import finished_line
from operators.asking.answers import Answer, Completion, Failure, ServingStopped
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Message, Part, Request, Sampling
from operators.asking.templates import shorten
from operators.core import registry
from operators.core.answering_model import NamesItsModel
from operators.core.llm import LLMFilter, LLMGenerate, LLMRefine
from operators.engine.result import RunResult
from operators.generic.prompted import PromptedFilter
from operators.tables.columns import Input, Output
from operators.tables.errors import ParameterError, StageFailed
from operators.tables.storage import MemoryStorage
from operators.testing.check import scripted_resources
from operators.testing.sample_tables import sample_inputs
from operators.testing.scripted_serving import ScriptedServing, smallest_answer
from operators.text.raters.educational_value import EducationalValueEvaluator
from tests.core.samples import rows_of, table


def text_of(request: Request) -> str:
    return str(request.messages[-1].content)


def test_the_answers_fields_become_columns_and_nulls_are_not_asked_about() -> None:
    serving = ScriptedServing(lambda request: json.dumps({"reason": "because", "score": 4}))
    kept = MemoryStorage()
    report = EducationalValueEvaluator().run(table("a text", None), into=kept, resources={"llm": serving})
    assert [(row["educational_value"], row["educational_reason"]) for row in rows_of(kept)] == [(4, "because"), (None, None)]
    assert len(serving.requests) == 1
    assert "a text" in text_of(serving.requests[0])
    assert serving.requests[0].json_schema is not None
    assert report.usage["llm"].calls == 1


def test_a_model_that_gives_all_rows_one_score_is_found_out() -> None:
    def rated(answers: Callable[[int], int], rows: int = 24) -> RunResult:
        scores = iter(range(rows))
        serving = ScriptedServing(lambda request: json.dumps({"reason": "because", "score": answers(next(scores))}))
        return EducationalValueEvaluator().run([f"text {row}" for row in range(rows)], resources={"llm": serving}, progress=False)

    same = rated(lambda row: 5)
    assert dict(same.scores) == {"educational_value = 5": 24}
    assert same.report.same_scores() == {"educational_value = 5": 24}
    assert "educational_value = 5 in all 24 scored" in repr(same)
    assert "all 24 rows with a score have educational_value = 5, which tells none from another" in finished_line("rate", same.report, "evaluate")
    assert dict(rated(lambda row: row % 2).scores) == {"educational_value = 0": 12, "educational_value = 1": 12}
    assert not rated(lambda row: row % 2).report.same_scores()
    assert not rated(lambda row: 5, rows=10).report.same_scores(), "ten rows may be alike"


def test_an_answer_that_does_not_fit_is_asked_for_again_with_what_was_wrong() -> None:
    answers = iter(['{"reason": "because", "score": 9}', "no JSON", '{"reason": "because", "score": 5}'])
    serving = ScriptedServing(lambda request: next(answers))
    kept = MemoryStorage()
    EducationalValueEvaluator().run(table("a text"), into=kept, resources={"llm": serving})
    assert rows_of(kept)[0]["educational_value"] == 5
    assert "score: Input should be less than or equal to 5" in text_of(serving.requests[1])
    assert [message.role for message in serving.requests[2].messages] == ["system", "user", "assistant", "user", "assistant", "user"]


def test_a_row_without_a_good_answer_is_set_aside_with_the_true_reason() -> None:
    def answer(request: Request) -> str | Failure:
        if "refused" in text_of(request):
            return Failure("filtered", "the provider refused the content")
        return "nonsense" if "stubborn" in str(request.messages[1].content) else smallest_answer(request)

    kept, rejected = MemoryStorage(), MemoryStorage()
    EducationalValueEvaluator(max_failed=1).run(
        table("fine", "refused", "stubborn"), into=kept, rejected=rejected, resources={"llm": ScriptedServing(answer)}
    )
    assert [row["text"] for row in rows_of(kept)] == ["fine"]
    reasons = {row["text"]: row["rejected_reason"] for row in rows_of(rejected)}
    assert reasons["refused"] == "filtered: the provider refused the content"
    assert reasons["stubborn"].startswith("invalid_answer: the answer does not fit the schema")
    assert "asked 3 times" in reasons["stubborn"]


def test_rows_are_asked_about_together_and_stay_in_order() -> None:
    serving = ScriptedServing(lambda request: json.dumps({"reason": text_of(request)[-9:], "score": 1}), seconds=0.002, max_in_flight=8)
    source = table(*(f"text {index:04d}" for index in range(300)))
    kept = MemoryStorage()
    EducationalValueEvaluator().run(source, into=kept, resources={"llm": serving})
    assert [row["educational_reason"] for row in rows_of(kept)] == [f"text {index:04d}" for index in range(300)]
    assert serving.most_at_once >= 8


def test_a_serving_that_stops_ends_the_stage_at_once_and_publishes_nothing() -> None:
    def answer(request: Request) -> str | BaseException:
        return ServingStopped("the key was refused") if "text 20" in text_of(request) else smallest_answer(request)

    serving = ScriptedServing(answer, seconds=0.001)
    kept = MemoryStorage()
    with pytest.raises(ServingStopped, match="the key was refused"):
        EducationalValueEvaluator().run(table(*(f"text {index}" for index in range(3000))), into=kept, resources={"llm": serving})
    assert kept.count_rows() == 0
    assert len(serving.requests) < 2000


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(StageFailed, match='EducationalValueEvaluator needs the resource "judge"'):
        EducationalValueEvaluator(llm="judge").run(table("x"), into=MemoryStorage(), resources={"llm": ScriptedServing()})


class Verdict(BaseModel):
    keep: bool
    reason: str


class Question(BaseModel):
    question: str
    answer: str


class Questions(BaseModel):
    questions: list[Question]


def test_filters_refiners_and_generators_ask_the_same_way() -> None:
    class KeepPrompt(PromptTemplate[Verdict]):
        user = "Keep {{ text }}?"

    class Keep(LLMFilter, abstract=True):
        input_text = Input(str)
        prompt: PromptTemplate[Verdict] = KeepPrompt()

    class PolitePrompt(PromptTemplate[str]):
        user = "Say it politely: {{ text }}"

    class Polite(LLMRefine, abstract=True):
        input_text = Input(str)
        prompt: PromptTemplate[str] = PolitePrompt()

    class QuestionsPrompt(PromptTemplate[Questions]):
        user = "{{ number }} questions about {{ text }}"

    class AskAbout(LLMGenerate, abstract=True):
        adds_rows = True
        input_text = Input(str)
        output_question = Output(str)
        output_answer = Output(str)
        prompt: PromptTemplate[Questions] = QuestionsPrompt()
        number: int = 2

    rejected, kept = MemoryStorage(), MemoryStorage()
    Keep().run(table("a", "b"), into=kept, rejected=rejected, resources={"llm": ScriptedServing(lambda request: '{"keep": false, "reason": "dull"}')})
    assert {row["rejected_reason"] for row in rows_of(rejected)} == {"dull"}
    Polite().run(table("a"), into=kept, resources={"llm": ScriptedServing(lambda request: "please " + text_of(request)[-1])})
    assert [row["text"] for row in rows_of(kept)] == ["please a"]
    asked = ScriptedServing(lambda request: json.dumps({"questions": [{"question": "q1", "answer": "a1"}, {"question": "q2", "answer": "a2"}]}))
    source = table("a")
    AskAbout(number=3).run(source, into=kept, resources={"llm": asked})
    assert [(row["text"], row["question"], row["answer"]) for row in rows_of(kept)] == [("a", "q1", "a1"), ("a", "q2", "a2")]
    assert text_of(asked.requests[0]) == "3 questions about a"
    assert {tuple(row["parent_ids"]) for row in rows_of(kept)} == {(rows_of(source)[0]["row_id"],)}


def test_a_prompt_is_changed_in_part_and_its_version_follows() -> None:
    default = EducationalValueEvaluator()
    changed = EducationalValueEvaluator(prompt={"system": "You are strict."})
    assert changed.prompt.user == default.prompt.user
    assert changed.fingerprint() != default.fingerprint()
    assert EducationalValueEvaluator(prompt={"system": default.prompt.system}).fingerprint() == default.fingerprint()


def test_prompts_with_mistakes_are_refused_when_made() -> None:
    with pytest.raises(ParameterError, match="not valid Jinja2"):
        PromptTemplate(user="{{ text")
    with pytest.raises(ParameterError, match="asks nothing"):
        PromptTemplate()
    with pytest.raises(ParameterError, match='no "sytem"'):
        EducationalValueEvaluator(prompt={"sytem": "x"})


def test_text_of_a_row_is_never_run_as_a_template() -> None:
    assert PromptTemplate[str](user="{{ text }}").render({"text": "{{ 7 * 7 }}"})[1] == "{{ 7 * 7 }}"


def test_shorten_cuts_at_a_space_and_shows_it() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("word " * 50, 101) == ("word " * 20).strip() + " …"
    assert len(shorten("x" * 500, 100)) <= 102


# What an operator may say about its questions


class Twice(LLMGenerate, abstract=True):
    """Asks a drafter, then a judge."""

    needs = ("llm", "judge")
    input_text = Input(str)
    output_answer = Output(str)
    output_verdict = Output(str)
    prompt: PromptTemplate[str] = PromptTemplate(user="Improve {{ text }}")
    judge_prompt: PromptTemplate[Verdict] = PromptTemplate[Verdict](user="Keep {{ text }}?")
    judge: str = "judge"

    async def generate(self, llm: Any, judge: Any, text: str) -> tuple[str, str]:
        answer = await self.ask(llm, {"text": text})
        verdict = await self.ask(judge, {"text": answer}, prompt=self.judge_prompt)
        return answer, verdict.reason


def test_an_operator_asks_another_prompt_without_being_copied() -> None:
    drafter, judge = ScriptedServing(lambda request: "better"), ScriptedServing(lambda request: '{"keep": true, "reason": "fine"}')
    kept = MemoryStorage()
    Twice().run(table("a"), into=kept, resources={"llm": drafter, "judge": judge})
    assert [(row["answer"], row["verdict"]) for row in rows_of(kept)] == [("better", "fine")]
    assert text_of(judge.requests[0]) == "Keep better?"
    assert judge.requests[0].json_schema is not None


def test_a_question_follows_a_conversation_shows_a_picture_and_is_drawn_as_it_says() -> None:
    class Looks(LLMGenerate, abstract=True):
        input_text = Input(str)
        output_answer = Output(str)
        output_tokens = Output(int)
        prompt: PromptTemplate[str] = PromptTemplate(system="You look.", user="What is {{ text }}?")

        async def generate(self, llm: Any, text: str) -> tuple[str, int]:
            history = [Message("user", "Hello"), Message("assistant", "Hi")]
            picture = Part("image_url", "data:image/png;base64,AAAA")
            said = await self.answered(llm, {"text": text}, history=history, parts=[picture], sampling=Sampling(temperature=1.0), sample=3)
            return said.answer, said.completion.completion_tokens

    serving, kept = ScriptedServing(), MemoryStorage()
    Looks().run(table("this"), into=kept, resources={"llm": serving})
    assert rows_of(kept)[0]["tokens"] == 1
    (request,) = serving.requests
    assert [message.role for message in request.messages] == ["system", "user", "assistant", "user"]
    assert request.messages[-1].content == (Part("text", "What is this?"), Part("image_url", "data:image/png;base64,AAAA"))
    assert (request.sampling.temperature, request.sample) == (1.0, 3)


def test_sampling_can_be_left_to_the_server() -> None:
    serving = ScriptedServing()
    EducationalValueEvaluator(temperature=None, max_tokens=None).run(table("a"), resources={"llm": serving})
    assert serving.requests[0].sampling == Sampling(temperature=None, max_tokens=None)


def test_an_empty_text_is_never_kept() -> None:
    class Rewrite(LLMRefine, abstract=True):
        input_text = Input(str)
        prompt: PromptTemplate[str] = PromptTemplate(user="Rewrite {{ text }}")

    kept, rejected = MemoryStorage(), MemoryStorage()
    serving = ScriptedServing(lambda request: " ")
    Rewrite(max_failed=1, max_reasks=1).run(table("a"), into=kept, rejected=rejected, resources={"llm": serving})
    assert kept.count_rows() == 0
    assert rows_of(rejected)[0]["text"] == "a"
    assert rows_of(rejected)[0]["rejected_reason"].startswith("invalid_answer: the answer is empty (asked 2 times")


# The name of the model

NAMING = [operator for operator in registry.examples() if isinstance(operator, NamesItsModel)]
PROGRAMS = {
    "EnhancedInstructionGenerator": json.dumps({"task": "Say nothing at all.", "stub": 'def nothing():\n    """Nothing."""'}),
    "CodeSolutionGenerator": "def nothing():\n    return None",
    "ProgramAnswersGenerator": "print(6 * 7)",
    "TestsGenerator": "assert nothing() is None",
}
"""Answers that are programs: these operators take no others."""


@pytest.mark.parametrize("operator", NAMING, ids=lambda operator: operator.name)
def test_every_operator_that_adds_answers_names_its_model_where_asked_to(operator: NamesItsModel) -> None:
    named = operator.changed(model_column="answered_by", max_failed=1.0)
    needed = {named.input_columns()[short]: declared.type for short, declared in named.inputs().items() if not declared.optional}
    said = {name: f"some words of {name}" for name in needed}
    columns = {name: [said[name]] if type_ == list[str] else said[name] for name, type_ in needed.items()}
    texts, kept = MemoryStorage(pa.Table.from_pylist([columns])), MemoryStorage()
    tables = [texts] if len(named.tables) == 1 and not named.problems(texts.schema) else sample_inputs(named)["ordinary rows"]
    schemas = [table.schema for table in tables]
    assert not named.problems(*schemas)
    assert "answered_by" not in operator.schema_out(*schemas).names
    assert named.schema_out(*schemas).field("answered_by").type == pa.string()
    serving = ScriptedServing(lambda request: PROGRAMS.get(operator.name) or smallest_answer(request))
    named.run(*tables, into=kept, resources={**scripted_resources(named), named.llm: serving})
    assert set(kept.schema.names) == {"row_id", *named.schema_out(*schemas).names}
    if not serving.requests or not kept.count_rows():
        pytest.skip("no scripted answer fits it: tests of its own show what it keeps")
    assert {row["answered_by"] for row in rows_of(kept)} <= {"scripted", None}


def test_the_models_of_a_row_are_named_in_the_order_of_their_answers_and_of_a_row_without_a_question_none() -> None:
    class Named(ScriptedServing):
        async def generate(self, request: Request) -> Answer:
            answer = await super().generate(request)
            return replace(answer, model="the judge") if isinstance(answer, Completion) else answer

    kept = MemoryStorage()
    resources = {"llm": ScriptedServing(), "judge": Named()}
    report = Twice(model_column="models").run(table("a", None), into=kept, resources=resources)
    assert [row["models"] for row in rows_of(kept)] == ["scripted, the judge", None]
    assert report.usage["judge"].calls == 1


def test_a_column_for_the_model_is_checked_before_anything_is_asked() -> None:
    taken = EducationalValueEvaluator(model_column="text").problems(pa.schema([("text", pa.string())]))
    assert 'output "model"' in str(taken[0]) or '"text"' in str(taken[0])
    with pytest.raises(ParameterError, match="at least 1 character"):
        EducationalValueEvaluator(model_column="")
    with pytest.raises(ParameterError, match='no parameter "model_column"'):
        PromptedFilter(model_column="judge")

    class Forgets(LLMGenerate, abstract=True):
        input_text = Input(str)
        prompt: PromptTemplate[str] = PromptTemplate(user="{{ text }}")

        def outputs(self) -> dict[str, Output]:
            return {"answer": Output(str)}

    assert Forgets().outputs()
    with pytest.raises(ParameterError, match=r"`outputs` should add super\(\).outputs\(\)"):
        Forgets(model_column="judge")

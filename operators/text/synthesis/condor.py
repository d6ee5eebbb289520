"""Condor: questions from a tree of domains, answers, and answers made better by reviewing them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.bounded_answers import bounded, plain
from operators.core.kinds import Generate
from operators.core.llm import AsksLLM, LLMGenerate, LLMRefine
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed
from operators.tables.types import ROW_ID
from operators.text.synthesis.domain_tree import TASK_TYPES, load_domain_tree
from operators.text.synthesis.prompts import (
    CondorAnswerPrompt,
    CondorQuestionsPrompt,
    Critique,
    CritiquePrompt,
    Difficulty,
    GradedQuestions,
    ImprovedAnswerPrompt,
    Preference,
    PreferencePrompt,
)  # fmt: skip


class DomainTopicGenerator(Generate):
    """Draw a topic, a domain, a theme and a kind of task for each row from a tree of domains.

    The draw depends on the seed and the row's id alone, so that it is the same on every run and no other row changes it. `tree` is a JSON file of
    topic -> domain -> [themes]; without one, the tree of this package.
    """

    source = "Condor (Cao et al. 2025)"
    scope = "table"

    output_topic = Output(str)
    output_domain = Output(str)
    output_theme = Output(str)
    output_task_type = Output(str)

    tree: str = Field("", description="JSON file of topic -> domain -> [themes]; the package's own tree where empty.")
    task_types: tuple[str, ...] = Field(TASK_TYPES, min_length=1, description="Kinds of tasks to draw from.")
    seed: int = 0

    def generate_table(self, rows: RowsReader) -> dict[str, pa.Array]:
        leaves = load_domain_tree(self.tree)
        drawn = [(*leaves[int(draw.integers(len(leaves)))], self.task_types[int(draw.integers(len(self.task_types)))]) for draw in self._draws(rows)]
        names = ("topic", "domain", "theme", "task_type")
        return {name: pa.array([row[at] for row in drawn], pa.string()) for at, name in enumerate(names)}

    def _draws(self, rows: RowsReader) -> Iterator[np.random.Generator]:
        for batch in rows.batches([]):
            for row_id in batch.column(ROW_ID).to_pylist():
                yield np.random.default_rng([self.seed, *row_id.encode()])


class CondorGenerator(LLMGenerate):
    """Make three rows from a theme: an easy, a medium and a hard question, each with its answer. The theme's columns stay on the new rows.

    One request for the questions, one for each answer. Equal questions of a row are kept once. If an answer fails, the row is set aside with the
    reason; the answers that came are in the cache.
    """

    covers = ("CondorGenerator",)
    source = "Condor (Cao et al. 2025)"
    adds_rows = True
    prompt_variables = ("instruction",)

    input_topic = Input(str)
    input_domain = Input(str)
    input_theme = Input(str)
    input_task_type = Input(str, optional=True, nulls="pass")
    output_instruction = Output(str)
    output_output = Output(str)
    output_difficulty = Output(str, description="easy, medium or hard")

    prompt: PromptTemplate[GradedQuestions] = CondorQuestionsPrompt()
    answer_prompt: PromptTemplate[str] = CondorAnswerPrompt()
    difficulties: tuple[Difficulty, ...] = Field(get_args(Difficulty), min_length=1, description="Which of the questions to answer and keep.")
    max_characters: int | None = Field(None, ge=1, description="Longest question and answer, enforced; free where None.")
    max_tokens: int = Field(1024, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, str]]:
        asking, answering = self._with(self.prompt), self._with(self.answer_prompt)
        questions: GradedQuestions = await asking.ask(llm, values)
        asked: dict[str, str] = {}
        for difficulty in self.difficulties:
            question = getattr(questions, difficulty).strip()
            if question and question not in asked:
                asked[question] = difficulty
        answers = await asyncio.gather(*(answering.ask(llm, {"instruction": question}) for question in asked))
        return [
            {"instruction": question, "output": plain(answer), "difficulty": difficulty}
            for (question, difficulty), answer in zip(asked.items(), answers, strict=True)
        ]

    def _with(self, prompt: PromptTemplate[Any]) -> CondorGenerator:
        return self.model_copy(update={"prompt": bounded(prompt, self.max_characters)})


class Review(NamedTuple):
    """What a model said of an answer, the answer made better, and which of the two it prefers (None where it was not asked)."""

    critique: Critique
    improved: str
    preference: Preference | None


class ReviewsAnswers(AsksLLM, abstract=True):
    """Reviews an answer, rewrites it, and with `verify` compares the two. Two requests a row, three with `verify`."""

    prompt_variables = ("strengths", "weaknesses", "suggestion", "improved")

    input_instruction = Input(str)
    input_output = Input(str)

    prompt: PromptTemplate[Critique] = CritiquePrompt()
    improve_prompt: PromptTemplate[str] = ImprovedAnswerPrompt()
    compare_prompt: PromptTemplate[Preference] = PreferencePrompt()
    max_characters: int | None = Field(None, ge=1, description="Longest critique and answer, enforced; free where None.")
    verify: bool = Field(True, description="Compare old and new, to see whether the new is better.")
    characters: int = Field(6000, ge=1, description="How much of each text the model sees.")
    max_tokens: int = Field(1024, ge=1, description="Longest answer, in tokens.")

    async def review(self, llm: LLMSession, values: Mapping[str, Any]) -> Review:
        """What becomes of one answer.

        Raises:
            RowFailed: a request failed, the critique does not fit its schema, or the improved answer is empty.
        """
        critique: Critique = await self._with(self.prompt).ask(llm, values)
        improved = plain(await self._with(self.improve_prompt).ask(llm, {**values, **critique.model_dump()}))
        if not improved:
            raise RowFailed("invalid_answer: the improved answer is empty")
        if not self.verify:
            return Review(critique, improved, None)
        return Review(critique, improved, await self._with(self.compare_prompt).ask(llm, {**values, "improved": improved}))

    def _with(self, prompt: PromptTemplate[Any]) -> ReviewsAnswers:
        return self.model_copy(update={"prompt": bounded(prompt, self.max_characters)})


class CondorRefiner(ReviewsAnswers, LLMRefine):
    """Make an answer better, in its place: the model reviews it, rewrites it, and with `verify` the new one is kept only where it is judged better.

    An empty rewriting sets the row aside; an answer that was not made better stays as it was. To keep the review and both answers:
    ReviewedAnswerGenerator.
    """

    covers = ("CondorRefiner",)
    source = "Condor (Cao et al. 2025), Self-Refine (Madaan et al. 2023)"
    rewrites = "output"

    async def refine(self, llm: LLMSession, **values: Any) -> str:
        review = await self.review(llm, values)
        if review.preference is not None and review.preference.better != "second":
            return str(values["output"])
        return review.improved


class ReviewedAnswerGenerator(ReviewsAnswers, LLMGenerate):
    """Make an answer better, beside the old one: with the review, and whether the model finds the new one better, equal or worse, and why.

    To train on the better of the two: "best_output". To train a preference: "output" and "improved_output", with the verdict.
    """

    covers = ("CondorRefiner",)
    source = "Condor (Cao et al. 2025), Self-Refine (Madaan et al. 2023)"

    output_improved = Output(str, "improved_output")
    output_strengths = Output(str)
    output_weaknesses = Output(str)
    output_suggestion = Output(str)
    output_best = Output(str, "best_output", description="the new answer where it is judged better, or was not compared; else the old one")
    output_verdict = Output(str, description="better, equal or worse: the new answer against the old; null without `verify`")
    output_reason = Output(str, "verdict_reason")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str | None]:
        critique, improved, preference = await self.review(llm, values)
        said: dict[str, str | None] = {"improved": improved, "best": improved, **critique.model_dump()}
        if preference is None:
            return {**said, "verdict": None, "reason": None}
        if preference.better != "second":
            said["best"] = str(values["output"])
        return {**said, "verdict": {"first": "worse", "second": "better", "equal": "equal"}[preference.better], "reason": preference.reason}

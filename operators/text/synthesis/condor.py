"""Condor: questions from a tree of domains, answers, and answers made better by reviewing them."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

import pyarrow as pa
from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.bounded_answers import bounded, plain
from operators.bases.draws import generator
from operators.bases.implausible_answers import implausible
from operators.bases.preferences import Preference
from operators.bases.reviews import Critique, ReviewsAnswers
from operators.core.kinds import Generate
from operators.core.llm import LLMGenerate, LLMRefine
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.types import ROW_ID
from operators.text.synthesis.domain_tree import TASK_TYPES, load_domain_tree
from operators.text.synthesis.prompts import (
    CondorAnswerPrompt,
    CondorQuestionsPrompt,
    CritiquePrompt,
    Difficulty,
    GradedQuestions,
    ImprovedAnswerPrompt,
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
        random = (generator(self.seed, row_id) for batch in rows.batches([]) for row_id in batch.column(ROW_ID).to_pylist())
        drawn = [(*leaves[int(draw.integers(len(leaves)))], self.task_types[int(draw.integers(len(self.task_types)))]) for draw in random]
        names = ("topic", "domain", "theme", "task_type")
        return {name: pa.array([row[at] for row in drawn], pa.string()) for at, name in enumerate(names)}


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
    max_tokens: int | None = Field(1024, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, str]]:
        questions: GradedQuestions = await self.ask(llm, values, prompt=bounded(self.prompt, self.max_characters))
        asked: dict[str, str] = {}
        for difficulty in self.difficulties:
            question = getattr(questions, difficulty).strip()
            if question and question not in asked:
                asked[question] = difficulty
        answers = await asyncio.gather(*(self._answer(llm, question) for question in asked))
        return [
            {"instruction": question, "output": answer, "difficulty": difficulty}
            for (question, difficulty), answer in zip(asked.items(), answers, strict=True)
        ]

    async def _answer(self, llm: LLMSession, question: str) -> str:
        prompt = bounded(self.answer_prompt, self.max_characters)
        return plain(await self.ask(llm, {"instruction": question}, prompt=prompt, check=lambda answer: implausible(plain(answer), question)))


class CondorRefiner(ReviewsAnswers, LLMRefine):
    """Make an answer better, in its place: the model reviews it, rewrites it, and with `verify` the new one is kept only where it is judged better.

    It is judged in both orders, and has to win. An empty rewriting sets the row aside; an answer that was not made better stays as it was. To keep
    the review and both answers: ReviewedAnswerGenerator.
    """

    covers = ("CondorRefiner",)
    source = "Condor (Cao et al. 2025), Self-Refine (Madaan et al. 2023)"
    rewrites = "output"

    prompt: PromptTemplate[Critique] = CritiquePrompt()
    improve_prompt: PromptTemplate[str] = ImprovedAnswerPrompt()
    compare_prompt: PromptTemplate[Preference] = PreferencePrompt()

    async def refine(self, llm: LLMSession, **values: Any) -> str:
        return (await self.review(llm, values)).best


class ReviewedAnswerGenerator(ReviewsAnswers, LLMGenerate):
    """Make an answer better, beside the old one: with the review, and whether the model finds the new one better, equal or worse, and why.

    To train on the better of the two: "best_output". To train a preference: "output" and "improved_output", with the verdict, for which the two are
    compared in both orders. A rewriting that cannot be an answer (stray JSON, the question again) is null, and the verdict is "worse".
    """

    covers = ("CondorRefiner",)
    source = "Condor (Cao et al. 2025), Self-Refine (Madaan et al. 2023)"

    output_improved = Output(str, "improved_output", description="null where what the model wrote could not be an answer")
    output_strengths = Output(str)
    output_weaknesses = Output(str)
    output_suggestion = Output(str)
    output_best = Output(str, "best_output", description="the new answer where it is judged better, or was not compared; else the old one")
    output_verdict = Output(str, description="better, equal or worse: the new answer against the old; null where they were not compared")
    output_reason = Output(str, "verdict_reason")

    prompt: PromptTemplate[Critique] = CritiquePrompt()
    improve_prompt: PromptTemplate[str] = ImprovedAnswerPrompt()
    compare_prompt: PromptTemplate[Preference] = PreferencePrompt()

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str | None]:
        review = await self.review(llm, values)
        compared = review.comparison
        return {
            "improved": review.improved,
            "best": review.best,
            **review.critique.model_dump(),
            "verdict": compared.verdict if compared else None,
            "reason": compared.reason if compared else None,
        }

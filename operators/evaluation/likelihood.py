"""Questions that are scored by the probabilities that the model gives: texts, options, preferences."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from operators.asking.answers import Failure
from operators.asking.requests import GivenText
from operators.asking.serving import LLMSession
from operators.core.kinds import Evaluate
from operators.core.operator import Need
from operators.evaluation.formats.options import option_name
from operators.evaluation.scores import SCORE_COLUMNS, Score, unknown
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed


class BenchmarkLikelihoodEvaluator(Evaluate):
    """Score texts, single choices and preferences by the probabilities that the serving model gives them: nothing is generated.

    A text scores its perplexity, exp of the mean negative log-probability of its tokens. Of options, the one of the greatest probability after the
    question is the answer; of a preference, the better answer has to be more probable than the worse. Probabilities of options are those of all their
    tokens, by `per`: a token, a byte or the whole. Longer options lose by the whole alone, and by a token least. The options of one question, and
    many questions, are under way at once. The server has to give log-probabilities of a text; one that does not stops the stage at the first row.
    """

    covers = ("UnifiedBenchDatasetEvaluator",)
    source = "harness of EleutherAI (Gao et al. 2021): acc and acc_norm; GPT-3 (Brown et al. 2020)"
    asks = ("multiple choice by log likelihood", "perplexity benchmark of a language model", "does my model prefer the better answer")
    needs: ClassVar[tuple[Need, ...]] = ("llm",)

    input_shape = Input(str)
    input_question = Input(str)
    input_context = Input(str, optional=True, nulls="pass")
    input_choices = Input(list[str], optional=True, nulls="pass")
    input_right_choices = Input(list[int], optional=True, nulls="pass")

    llm: str = Field("llm", description="Name of the language model resource.")
    per: Literal["token", "byte", "whole"] = Field("byte", description="What the log-probability of an option is divided by.")
    characters: int = Field(12_000, ge=100, description="Longest text that is weighed; of a longer one the beginning.")

    def outputs(self) -> dict[str, Output]:
        return dict(SCORE_COLUMNS)

    async def evaluate(
        self, llm: LLMSession, shape: str, question: str, context: str | None, choices: list[str] | None, right_choices: list[int] | None
    ) -> dict[str, Any]:
        if shape == "text":
            return (await self._perplexity(llm, question)).by("likelihood")
        if shape not in ("single_choice", "preference"):
            raise RowFailed(f'the shape "{shape}" has no likelihood: text, single_choice and preference have')
        if not choices or not right_choices:
            return unknown("the row does not say which option is right").by("likelihood")
        asked = f"{context}\n\n{question}" if context else question
        prompt = f"{asked[-self.characters :]}\nAnswer:"
        weights = await asyncio.gather(*(self._weight(llm, prompt, choice) for choice in choices))
        return self._of_options(weights, right_choices).by("likelihood")

    async def _perplexity(self, llm: LLMSession, text: str) -> Score:
        values = await _log_probabilities(llm, GivenText(text[: self.characters]))
        if not values:
            raise RowFailed("the text has fewer than two tokens: nothing of it can be predicted")
        mean = -math.fsum(values) / len(values)
        return Score(None, math.exp(min(max(0.0, mean), 700.0)), None, f"{len(values)} tokens, {mean:.3f} nats each")

    async def _weight(self, llm: LLMSession, prompt: str, choice: str) -> float:
        values = await _log_probabilities(llm, GivenText(f" {choice.strip()[: self.characters]}", prompt))
        if not values:
            raise RowFailed("an option has no token")
        return math.fsum(values) / {"token": len(values), "byte": len(choice.strip().encode()) or 1, "whole": 1}[self.per]

    def _of_options(self, weights: Sequence[float], right: Sequence[int]) -> Score:
        best = max(weights)
        first = [place for place, weight in enumerate(weights) if weight == best]
        told = ", ".join(f"{option_name(place)} {weight:.3f}" for place, weight in enumerate(weights))
        if len(first) > 1:
            return Score(False, 0.0, None, f"options are equally probable: {told}")
        return Score(first[0] in right, float(first[0] in right), option_name(first[0]), f"log-probability per {self.per}: {told}")


async def _log_probabilities(llm: LLMSession, given: GivenText) -> tuple[float, ...]:
    weighed = await llm.log_probabilities(given)
    if isinstance(weighed, Failure):
        raise RowFailed(f"{weighed.kind}: {weighed.message}")
    return weighed.values

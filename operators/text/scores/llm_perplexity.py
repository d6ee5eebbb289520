"""Perplexity by the language model that serves: any that gives log-probabilities of a given text."""

from __future__ import annotations

import asyncio
import math
from typing import ClassVar

from pydantic import Field

from operators.asking.answers import Failure
from operators.asking.requests import GivenText
from operators.asking.serving import LLMSession
from operators.core.kinds import Evaluate
from operators.core.operator import Need
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed

_CUT_BACK = 4
"""A window ends at a space of its last quarter, if there is one."""


class LLMPerplexityEvaluator(Evaluate):
    """Say how surprising a text is to the serving language model: exp of the mean negative log-probability of its tokens; from 1, lower is plainer.

    Long texts are read to their end, in windows of `window` bytes; each token is judged once, after `context` bytes of the text before its window.
    A token has at least one byte, so a window and its context fit into as many tokens of the model's. Texts of fewer than two tokens are set aside.
    To filter: PercentileFilter(max=30), since the scale is the model's own. For weights in this process without a serving there is
    PerplexityEvaluator, for n-gram models KenLMPerplexityEvaluator.
    """

    covers = ("PerplexitySampleEvaluator", "PerplexityFilter")
    source = "CCNet (Wenzek et al. 2020), with a neural model"
    asks = ("perplexity through the vLLM server", "token logprobs from an API", "naturalness measured by my hosted model")
    needs: ClassVar[tuple[Need, ...]] = ("llm",)

    input_text = Input(str)
    output_score = Output(float, "perplexity")

    llm: str = Field("llm", description="Name of the language model resource.")
    window: int = Field(3072, ge=64, description="Bytes (UTF-8) that are judged in one request.")
    context: int = Field(512, ge=0, description="Bytes before a window that its first tokens are judged after.")

    async def evaluate(self, text: str, llm: LLMSession) -> float:
        answers = await asyncio.gather(*(llm.log_probabilities(given) for given in windows(text, self.window, self.context)))
        if failures := [answer for answer in answers if isinstance(answer, Failure)]:
            raise RowFailed(f"{failures[0].kind}: {failures[0].message}")
        values = [value for answer in answers if not isinstance(answer, Failure) for value in answer.values]
        if not values:
            raise RowFailed("the text has fewer than two tokens: nothing of it can be predicted")
        mean = -math.fsum(values) / len(values)
        return math.exp(max(0.0, mean)) if mean < 700 else math.inf


def windows(text: str, window: int, context: int) -> list[GivenText]:
    """Pieces of at most `window` bytes that make up the text, cut before a space where there is one, each after at most `context` bytes."""
    pieces: list[GivenText] = []
    start = 0
    while start < len(text):
        end = _end_of_piece(text, start, window)
        pieces.append(GivenText(text[start:end], _context(text, start, context)))
        start = end
    return pieces


def _end_of_piece(text: str, start: int, window: int) -> int:
    piece = text[start : start + window].encode()
    if len(piece) <= window and start + window >= len(text):
        return len(text)
    end = start + max(1, len(piece[:window].decode(errors="ignore")))
    space = max(text.rfind(mark, end - (end - start) // _CUT_BACK, end) for mark in (" ", "\n"))
    return space if space > start else end


def _context(text: str, start: int, context: int) -> str:
    """At most so many bytes before a place, in whole words: half a word would be one that is not there."""
    before = text[max(0, start - context) : start].encode()
    if start <= context and len(before) <= context:
        return text[:start]
    cut = before[len(before) - min(context, len(before)) :].decode(errors="ignore")
    _, space, rest = cut.partition(" ")
    return space + rest if rest else cut

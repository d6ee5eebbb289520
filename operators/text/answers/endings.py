"""Answers that stop in the middle, or leave something open."""

from __future__ import annotations

from operators.bases.unfinished import open_fence, unfinished
from operators.core.kinds import Filter
from operators.tables.columns import Input


class UnclosedFenceFilter(Filter):
    """Drop answers in which a code block is opened (``` or ~~~) and never closed: the answer was cut, or is no Markdown that can be shown."""

    asks = ("drop answers with an open code block", "unbalanced triple backticks", "broken markdown fences in replies")

    input_output = Input(str)

    def keep(self, output: str) -> tuple[bool, str | None]:
        line = open_fence(output)
        return line is None, f"a code block is opened in line {line} and never closed" if line is not None else None


class TruncatedAnswerFilter(Filter):
    """Drop answers that stop in the middle: on a comma, an opening bracket or a word that wants another ("because of the"), or a last line of
    prose without its end among sentences that have theirs.

    Short answers, lists, code, formulas, tables, titles and verse need no full stop. Scripts without spaces are judged by their end marks alone.
    """

    asks = ("drop answers that were cut off", "throw out unfinished answers", "responses that end mid sentence at the token limit")

    input_output = Input(str)

    def keep(self, output: str) -> tuple[bool, str | None]:
        why = unfinished(output)
        return why is None, why

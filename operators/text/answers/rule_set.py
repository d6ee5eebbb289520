"""The checks of pairs of instruction and answer as one set, for pipelines."""

from __future__ import annotations

from operators.core.kinds import Filter
from operators.text.answers.endings import TruncatedAnswerFilter, UnclosedFenceFilter
from operators.text.answers.leaks import CopiedInstructionFilter, InventedImageFilter, LeftoverFilter, RoleLeakFilter
from operators.text.answers.refusals import RefusalFilter
from operators.text.answers.requests import AnswerLanguageFilter, MissingInputFilter, RequestedFormatFilter
from operators.text.answers.substance import EmptyAnswerFilter, LoopingAnswerFilter


def answer_checks() -> tuple[Filter, ...]:
    """Every check of an answer that needs no language model, the cheapest first. They read
    "instruction", "output" and, where it is there, "input".
    """
    return (
        *(EmptyAnswerFilter(), RefusalFilter(), RoleLeakFilter(), LeftoverFilter(), InventedImageFilter()),
        *(UnclosedFenceFilter(), TruncatedAnswerFilter(), LoopingAnswerFilter(), CopiedInstructionFilter()),
        *(MissingInputFilter(), RequestedFormatFilter(), AnswerLanguageFilter()),
    )

"""What is wrong with a question by its words alone: it gives its answer away, or cannot be understood without its text."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import Field

from operators.bases.answer_overlap import SaidWords, answer_units, verdict_of
from operators.core.kinds import Filter
from operators.rag.task import LIST_MARK
from operators.tables.columns import Input

_TEXT: Final = (
    r"texts?|passages?|documents?|excerpts?|paragraphs?|articles?|snippets?|sentences?|quotes?|contexts?|author|above|section|chunks?|"
    r"description above"
)
_ABOUT_ITS_TEXT: Final = re.compile(
    rf"\b(?:according to|based on|in|from|by|per) (?:the|this|that|these|those)(?: given| provided| above| following)? (?:{_TEXT})\b"
    r"|\b(?:this|these) (?:texts?|passages?|documents?|excerpts?|paragraphs?|articles?|snippets?|sentences?|sections?|packages?|librar(?:y|ies)"
    r"|projects?|licen[cs]es?|modules?|tools?|functions?)\b"
    r"|\b(?:the|this) (?:given|provided|above|following) \w+"
    r"|\b(?:mentioned|described|stated|quoted|listed|given) (?:above|here|in the (?:text|passage|document|quote))\b"
    r"|文中|上文|本文|该文|这段|本段|文章中|この文|本文中|上記",
    re.IGNORECASE,
)
_QUESTION_WORDS: Final = frozenset("what when where why how which who is are was were does do did can has have".split())
_POINTING: Final = frozenset("it they this these he she".split())


class LeakageFilter(Filter):
    """Keep questions that do not say their answer, one of its `aliases`, or a `hidden` answer that leads to it. No model is asked.

    Words are compared as AnswerOverlapEvaluator does, so that "1,000" gives "1000" away. Of a comparison the question names its answer among others:
    that is no leak. Yes and no are never leaked.
    """

    asks = ("question contains its own answer", "drop questions that leak the answer", "answer leakage check without a model")

    input_question = Input(str)
    input_answer = Input(str)
    input_aliases = Input(list[str], "aliases", optional=True, nulls="pass")
    input_hidden = Input(list[str], "hidden", optional=True, nulls="pass")
    input_kind = Input(str, "kind", optional=True, nulls="pass")

    choices: tuple[str, ...] = Field(("comparison",), description="Kinds of questions that name what is to be chosen from.")

    def keep(self, question: str, answer: str, aliases: Any = None, hidden: Any = None, kind: Any = None) -> tuple[bool, str | None]:
        said = SaidWords(question)
        told = [] if kind in self.choices or verdict_of(answer) else [*answer.split(LIST_MARK), *(aliases or [])]
        for name in dict.fromkeys(name for name in (*told, *(hidden or [])) if name):
            if name in said:
                what = "its answer" if name in told else "an answer on the way"
                return False, f'the question says {what}: "{name[:80]}"'
        return True, None


class SelfContainedQuestionFilter(Filter):
    """Keep questions that somebody understands who sees nothing else: they speak of no "text" or "this package", and do not begin with "it".

    By wordings in English, Chinese and Japanese; with a column `topic`, each thing named there (several with "; " between them) has to be named in
    the question. No model is asked.
    """

    asks = (
        "questions that say according to the text",
        "drop questions that need their context to be understood",
        "vague questions without a subject",
    )

    input_question = Input(str)
    input_topic = Input(str, "topic", optional=True, nulls="pass")

    min_units: int = Field(4, ge=1, description="Words (or characters, in scripts without spaces) of a question, at least.")
    max_characters: int = Field(1000, ge=1, description="Characters of a question, at most.")

    def keep(self, question: str, topic: Any = None) -> tuple[bool, str | None]:
        if len(question) > self.max_characters:
            return False, f"the question has {len(question):,} characters"
        units = answer_units(question)
        if len(units) < self.min_units:
            return False, f"the question has {len(units)} words"
        if about := _ABOUT_ITS_TEXT.search(question):
            return False, f'it speaks of its text: "{about.group()}"'
        if (pointing := next((unit for unit in units[:3] if unit not in _QUESTION_WORDS), "")) in _POINTING:
            return False, f'it does not say what "{pointing}" is'
        said = SaidWords(question)
        for name in dict.fromkeys((topic or "").split(LIST_MARK)):
            if name.strip() and name not in said:
                return False, f'it does not name "{name[:80]}"'
        return True, None

"""What is wrong with a question by its words alone: it gives its answer away, or cannot be understood without its text."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.bases.answer_overlap import SaidWords, answer_units, verdict_of
from operators.bases.dangling_references import dangling_reference
from operators.bases.implausible_answers import stops_short
from operators.core.kinds import Filter
from operators.rag.task import LIST_MARK
from operators.tables.columns import Input


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
    """Keep questions that somebody understands who sees nothing else: they point to no "text", figure or "it" that is not there.

    With a column `topic`, a word of each thing there (several with "; " between them) has to be in the question. No model is asked.
    """

    asks = (
        "questions that say according to the text",
        "drop questions that need their context to be understood",
        "vague questions without a subject",
    )

    input_question = Input(str)
    input_topic = Input(str, "topic", optional=True, nulls="pass")

    names_topic: bool = Field(True, description="Whether the question has to say a word of what stands in the column topic.")
    min_units: int = Field(4, ge=1, description="Words (or characters, in scripts without spaces) of a question, at least.")
    max_characters: int = Field(1000, ge=1, description="Characters of a question, at most.")

    def keep(self, question: str, topic: Any = None) -> tuple[bool, str | None]:
        if len(question) > self.max_characters:
            return False, f"the question has {len(question):,} characters"
        units = answer_units(question)
        if len(units) < self.min_units:
            return False, f"the question has {len(units)} words"
        if stops_short(question):
            return False, "it stops in the middle"
        if pointing := dangling_reference(question):
            return False, f'it points to what its reader cannot see: "{pointing}"'
        said = SaidWords(question)
        for name in dict.fromkeys((topic or "").split(LIST_MARK)) if self.names_topic else ():
            if name.strip() and said.units.isdisjoint(answer_units(name)):
                return False, f'it says no word of "{name[:80]}"'
        return True, None

"""What of its documents a question needs: none, some, or all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from pydantic import Field

from operators.asking.serving import LLMSession
from operators.core.kinds import Filter
from operators.core.llm import LLMEvaluate
from operators.rag.checks.answering import AnswersFromDocuments, gold_answers
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed

Given: TypeAlias = Literal["nothing", "some", "all"]


class AnswerableEvaluator(AnswersFromDocuments, LLMEvaluate):
    """Try to answer each question, given nothing, some of its documents, or all: whether the answer was right, from which documents, and what it was.

    `given="nothing"` is the closed-book test: the model answers unaided. "some" is the shortcut test: every proper subset of the documents but the
    empty one, the largest first, until one is enough; a question that passes needs each of its documents. "all" tells whether it can be answered.
    With `fill`, each document that is withheld is replaced by one of `negatives` (found passages that do not answer): a lone name of the right sort
    is then no longer a sure guess. Each try draws `samples` answers; it succeeds where at least `needed` of them are right.
    """

    source = "shortcut and closed-book tests: HotpotQA (Yang et al. 2018), MuSiQue (Trivedi et al. 2022)"
    asks = (
        "can the model answer without any documents",
        "find shortcuts in multi-hop questions",
        "which documents are enough to answer a question",
        "does the answer follow from its documents",
    )
    prompt_variables = ("said", "golds")

    input_question = Input(str)
    input_answer = Input(str)
    input_aliases = Input(list[str], "aliases", optional=True, nulls="pass")
    input_documents = Input(list[str])
    input_negatives = Input(list[str], "negatives", optional=True, nulls="pass")
    output_answerable = Output(bool, description="whether it was answered rightly")
    output_from_documents = Output(list[int], description="from which documents, counted from 1; null where from none that were tried")
    output_said = Output(str, description="the right answer, or the first wrong one; null where nothing was tried")
    output_tries = Output(int, description="sets of documents that were tried")

    given: Given = Field("all", description="What the model is given: nothing, every proper subset of the documents, or all of them.")
    fill: bool = Field(False, description="Whether passages of the column negatives take the places of documents that are withheld.")
    needed: float = Field(0.5, gt=0, le=1, description="Share of the samples that has to be right.")
    most_documents: int = Field(5, ge=1, le=10, description="Of more documents there are too many subsets: such a row is set aside.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        documents: list[str] = values["documents"]
        golds = gold_answers(values["answer"], values.get("aliases"))
        if not golds:
            raise RowFailed("the answer is empty")
        if None in documents:
            raise RowFailed("one of its documents is null")
        if self.given == "some" and len(documents) > self.most_documents:
            raise RowFailed(f"it has {len(documents)} documents, and most_documents={self.most_documents}: {2 ** len(documents) - 2:,} subsets")
        tries, first = 0, None
        for places in self._sets(len(documents)):
            tries += 1
            said = await self.answers(llm, values["question"], self._shown(documents, places, values.get("negatives")))
            right = [await self.right(llm, values["question"], one, golds) for one in said]
            if sum(right) >= self.needed * len(right):
                return {
                    "answerable": True,
                    "from_documents": [place + 1 for place in places],
                    "said": said[right.index(True)],
                    "tries": tries,
                }
            first = first if first is not None else said[right.index(False)]
        return {"answerable": False, "from_documents": None, "said": first, "tries": tries}

    def _shown(self, documents: list[str], places: tuple[int, ...], negatives: Any) -> list[str]:
        """The documents of these places; with `fill`, negatives in the other places as far as there are some."""
        others = iter(negatives or ()) if self.fill and places else iter(())
        shown = [documents[place] if place in places else next(others, None) for place in range(len(documents))]
        return [text for text in shown if text is not None]

    def _sets(self, count: int) -> Iterator[tuple[int, ...]]:
        if self.given == "nothing":
            yield ()
        elif self.given == "all":
            yield tuple(range(count))
        else:
            for size in range(count - 1, 0, -1):
                yield from itertools.combinations(range(count), size)


class AnswerableFilter(Filter):
    """Keep questions by what AnswerableEvaluator found: those that were not answered, or with `answerable` those that were. The reason says how."""

    asks = ("drop questions the model knows by heart", "drop questions with a shortcut", "keep questions that their documents answer")

    input_answerable = Input(bool)
    input_from_documents = Input(list[int], "from_documents", optional=True, nulls="pass")
    input_said = Input(str, "said", optional=True, nulls="pass")

    answerable: bool = Field(False, description="Which to keep: those that were answered rightly, or those that were not.")

    def keep(self, answerable: bool, from_documents: Any = None, said: Any = None) -> tuple[bool, str | None]:
        if answerable == self.answerable:
            return True, None
        told = f': "{said[:80]}"' if said else ""
        if not answerable:
            return False, f"it was not answered from what was given{told}"
        if not from_documents:
            return False, f"it was answered without its documents{told}"
        return False, f"it was answered from document{'s' * (len(from_documents) > 1)} {', '.join(map(str, from_documents))} alone{told}"

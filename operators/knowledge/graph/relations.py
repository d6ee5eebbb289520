"""Relations between entities that texts speak of, each with the quote that says it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.bounded_answers import at_most
from operators.bases.verified_quotes import QuotedSources, VerifiedQuote
from operators.core.kinds import Filter
from operators.core.llm import LLMGenerate
from operators.knowledge.graph.names import names_in, plain_name
from operators.knowledge.graph.prompts import Relations, RelationsPrompt
from operators.tables.columns import Input, Output

_PRONOUNS = frozenset(
    "i you he she it we they this that these those who which him her them his its their one something someone here there "
    "他 她 它 我 你 我们 他们 她们 它们 这 那 这些 那些 该".split()
)


class RelationsGenerator(LLMGenerate):
    """Make a row of each relation between two entities that a text states: subject, relation, object, their kinds, and the quote that says it.

    The quote is looked up in the text (or in `input_source`); one that does not stand there is "missing". RelationCheckFilter keeps the relations
    that are proven.
    """

    source = "open information extraction; knowledge graphs as in GraphRAG (Edge et al. 2024)"
    asks = ("build a knowledge graph from documents", "extract entities and relations with evidence", "triples from text with an LLM")
    adds_rows = True

    input_text = Input(str)
    input_source = Input(str, "text", description="where the quotes have to stand")
    input_title = Input(str, optional=True, nulls="pass", description="what the text is taken from")
    output_subject = Output(str)
    output_subject_type = Output(str)
    output_relation = Output(str)
    output_object = Output(str)
    output_object_type = Output(str)
    output_quotes = Output(list[VerifiedQuote], "quotes")

    prompt: PromptTemplate[Relations] = RelationsPrompt()
    relations: int = Field(10, ge=1, le=40, description="How many to ask for, at most.")
    characters: int = Field(6000, ge=1, description="How much of the text the model sees.")
    max_tokens: int | None = Field(2048, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        if not str(values["text"]).strip():
            return []
        answer: Relations = await self.ask(llm, {"title": None, **values}, prompt=at_most(self.prompt, "relations", self.relations, or_none=True))
        sources = QuotedSources([str(values["source"])])
        return [
            {
                **{name: value.strip() for name, value in relation.model_dump(exclude={"quote"}).items()},
                "quotes": [sources.verify(relation.quote).model_dump()],
            }
            for relation in answer.relations
        ]


class RelationCheckFilter(Filter):
    """Keep relations whose subject and object stand in the quote, are two different things, and no pronouns. The quote itself is for
    VerifiedQuotesFilter.
    """

    source = "rules of our own"
    asks = ("drop hallucinated triples", "check that both entities are in the evidence sentence", "clean a knowledge graph of pronouns")

    input_subject = Input(str)
    input_relation = Input(str)
    input_object = Input(str)
    input_quotes = Input(list[VerifiedQuote])

    def keep(self, subject: str, relation: str, object: str, quotes: list[dict[str, Any]]) -> tuple[bool, str | None]:  # noqa: A002
        fault = self._fault(subject, relation, object, " … ".join(quote["quote"] for quote in quotes))
        return fault is None, fault

    @staticmethod
    def _fault(subject: str, relation: str, target: str, quote: str) -> str | None:
        for what, name in (("subject", subject), ("object", target)):
            if not plain_name(name) or name.casefold().strip() in _PRONOUNS:
                return f"the {what} {name!r} names nothing"
            if not names_in(name, quote):
                return f"the {what} {name!r} does not stand in the quote"
        if plain_name(subject) == plain_name(target):
            return "subject and object are the same"
        return None if relation.strip() else "there is no relation"

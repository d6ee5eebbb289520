"""Questions along paths of a knowledge graph: the answer and its quotes are known before the question is asked."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.dangling_references import dangling_reference
from operators.bases.verified_quotes import VerifiedQuote
from operators.core.llm import LLMGenerate
from operators.knowledge.graph.names import names_in
from operators.knowledge.graph.paths import PathStep
from operators.knowledge.questions.prompts import PathQuestion, PathQuestionPrompt
from operators.tables.columns import Input, Output


class PathQuestionGenerator(LLMGenerate):
    """Write one question along a path over several relations, whose answer is the last entity. Answer and quotes are those of the path, so that
    nothing has to be believed; the model only words the question.

    A question that says its answer, or what has to be found on the way, or that does not name where the path begins, is asked for again, and set
    aside in the end.
    """

    source = "MuSiQue (Trivedi et al. 2022)"
    asks = ("multi-hop questions from a knowledge graph", "questions that need two documents", "verbalise a graph path as a question")
    prompt_variables = ("first", "last", "hidden")

    input_path = Input(list[PathStep], "relation_path")
    input_quotes = Input(list[VerifiedQuote])
    output_question = Output(str)
    output_answer = Output(str)

    prompt: PromptTemplate[PathQuestion] = PathQuestionPrompt()
    max_tokens: int | None = Field(300, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, str]:
        path = values["path"]
        first, last, hidden = path[0]["subject"], path[-1]["object"], [step["object"] for step in path[:-1]]

        def check(answer: PathQuestion) -> str | None:
            if said := next((name for name in (last, *hidden) if names_in(name, answer.question)), None):
                return f"the question says {said!r}, which has to be found"
            if not names_in(first, answer.question):
                return f"the question does not name {first!r}"
            pointing = dangling_reference(answer.question)
            return f"it points to what its reader cannot see: {pointing!r}" if pointing else None

        asked = {"first": first, "last": last, "hidden": " or ".join(hidden), "quotes": [quote["quote"] for quote in values["quotes"]]}
        answer: PathQuestion = await self.ask(llm, asked, check=check)
        return {"question": answer.question.strip(), "answer": last}

"""New questions from old ones: changed by named strategies, or two made one."""

from __future__ import annotations

import asyncio
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import EmbeddingServing, LLMSession
from operators.bases.draws import generator
from operators.bases.embedding import embed_each
from operators.bases.implausible_answers import as_said
from operators.core.kinds import Evaluate
from operators.core.llm import LLMGenerate
from operators.engine.rows_reader import RowsReader
from operators.math.questions.prompts import FUSIONS, STRATEGIES, FusionPrompt, NewQuestion, Subject, SynthesisPrompt
from operators.tables.columns import Input, Output

Strategy: TypeAlias = Literal["numbers", "asked", "setting", "condition", "cases", "general", "constraint"]
Fusion: TypeAlias = Literal["sequential", "parallel", "conditional"]


class QuestionSynthesisGenerator(LLMGenerate):
    """Make new questions from each question by named strategies: a row for each, which names the question that it comes from as its parent.

    Each of the `count` new questions uses `together` strategies, drawn by the seed and the question alone: the same on every run, whatever the other
    rows are. A new question that repeats the old one, or one of its siblings, is asked for again. The columns of `carry` go along; a gold answer of
    the old question must not, so none does by default. Bring old and new together with Union.
    """

    covers = ("ReasoningQuestionGenerator",)
    source = "instruction evolution (WizardMath, Luo et al. 2023)"
    asks = ("augment math problems with variations", "evolve questions to harder ones", "more seed problems from the ones I have")
    adds_rows = True
    prompt_variables = ("changes",)

    input_question = Input(str)
    output_question = Output(str)
    output_strategy = Output(str, "synthesis_strategy", description='names of the strategies: "numbers + setting"')

    prompt: PromptTemplate[NewQuestion] = SynthesisPrompt()
    strategies: tuple[Strategy, ...] = Field(get_args(Strategy), min_length=1, description="Strategies to draw from.")
    count: int = Field(1, ge=1, le=20, description="New questions of each question.")
    together: int = Field(2, ge=1, le=7, description="Strategies of one new question; all of them where there are fewer.")
    subject: Subject = "mathematics"
    seed: int | None = Field(0, description="Of the draw of strategies, and given to the server.")
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely questions are drawn; null leaves it to the server.")
    carry: Literal["all", "none"] | tuple[str, ...] = Field("none", description="Columns of the old question that a new one keeps.", repr=False)

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, str]]:
        question = str(values["question"])
        draw = generator(self.seed or 0, question)
        strategies = list(dict.fromkeys(self.strategies))
        together = min(self.together, len(strategies))
        drawn = [sorted(draw.choice(len(strategies), together, replace=False).tolist()) for _ in range(self.count)]
        made: list[str] = [question]

        def check(new: NewQuestion) -> str | None:
            return "the new question is one that is there already" if as_said(new.question) in map(as_said, made) else None

        rows = []
        for number, places in enumerate(drawn):
            names = [strategies[place] for place in places]
            asked = {"question": question, "changes": [STRATEGIES[name] for name in names], "subject": self.subject}
            new: NewQuestion = await self.ask(llm, asked, check=check, sample=number)
            made.append(new.question)
            rows.append({"question": new.question.strip(), "strategy": " + ".join(names)})
        return rows


class SimilarQuestionEvaluator(Evaluate):
    """Find for each question the most similar other one by the cosine of their embeddings: its text, and the similarity, -1 to 1.

    Questions that are more alike than `max_similarity` are the same question told again, and are passed over. Null where there is no other, or where
    the embedding model has no vector for the question. Of equal similarities the first in the table is taken.
    """

    source = "MathFusion (Pei et al. 2025)"
    asks = ("pair each problem with a related one", "nearest neighbour question by embedding", "find a partner for problem fusion")
    scope = "table"
    needs = ("embedding",)

    input_question = Input(str)
    output_similar = Output(str, "similar_question")
    output_similarity = Output(float, "question_similarity")

    embedding: str = Field("embedding", description="Name of the embedding model resource.")
    max_similarity: float = Field(0.98, gt=-1, le=1, description="A question above it is the same told again.")

    def evaluate_table(self, rows: RowsReader, embedding: EmbeddingServing) -> dict[str, pa.Array]:
        questions = [text for batch in rows.batches(["question"]) for text in batch.column("question").to_pylist()]
        if not questions:
            return {"similar": pa.array([], pa.string()), "similarity": pa.array([], pa.float64())}
        vectors, without = embed_each(embedding, questions)
        similar: list[str | None] = []
        similarity: list[float | None] = []
        usable = np.array([place not in without for place in range(len(questions))])
        for start in range(0, len(questions), 512):
            cosines = vectors[start : start + 512] @ vectors.T
            cosines[:, ~usable] = -np.inf
            cosines[cosines > self.max_similarity] = -np.inf
            cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -np.inf
            for place, row in enumerate(cosines, start):
                nearest = int(row.argmax())
                found = usable[place] and np.isfinite(row[nearest])
                similar.append(questions[nearest] if found else None)
                similarity.append(float(row[nearest]) if found else None)
        return {"similar": pa.array(similar, pa.string()), "similarity": pa.array(similarity, pa.float64())}


class QuestionFusionGenerator(LLMGenerate):
    """Join two questions into a new one, in each of the named ways: a row for each, with the way; its parent is the first question's row.

    Sequential: the answer of the first is needed for the second; parallel: the ideas of both are needed together; conditional: what is asked for
    depends on both answers. The second question stands in the column that SimilarQuestionEvaluator makes, and in the prompt as it is. A result that
    repeats one of the two is asked for again.
    """

    covers = ("ReasoningQuestionFusionGenerator",)
    source = "MathFusion (Pei et al. 2025)"
    asks = ("combine two problems into one", "fuse related questions", "harder questions out of pairs")
    adds_rows = True
    prompt_variables = ("way",)

    input_question = Input(str)
    input_other = Input(str, "similar_question")
    output_question = Output(str)
    output_way = Output(str, "fusion", description="sequential, parallel or conditional")

    prompt: PromptTemplate[NewQuestion] = FusionPrompt()
    ways: tuple[Fusion, ...] = Field(get_args(Fusion), min_length=1)
    temperature: float | None = Field(0.7, ge=0, le=2, description="How freely questions are drawn; null leaves it to the server.")
    max_tokens: int | None = Field(1024, ge=1, description="Longest answer, in tokens.")
    carry: Literal["all", "none"] | tuple[str, ...] = Field("none", description="Columns of the first question that a new one keeps.", repr=False)

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, Any]]:
        originals = [as_said(str(values["question"])), as_said(str(values["other"]))]

        def check(new: NewQuestion) -> str | None:
            return "the new problem repeats one of the two" if as_said(new.question) in originals else None

        asked = [self.ask(llm, {**values, "way": FUSIONS[way]}, check=check) for way in self.ways]
        made: list[NewQuestion] = list(await asyncio.gather(*asked))
        return [{"question": new.question.strip(), "way": way} for new, way in zip(made, self.ways, strict=True)]

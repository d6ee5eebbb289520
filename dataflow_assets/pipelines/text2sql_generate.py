"""Questions and queries made for databases, proven on them, as messages to train on."""

from __future__ import annotations

from collections.abc import Mapping

from dataflow_assets.pipelines.text2sql_refine import Check, Text2sqlRefine
from operators.generic.join import Union
from operators.pipeline.handle import Handle
from operators.text2sql.classifiers import SQLComponents, SQLHardnessClassifier
from operators.text2sql.duplicates import ExactSQLDedup
from operators.text2sql.filters import SQLAnswerFilter
from operators.text2sql.questions.rephrasing import QuestionRephraseGenerator
from operators.text2sql.questions.writing import SQLQuestionGenerator
from operators.text2sql.sample import SQLSampler
from operators.text2sql.sampling.sampler import EVEN
from operators.text2sql.synthesis.briefs import SQLBriefSampler
from operators.text2sql.synthesis.queries import SQLQueryGenerator


class Text2sqlGenerate(Text2sqlRefine):
    """Make queries and their questions for each database, and keep the pairs that hold, with reasoning; say of each other why not.

    `queries` of each database are drawn by a grammar, each with a plain question that is right; with `rephrase` a model says it in other words,
    without losing anything. `written` more are written by a model, at a complexity that is checked, and get a question from the model. Everything
    that can be proven without a model comes first; how pairs are checked and reasoning is voted on is as in text2sql_refine. With `rephrase=false`,
    `check="none"` and `reasonings=0` no model is needed.
    """

    expects = {"db_id": str}

    def __init__(
        self,
        queries: int = 100,
        mix: Mapping[str, float] = EVEN,
        written: int = 0,
        candidates: int = 3,
        rephrase: bool = True,
        check: Check = "back-translation",
        answers: int = 1,
        needed: float = 0.5,
        reasonings: int = 3,
        show_gold: bool = False,
        steps: bool = True,
        tries: int = 0,
        judge: str = "llm",
        temperature: float = 0.7,
        max_tokens: int = 1024,
        max_schema_tokens: int | None = 3000,
        examples: int = 3,
        seed: int = 0,
    ) -> None:
        schema = {"max_schema_tokens": max_schema_tokens, "examples": examples}
        self.sample = SQLSampler(count=queries, mix=mix, seed=seed)
        if rephrase:
            self.rephrase = QuestionRephraseGenerator(seed=seed)
        if written:
            self.brief = SQLBriefSampler(count=written, values=bool(examples), seed=seed)
            self.write = SQLQueryGenerator(criteria="label", **schema)
            self.says_something = SQLAnswerFilter()
            self.once = ExactSQLDedup()
            self.hardness = SQLHardnessClassifier()
            self.ask = SQLQuestionGenerator(samples=candidates, temperature=0.8 if candidates > 1 else 0.0, seed=seed, **schema)
            self.pairs = Union(fill=True)
        self.components = SQLComponents()
        self._pair_stages(check, answers, needed, judge, temperature, max_schema_tokens, examples)
        self._message_stages(reasonings, show_gold, steps, tries, temperature, max_tokens, max_schema_tokens, examples)

    def forward(self, databases: Handle) -> Handle:
        stages = self.operators()
        drawn = self.sample(databases, output_question="template_question" if "rephrase" in stages else "question")
        pairs = self.rephrase(drawn) if "rephrase" in stages else drawn
        if "write" in stages:
            queries = self.hardness(self.once(self.says_something(self.write(self.brief(databases)))))
            pairs = self.pairs(pairs, self.ask(queries))
        return self._messages(self._proven(self.components(pairs)))

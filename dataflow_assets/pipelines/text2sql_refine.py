"""Pairs of question and query, proven on their database, as messages to train on."""

from __future__ import annotations

from typing import Literal, TypeAlias

from operators.generic.selection.score import ScoreFilter
from operators.generic.selection.vote import MajorityVoteFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.rules.whole_text import BlankFilter
from operators.text.synthesis.chat import ChatMessagesGenerator
from operators.text2sql.classifiers import SQLComponents, SQLHardnessClassifier
from operators.text2sql.duplicates import ExactSQLDedup
from operators.text2sql.filters import SQLAnswerFilter, SQLExecutabilityFilter
from operators.text2sql.raters.back_translation import BackTranslationEvaluator
from operators.text2sql.raters.correspondence import CorrespondenceFilter
from operators.text2sql.raters.execution_hardness import SQLExecutionClassifier
from operators.text2sql.reasoning.prompt_text import Text2SQLPromptGenerator
from operators.text2sql.reasoning.steps import SQLStepsGenerator
from operators.text2sql.reasoning.voting import SQLVoteEvaluator
from operators.text2sql.reasoning.writing import Text2SQLReasoningGenerator

Check: TypeAlias = Literal["back-translation", "correspondence", "both", "none"]


class Text2sqlRefine(Pipeline):
    """Keep the pairs of question and query that hold, and write the reasoning that leads from one to the other; say of each other why not.

    The query has to run and say something (`trivial` lets those stay that do not). Then, by `check`, the question is answered again by a model that
    does not see the query, `answers` times, and a share `needed` of the answers has to agree with the query on the database and its test suite
    ("back-translation"), or a model judges both ("correspondence"). Of `reasonings` chains of thought the one is taken whose query gives what the
    majority and the query of the pair give; with `reasonings=0` the steps of the query are written by rules, or with `steps=false` the query alone is
    the answer. With `tries`, the hardness of each question is how many of so many answers are right. With `check="none"` and `reasonings=0` no model
    is needed.
    """

    expects = {"db_id": str, "question": str, "sql": str}

    def __init__(
        self,
        check: Check = "back-translation",
        answers: int = 1,
        needed: float = 0.5,
        reasonings: int = 3,
        show_gold: bool = False,
        steps: bool = True,
        tries: int = 0,
        trivial: bool = False,
        judge: str = "llm",
        temperature: float = 0.7,
        max_tokens: int = 1024,
        max_schema_tokens: int | None = 3000,
        examples: int = 3,
    ) -> None:
        self.asked = BlankFilter()
        self.runs = SQLExecutabilityFilter()
        if not trivial:
            self.says_something = SQLAnswerFilter()
        self.once = ExactSQLDedup(also=("question",))
        self.hardness = SQLHardnessClassifier()
        self.components = SQLComponents()
        self._pair_stages(check, answers, needed, judge, temperature, max_schema_tokens, examples)
        self._message_stages(reasonings, show_gold, steps, tries, temperature, max_tokens, max_schema_tokens, examples)

    def forward(self, pairs: Handle) -> Handle:
        running = self.runs(self.asked(pairs, input_text="question").gathered())
        telling = self.says_something(running) if "says_something" in self.operators() else running
        return self._messages(self._proven(self.components(self.hardness(self.once(telling)))))

    def _pair_stages(
        self, check: Check, answers: int, needed: float, judge: str, temperature: float, max_schema_tokens: int | None, examples: int
    ) -> None:
        schema = {"max_schema_tokens": max_schema_tokens, "examples": examples}
        if check in ("correspondence", "both"):
            self.corresponds = CorrespondenceFilter(llm=judge, **schema)
        if check in ("back-translation", "both"):
            self.translate_back = BackTranslationEvaluator(samples=answers, temperature=temperature if answers > 1 else 0.0, llm=judge, **schema)
            self.leads_back = ScoreFilter(min=needed)

    def _proven(self, pairs: Handle) -> Handle:
        stages = self.operators()
        pairs = self.corresponds(pairs) if "corresponds" in stages else pairs
        return self.leads_back(self.translate_back(pairs), input_score="back_translation") if "translate_back" in stages else pairs

    def _message_stages(
        self,
        reasonings: int,
        show_gold: bool,
        steps: bool,
        tries: int,
        temperature: float,
        max_tokens: int,
        max_schema_tokens: int | None,
        examples: int,
    ) -> None:
        schema = {"max_schema_tokens": max_schema_tokens, "examples": examples}
        if reasonings:
            drawn = temperature if reasonings > 1 else 0.0
            self.reason = Text2SQLReasoningGenerator(samples=reasonings, temperature=drawn, max_tokens=max_tokens, show_gold=show_gold, **schema)
            self.vote = SQLVoteEvaluator()
            self.majority = MajorityVoteFilter()
        elif steps:
            self.explain = SQLStepsGenerator()
        self.prompt = Text2SQLPromptGenerator(**schema)
        if tries:
            self.tried = SQLExecutionClassifier(samples=tries, temperature=temperature if tries > 1 else 0.0, **schema)
        self.chat = ChatMessagesGenerator()

    def _messages(self, pairs: Handle) -> Handle:
        stages = self.operators()
        answer = "text2sql_answer"
        if "reason" in stages:
            pairs, answer = self.majority(self.vote(self.reason(pairs))), "reasoning"
        elif "explain" in stages:
            pairs, answer = self.explain(pairs), "reasoning"
        asked = self.prompt(pairs)
        tried = self.tried(asked) if "tried" in stages else asked
        return self.chat(tried, input_instruction="text2sql_prompt", input_output=answer)

"""Conversations in which an assistant calls functions, and each call was run."""

from __future__ import annotations

from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.duplicates.minhash import MinHashDedup
from operators.tools.conversations import ToolConversationGenerator
from operators.tools.evaluators import ToolConversationRater, ToolUseEvaluator, ToolUseFilter
from operators.tools.functions import FunctionDefinitionsGenerator
from operators.tools.implementations import ToolImplementationGenerator
from operators.tools.replays import ReplayedCallsFilter
from operators.tools.scenarios import SimilarScenarioGenerator
from operators.tools.tasks import AtomicTaskGenerator, ComposedTaskFilter, ComposedTaskGenerator, Form, Whole


class ToolCalls(Pipeline):
    """Make conversations with function calls from scenarios, and keep those of which every call fits its schema and was executed.

    Each scenario is varied; a task is written in it, and composed with others that follow from it. The functions that the task needs are defined as
    JSON schema, implemented as a Python module with a SQLite database, and run in the sandbox while a user and an assistant talk. In the end all
    calls of a conversation are made once more: what does not return the same is no evidence, and goes. `messages` and `tools` are in OpenAI's
    shape.

    All of this proves that calls were made and what they returned, and not that they are what was asked for. With `min_rating` a judge says that,
    from 1 to 5, and lower ones go: ask a strong model, by `judge`.
    """

    expects = {"scenario": str}

    def __init__(
        self,
        scenarios: int = 1000,
        variants: int = 1,
        form: Form = "sequential",
        whole: Whole = "written",
        similarity: float = 0.7,
        own_words: bool = True,
        ask_about_parts: bool = True,
        max_rounds: int = 4,
        rewrites: int = 2,
        max_seconds: float = 10,
        temperature: float = 0.7,
        coder: str = "llm",
        user: str = "llm",
        judge: str = "llm",
        min_rating: int = 0,
        seed: int = 0,
    ) -> None:
        self.sample = RandomSample(rows=scenarios, seed=seed)
        self.vary = SimilarScenarioGenerator(variants=variants, llm=user)
        self.task = AtomicTaskGenerator(temperature=temperature, seed=seed, llm=user)
        self.different = MinHashDedup(threshold=similarity, unit="character", shingle_size=4)
        self.compose = ComposedTaskGenerator(form=form, whole=whole, temperature=temperature, seed=seed, llm=user)
        self.whole = ComposedTaskFilter(ask_model=ask_about_parts, llm=user)
        self.define = FunctionDefinitionsGenerator(llm=coder)
        self.implement = ToolImplementationGenerator(rewrites=rewrites, max_seconds=max_seconds, llm=coder)
        self.talk = ToolConversationGenerator(own_words=own_words, max_rounds=max_rounds, max_seconds=max_seconds)
        self.check = ToolUseEvaluator()
        self.sound = ToolUseFilter()
        self.replay = ReplayedCallsFilter(max_seconds=max_seconds)
        if min_rating:
            self.rate = ToolConversationRater(llm=judge)
            self.good = ScoreFilter(min=min_rating).bind(input_score="tool_use_score")

    def forward(self, scenarios: Handle) -> Handle:
        varied = self.vary(self.sample(scenarios.gathered()))
        tasks = self.different(self.task(varied), input_text="atomic_task")
        composed = self.whole(self.compose(tasks))
        talked = self.talk(self.implement(self.define(composed)))
        proven = self.replay(self.sound(self.check(talked)))
        return self.good(self.rate(proven)) if "rate" in self.operators() else proven

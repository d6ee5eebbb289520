"""Instructions and answers made from documents and from a tree of domains."""

from __future__ import annotations

from operators.core.handle import Handle
from operators.core.pipeline import Pipeline
from operators.core.sequential import Sequential
from operators.generic.filter import ScoreFilter
from operators.generic.join import Union
from operators.generic.sample import RandomSample
from operators.text.dedup import ExactDedup
from operators.text.evaluate_instructions import AlpagasusEvaluator
from operators.text.filter import BlankFilter, MeanWordLengthFilter, SpecialCharacterFilter, WordCountFilter
from operators.text.generate import InstructionGenerator
from operators.text.generate_chat import ChatMessagesGenerator
from operators.text.generate_condor import CondorGenerator, CondorRefiner, DomainTopicGenerator
from operators.text.html_text import HtmlToText
from operators.text.refine import FixUnicode, NormalizeSpaces


class SftSynthesis(Pipeline):
    """Make pairs of instruction and answer to fine-tune on: one from each of some documents, and three from a theme drawn for each.

    The answers are reviewed and rewritten, the rewriting is kept where it is better, and what a judge rates low is dropped. Every pair keeps the
    documents or themes that it comes from in its parents.
    """

    expects = {"text": str}

    def __init__(
        self,
        documents: int = 1000,
        characters: int = 6000,
        max_tokens: int = 1024,
        max_characters: int | None = None,
        tree: str = "",
        min_score: float = 3,
        seed: int = 0,
    ) -> None:
        self.clean = Sequential(FixUnicode(), HtmlToText(), NormalizeSpaces())
        self.readable = Sequential(BlankFilter(), WordCountFilter(min_words=50), MeanWordLengthFilter(), SpecialCharacterFilter())
        self.sample = RandomSample(rows=documents, seed=seed)
        self.from_documents = InstructionGenerator(characters=characters, max_tokens=max_tokens, carry="none")
        self.themes = DomainTopicGenerator(tree=tree, seed=seed)
        self.from_themes = CondorGenerator(max_tokens=max_tokens, max_characters=max_characters, carry="none")
        self.all = Union()
        self.unique = ExactDedup(ignore_case=True, ignore_punctuation=True)
        self.improve = CondorRefiner(characters=characters, max_tokens=max_tokens, max_characters=max_characters)
        self.rate = AlpagasusEvaluator(characters=characters)
        self.good = ScoreFilter(min=min_score)
        self.chat = ChatMessagesGenerator()

    def forward(self, documents: Handle) -> Handle:
        chosen = self.sample(self.readable(self.clean(documents)))
        pairs = self.all(self.from_documents(chosen), self.from_themes(self.themes(chosen)))
        improved = self.improve(self.unique(pairs, input_text="instruction"))
        good = self.good(self.rate(improved), input_score="alpagasus_score")
        return self.chat(good)

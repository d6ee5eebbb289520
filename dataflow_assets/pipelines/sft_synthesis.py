"""Instructions and answers made from documents and from a tree of domains."""

from __future__ import annotations

from operators.core.sequential import Sequential
from operators.generic.join import Union
from operators.generic.selection.rank import TopFilter
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.answers.rule_set import answer_checks
from operators.text.cleaning.html_text import HtmlToText
from operators.text.cleaning.plain_text import DecodeHtmlEntities, FixUnicode, NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.raters.instructions import AlpagasusEvaluator
from operators.text.rules.rule_sets import gopher_quality, gopher_repetition
from operators.text.rules.whole_text import WordCountFilter
from operators.text.synthesis.chat import ChatMessagesGenerator
from operators.text.synthesis.condor import CondorGenerator, DomainTopicGenerator, ReviewedAnswerGenerator
from operators.text.synthesis.pairs import InstructionGenerator


class SftSynthesis(Pipeline):
    """Make pairs of instruction and answer to fine-tune on: one from each of some documents, and three from a theme drawn for each.

    A question that came twice, from whatever row, stays once. Each answer is reviewed and rewritten; old answer, review, new answer and the verdict
    between the two stay side by side, and the better one goes on as `best_output`. A judge rates it, and the best `share` becomes chats. Every pair
    names the document or theme that it comes from as its parent. With `output`, `improved_output` and `verdict` the same rows train a preference.

    Writer, reviewer and judge ask the model named `llm`; give the judge another with `judge="judge"`, so that no model marks its own work.
    """

    expects = {"text": str}

    def __init__(
        self,
        documents: int = 1000,
        characters: int = 6000,
        max_tokens: int = 1024,
        max_characters: int | None = None,
        tree: str = "",
        min_answer_words: int = 3,
        min_score: float = 3,
        share: float = 0.8,
        judge: str = "llm",
        system: str = "",
        seed: int = 0,
    ) -> None:
        self.clean = Sequential(FixUnicode(), HtmlToText(boilerplate=False), DecodeHtmlEntities(), NormalizeSpaces())
        self.readable = Sequential(*gopher_quality(), *gopher_repetition())
        self.sample = RandomSample(rows=documents, seed=seed)
        self.from_documents = InstructionGenerator(characters=characters, max_tokens=max_tokens, carry="none")
        self.themes = DomainTopicGenerator(tree=tree, seed=seed)
        self.from_themes = CondorGenerator(max_tokens=max_tokens, max_characters=max_characters, carry="none")
        self.all = Union()
        self.answered = Sequential(*answer_checks(), WordCountFilter(min_words=min_answer_words).bind(input_text="output"))
        self.once = ExactDedup(ignore_case=True, ignore_punctuation=True)
        self.different = MinHashDedup(unit="character", shingle_size=4)
        self.review = ReviewedAnswerGenerator(characters=characters, max_tokens=max_tokens, max_characters=max_characters)
        self.rate = AlpagasusEvaluator(characters=characters, llm=judge)
        self.good = ScoreFilter(min=min_score)
        self.top = TopFilter(share=share)
        self.chat = ChatMessagesGenerator(system=system)

    def forward(self, documents: Handle) -> Handle:
        readable = self.readable(self.clean(documents))
        chosen = self.sample(readable.gathered())
        pairs = self.answered(self.all(self.from_documents(chosen), self.from_themes(self.themes(chosen))))
        asked_once = self.different(self.once(pairs, input_text="instruction"), input_text="instruction")
        rated = self.rate(self.review(asked_once), input_output="best_output")
        best = self.top(self.good(rated, input_score="alpagasus_score"), input_score="alpagasus_score")
        return self.chat(best, input_output="best_output")

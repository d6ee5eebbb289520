"""Conversations from the documents of pretraining."""

from __future__ import annotations

from collections.abc import Sequence as Texts

from operators.core.sequential import Sequential
from operators.generic.selection.rank import TopFilter
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.cleaning.html_text import HtmlToText
from operators.text.cleaning.plain_text import DecodeHtmlEntities, FixUnicode, NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.language.identification import LanguageFilter
from operators.text.raters.instructions import AlpagasusEvaluator
from operators.text.rules.rule_sets import gopher_quality, gopher_repetition
from operators.text.rules.whole_text import BlankFilter, WordCountFilter
from operators.text.synthesis.chat import ChatMessagesGenerator
from operators.text.synthesis.pairs import InstructionPairsGenerator


class PretrainToChat(Pipeline):
    """Turn the good documents of a pretraining set into chats: questions that a document answers, with their answers, as messages.

    A judge, who is shown the document, rates how faithful each answer is to it, and the best `share` becomes chats: what a model makes up where the
    text says nothing is the usual fault of such sets. Each chat carries the columns of its document and names it as its parent.

    Writer and judge ask the model named `llm`; give the judge another with `judge="judge"`.
    """

    expects = {"text": str}

    def __init__(
        self,
        languages: Texts[str] = ("en",),
        documents: int = 1000,
        pairs: int = 3,
        min_answer_words: int = 3,
        min_faithfulness: float = 3,
        share: float = 0.8,
        characters: int = 6000,
        max_tokens: int = 1024,
        judge: str = "llm",
        system: str = "",
        seed: int = 0,
    ) -> None:
        self.clean = Sequential(FixUnicode(), HtmlToText(boilerplate=False), DecodeHtmlEntities(), NormalizeSpaces())
        self.language = LanguageFilter(keep=tuple(languages))
        self.quality = Sequential(*gopher_quality(), *gopher_repetition())
        self.near = MinHashDedup()
        self.sample = RandomSample(rows=documents, seed=seed)
        self.ask = InstructionPairsGenerator(pairs=pairs, characters=characters, max_tokens=max_tokens)
        self.answered = Sequential(BlankFilter(), WordCountFilter(min_words=min_answer_words))
        self.once = ExactDedup(ignore_case=True, ignore_punctuation=True)
        self.rate = AlpagasusEvaluator(dimension="faithfulness to the input", characters=characters, llm=judge)
        self.faithful = ScoreFilter(min=min_faithfulness)
        self.top = TopFilter(share=share)
        self.chat = ChatMessagesGenerator(system=system)

    def forward(self, documents: Handle) -> Handle:
        good = self.quality(self.language(self.clean(documents)))
        chosen = self.sample(self.near(good.gathered()))
        answered = self.answered(self.ask(chosen), input_text="output")
        rated = self.rate(
            self.once(answered, input_text="instruction"), input_input="text", output_score="faithfulness", output_reason="faithfulness_reason"
        )
        best = self.top(self.faithful(rated, input_score="faithfulness"), input_score="faithfulness")
        return self.chat(best)

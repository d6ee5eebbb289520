"""Conversations from the documents of pretraining."""

from __future__ import annotations

from collections.abc import Sequence as Texts

from operators.core.handle import Handle
from operators.core.pipeline import Pipeline
from operators.core.sequential import Sequential
from operators.generic.sample import RandomSample
from operators.text.dedup import ExactDedup
from operators.text.filter import AlphabeticWordsFilter, BlankFilter, MeanWordLengthFilter, SymbolToWordRatioFilter, WordCountFilter
from operators.text.generate import InstructionPairsGenerator
from operators.text.generate_chat import ChatMessagesGenerator
from operators.text.html_text import HtmlToText
from operators.text.language import LanguageFilter
from operators.text.minhash_dedup import MinHashDedup
from operators.text.refine import FixUnicode, NormalizeSpaces


class PretrainToChat(Pipeline):
    """Turn the good documents of a pretraining set into chats: questions that a document answers, with their answers, as messages.

    Each chat carries the columns of its document and names it as its parent.
    """

    expects = {"text": str}

    def __init__(
        self,
        languages: Texts[str] = ("en",),
        documents: int = 1000,
        pairs: int = 3,
        min_answer_words: int = 3,
        characters: int = 6000,
        max_tokens: int = 1024,
        system: str = "",
        seed: int = 0,
    ) -> None:
        self.clean = Sequential(FixUnicode(), HtmlToText(), NormalizeSpaces())
        self.language = LanguageFilter(keep=tuple(languages))
        self.quality = Sequential(
            BlankFilter(), WordCountFilter(min_words=50), MeanWordLengthFilter(), SymbolToWordRatioFilter(), AlphabeticWordsFilter()
        )
        self.near = MinHashDedup()
        self.sample = RandomSample(rows=documents, seed=seed)
        self.ask = InstructionPairsGenerator(pairs=pairs, characters=characters, max_tokens=max_tokens)
        self.answered = Sequential(BlankFilter(), WordCountFilter(min_words=min_answer_words))
        self.unique = ExactDedup(ignore_case=True, ignore_punctuation=True)
        self.chat = ChatMessagesGenerator(system=system)

    def forward(self, documents: Handle) -> Handle:
        good = self.quality(self.language(self.clean(documents)))
        chosen = self.sample(self.near(good))
        answered = self.answered(self.ask(chosen), input_text="output")
        return self.chat(self.unique(answered, input_text="instruction"))

"""Instructions and answers for supervised fine-tuning."""

from __future__ import annotations

from typing import Any

from operators.core.sequential import Sequential
from operators.generic.selection.deita import DeitaSelection
from operators.generic.selection.rank import TopFilter
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.answers.rule_set import answer_checks
from operators.text.cleaning.plain_text import FixUnicode, NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.messages.columns import MessagesToColumns
from operators.text.messages.each_turn import EachTurn
from operators.text.messages.valid import ValidMessagesFilter
from operators.text.raters.instructions import AlpagasusEvaluator, InstagEvaluator
from operators.text.rules.whole_text import BlankFilter, CharacterCountFilter, WordCountFilter


class SftFilter(Pipeline):
    """Keep the pairs of instruction and answer worth fine-tuning on, and say of each other why not.

    Rules drop what is blank, too long, a refusal, cut off, in the wrong language or format, or holds what does not belong there (see
    operators/text/answers); short right answers stay, and the same pair stays once. A language model rates how well each answer
    serves its instruction: of several answers to (nearly) one instruction the best rated stays, and in the end the best `share` of all. Models use
    the scale of a rating differently, so the share decides; `min_score` is a floor below which nothing is good enough.

    With `diverse`, the selection is Deita's: pairs are tagged with what they ask for, ranked by rating times number of tags, and a pair that is
    like one that ranks higher is left out. With `rate_at_most`, a random sample of that many pairs is rated: for trying it out, or for a budget.

    With `messages` naming a column, conversations of any length are filtered: lists of role and content, ShareGPT's from and value, or either as JSON
    text. They have to be well formed, every answer in them has to pass the rules, and the last answer is rated after all that was said before it.
    """

    def __init__(
        self,
        messages: str = "",
        min_words: int = 1,
        max_words: int = 2000,
        similarity: float = 0.8,
        min_score: float = 3,
        share: float = 0.5,
        diverse: bool = False,
        characters: int = 4000,
        rate_at_most: int | None = None,
    ) -> None:
        self.messages = messages
        self.expects = {messages: Any} if messages else {"instruction": str, "output": str}
        repairs = (FixUnicode(), NormalizeSpaces(keep_runs=True))
        rules = (*answer_checks(), WordCountFilter(min_words=min_words, max_words=max_words).bind(input_text="output"))
        if messages:
            self.well_formed = ValidMessagesFilter()
            self.clean: EachTurn | Sequential = EachTurn(*repairs, roles=("system", "user", "assistant"))
            self.answered: EachTurn | Sequential = EachTurn(*rules, roles=("assistant",))
            self.last_exchange = MessagesToColumns(history_in_instruction=True)
        else:
            self.clean = Sequential(*(repair.bind(input_text=column) for column in ("instruction", "output") for repair in repairs))
            self.answered = Sequential(*rules)
        self.asked = Sequential(BlankFilter(), CharacterCountFilter(min_characters=4, max_characters=20_000))
        self.once = ExactDedup(also=("output",), same=("input",), ignore_case=True)
        if rate_at_most is not None:
            self.sample = RandomSample(rows=rate_at_most)
        self.rate = AlpagasusEvaluator(characters=characters)
        self.best_answer = MinHashDedup(threshold=similarity, unit="character", shingle_size=4, keep="highest", same=("input",))
        self.good = ScoreFilter(min=min_score)
        if diverse:
            self.tag = InstagEvaluator(characters=characters)
            self.select = DeitaSelection(share=share)
        else:
            self.top = TopFilter(share=share)

    def forward(self, pairs: Handle) -> Handle:
        stages = self.operators()
        if self.messages:
            cleaned = self.clean(self.well_formed(pairs, input_messages=self.messages), input_messages=self.messages)
            passed = self.answered(cleaned, input_messages=self.messages)
            whole = self.asked(self.last_exchange(passed, input_messages=self.messages), input_text="instruction")
        else:
            whole = self.answered(self.asked(self.clean(pairs), input_text="instruction"))
        unique = self.once(whole.gathered(), input_text="instruction")
        rated = self.rate(self.sample(unique) if "sample" in stages else unique)
        good = self.good(self.best_answer(rated, input_text="instruction", input_score="alpagasus_score"), input_score="alpagasus_score")
        if "tag" in stages:
            return self.select(self.tag(good), input_complexity="tag_count", input_quality="alpagasus_score")
        return self.top(good, input_score="alpagasus_score")

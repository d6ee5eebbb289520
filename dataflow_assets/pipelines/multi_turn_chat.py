"""Conversations of several turns, from intents, topics and people."""

from __future__ import annotations

from operators.conversation.generators import ConversationGenerator
from operators.conversation.turns import CleanTurnsFilter
from operators.generic.selection.sample import RandomSample
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.answers.rule_set import answer_checks
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.messages.each_turn import EachTurn
from operators.text.messages.render import RenderMessages
from operators.text.messages.valid import ValidMessagesFilter


class MultiTurnChat(Pipeline):
    """Make conversations that follow an intent, a flow of information and a topic, of a person with an assistant, and keep those in which each turn
    fits.

    The user's turns are planned together, and each answer is written with all that was said before it. Then every turn is checked: roles alternate
    and the assistant has the last word, nobody says the same twice, nothing of a prompt leaks, no answer refuses. Of conversations that are nearly
    the same, one stays. Intent, flow, topic and person stay on the row.
    """

    expects = {"intent": str, "flow": str, "topic": str, "persona": str}

    def __init__(
        self,
        conversations: int = 1000,
        exchanges: int = 4,
        sentences: int = 4,
        in_turn: bool = False,
        temperature: float = 0.7,
        max_tokens: int = 400,
        similarity: float = 0.7,
        system: str = "",
        seed: int = 0,
    ) -> None:
        self.sample = RandomSample(rows=conversations, seed=seed)
        self.talk = ConversationGenerator(
            exchanges=exchanges,
            sentences=sentences,
            user="in_turn" if in_turn else "planned",
            temperature=temperature,
            max_tokens=max_tokens,
            system=system,
        )
        self.valid = ValidMessagesFilter(min_exchanges=exchanges)
        self.fits = CleanTurnsFilter()
        self.answers = EachTurn(*answer_checks(), roles=("assistant",))
        self.render = RenderMessages()
        self.different = MinHashDedup(threshold=similarity)

    def forward(self, topics: Handle) -> Handle:
        talked = self.talk(self.sample(topics.gathered()))
        good = self.answers(self.fits(self.valid(talked)))
        return self.different(self.render(good, output_text="conversation_text"), input_text="conversation_text")

"""What a session spent, and what an answer is: a reply is paid for whether or not it can be used."""

from __future__ import annotations

import time

from operators.asking.answers import Answer, Completion, Failure, Usage
from operators.asking.requests import Request
from operators.asking.usage_label import UsageLabel, current_label
from resources.llm.accounting.budget import today
from resources.llm.accounting.prices import Price
from resources.llm.accounting.usage_ledger import PaidCall
from resources.llm.answers.endings import ending_of
from resources.llm.answers.reply import Paid, Reply
from resources.llm.engine.latencies import LatencySample


def answer_of(request: Request, reply: Reply, cached: bool) -> Answer:
    """What a reply is worth, whichever backend it came from and whether or not a schema was asked for: only a whole answer is a Completion."""
    ending = reply.ending
    if ending == "whole":
        return Completion(
            reply.text, reply.model, reply.prompt_tokens, reply.completion_tokens, reply.finish_reason, cached, reply.seconds, reply.reasoning
        )
    if ending == "filtered":
        reason = reply.finish_reason if reply.finish_reason not in ("content_filter", "refusal") else ""
        said = ": ".join(filter(None, (reason, " ".join(reply.text.split())[:200])))
        return Failure("filtered", f"{reply.model} refused to answer" + (f": {said}" if said else ""))
    if ending == "truncated":
        most = f"{reply.completion_tokens} tokens, max_tokens is {request.sampling.max_tokens}"
        thinking = ", all of it thinking" if reply.reasoning and not reply.text.strip() else ""
        return Failure("truncated", f"the answer of {reply.model} was cut off before it was whole ({most}{thinking}): raise max_tokens")
    return Failure("malformed", fault_of(reply))


def fault_of(reply: Reply) -> str:
    """Why a broken reply is no answer."""
    if ending_of(reply.finish_reason) == "whole":
        return f"{reply.model} answered with " + ("its thinking alone, and no answer after it" if reply.reasoning else "an empty text")
    return f"{reply.model} ended its answer with {reply.finish_reason!r}, so it is not whole"


class Accounting:
    """Fills the Usage of one session, and says what the ledger should hold."""

    def __init__(self, usage: Usage, price: Price | None, model: str = "", label: UsageLabel | None = None, run: str = "") -> None:
        self.usage = usage
        self._price = price
        self._model = model
        self._label = label
        self._opened_for = current_label()
        self._run = run
        self._began: float | None = None
        self._latencies = LatencySample(usage.latencies)
        if price is not None:
            usage.cost_usd = 0.0

    def paid(self, reply: Paid, texts: int = 0) -> PaidCall:
        """For whoever asks now; where that is not said, for whoever opened the session."""
        usage, now = self.usage, time.monotonic()
        if self._began is None:
            self._began = now - reply.seconds
        usage.seconds = now - self._began
        usage.calls += 1
        usage.texts += texts
        usage.prompt_tokens += reply.prompt_tokens
        usage.completion_tokens += reply.completion_tokens
        cost = None if self._price is None else self._price.of(reply.prompt_tokens, reply.completion_tokens)
        if cost is not None:
            usage.cost_usd = (usage.cost_usd or 0.0) + cost
        self._latencies.add(reply.seconds)
        pipeline, stage, run = self._label or (told if any(told := current_label()) else self._opened_for)
        tokens = (reply.prompt_tokens, reply.completion_tokens)
        return PaidCall(today(), pipeline, stage, self._model, *tokens, cost, reply.seconds, texts, run or self._run)

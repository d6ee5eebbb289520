"""What a session spent, and what an answer is: a reply is paid for whether or not it can be used."""

from __future__ import annotations

import time

from operators.asking.answers import Answer, Completion, Failure, Usage
from operators.asking.requests import Request
from operators.asking.usage_label import UsageLabel, current_label
from resources.llm.accounting.budget import today
from resources.llm.accounting.prices import Price
from resources.llm.accounting.usage_ledger import PaidCall
from resources.llm.answers.reply import Reply
from resources.llm.engine.latencies import LatencySample


def answer_of(request: Request, reply: Reply, cached: bool) -> Answer:
    """A reply that stopped too early for its schema, or that the provider withheld, is a Failure; asking again would bring and cost the same."""
    if reply.finish_reason == "content_filter":
        return Failure("filtered", f"{reply.model} refused to answer" + (f": {reply.text[:200]}" if reply.text else ""))
    if reply.finish_reason == "length" and request.json_schema is not None:
        most = f"{reply.completion_tokens} tokens, max_tokens is {request.sampling.max_tokens}"
        return Failure("truncated", f"the answer of {reply.model} was cut off before it was whole ({most}): raise max_tokens")
    return Completion(reply.text, reply.model, reply.prompt_tokens, reply.completion_tokens, reply.finish_reason, cached, reply.seconds)


class Accounting:
    """Fills the Usage of one session, and says what the ledger should hold."""

    def __init__(self, usage: Usage, price: Price | None, model: str = "", label: UsageLabel | None = None, run: str = "") -> None:
        self.usage = usage
        self._price = price
        self._model = model
        self._label = label or current_label()
        self._run = run
        self._began: float | None = None
        self._latencies = LatencySample(usage.latencies)
        if price is not None:
            usage.cost_usd = 0.0

    def paid(self, reply: Reply, texts: int = 0) -> PaidCall:
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
        return PaidCall(today(), *self._label, self._model, reply.prompt_tokens, reply.completion_tokens, cost, reply.seconds, texts, self._run)

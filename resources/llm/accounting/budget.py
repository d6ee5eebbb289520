"""How much may still be spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, TypeAlias

from operators.asking.answers import ServingStopped
from resources.llm.accounting.prices import Price

Period: TypeAlias = Literal["run", "day", "ever"]
Spent: TypeAlias = Callable[[], tuple[int, float]]
"""Tokens and dollars that all processes together have spent until now."""


class Budget:
    """Tokens and money spent in a period. Answers under way when it runs out are still paid for and kept.

    Without `spent` only what this process spends is counted. With it the answer of every process counts from the moment that it is kept, and is
    looked at before each request: together they overshoot by no more than the requests that they have in flight.
    """

    def __init__(
        self, tokens: int | None, usd: float | None, price: Price | None, model: str, per: Period = "run", spent: Spent | None = None
    ) -> None:
        if usd is not None and price is None:
            raise ServingStopped(
                f"budget_usd is set, but the price of {model!r} is unknown: name it in a YAML file (`{model}: [dollars for a million prompt tokens, "
                "for answers]`) given as price_file or DATAFLOW_LLM_PRICES, or set budget_tokens instead."
            )
        self._most_tokens = tokens
        self._most_usd = usd
        self._price = price
        self._model = model
        self._per = per
        self._spent = spent
        self.tokens = 0
        self.usd = 0.0

    @property
    def is_set(self) -> bool:
        return self._most_tokens is not None or self._most_usd is not None

    def spend(self, prompt_tokens: int, completion_tokens: int, ledger_is_elsewhere: bool = False) -> None:
        """`ledger_is_elsewhere`: a gateway has written it down. Raises ServingStopped where this budget counts what the ledger has."""
        if ledger_is_elsewhere and self._spent is not None and self.is_set:
            raise ServingStopped(
                "this budget counts what all processes of its period have spent, and a gateway answers, which has the ledger of that: give "
                "budget_tokens or budget_usd to the gateway (dataflow serve --budget-usd ...) and take them out here."
            )
        self.tokens += prompt_tokens + completion_tokens
        if self._price is not None:
            self.usd += self._price.of(prompt_tokens, completion_tokens)

    def check(self) -> None:
        """Raises ServingStopped when nothing is left."""
        if not self.is_set:
            return
        tokens, usd = (self.tokens, self.usd) if self._spent is None else self._spent()
        if self._most_tokens is not None and tokens >= self._most_tokens:
            self._stop(f"of {self._most_tokens:,} tokens", f"({tokens:,})", "budget_tokens")
        if self._most_usd is not None and usd >= self._most_usd:
            self._stop(f"of ${self._most_usd:g}", f"(${usd:.4f})", "budget_usd")

    def _stop(self, most: str, spent: str, setting: str) -> None:
        more = f"run again with a larger {setting}, or none, to continue where it stopped"
        period, then = {
            "run": ("", "with the same one it spends as much once more"),
            "day": (" a day", f"or tomorrow (UTC), with the same one; this one counts all that {self._model} was paid for today"),
            "ever": (" for good", f"this one counts all that {self._model} was ever paid for"),
        }[self._per]
        said = f"the budget {most}{period} is spent {spent}. Every answer so far is kept in the cache: {more}; {then}."
        raise ServingStopped(said, "budget")


def today() -> str:
    """As the ledger writes it, of UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())

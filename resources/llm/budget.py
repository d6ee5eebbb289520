"""How much may still be spent."""

from __future__ import annotations

from operators.core.serving import ServingStopped
from resources.llm.prices import Price


class Budget:
    """Tokens and money spent by all sessions of a serving. Answers under way when it runs out are still paid for and kept."""

    def __init__(self, tokens: int | None, usd: float | None, price: Price | None, model: str) -> None:
        if usd is not None and price is None:
            raise ServingStopped(
                f"budget_usd is set, but the price of {model!r} is unknown: name it in a YAML file (`{model}: [dollars for a million prompt tokens, "
                "for answers]`) given as price_file or DATAFLOW_LLM_PRICES, or set budget_tokens instead."
            )
        self._most_tokens = tokens
        self._most_usd = usd
        self._price = price
        self.tokens = 0
        self.usd = 0.0

    def spend(self, prompt_tokens: int, completion_tokens: int) -> None:
        self.tokens += prompt_tokens + completion_tokens
        if self._price is not None:
            self.usd += self._price.of(prompt_tokens, completion_tokens)

    def check(self) -> None:
        """Raises ServingStopped when nothing is left."""
        if self._most_tokens is not None and self.tokens >= self._most_tokens:
            self._stop(f"of {self._most_tokens:,} tokens is spent ({self.tokens:,})", "budget_tokens")
        if self._most_usd is not None and self.usd >= self._most_usd:
            self._stop(f"of ${self._most_usd:g} is spent (${self.usd:.4f})", "budget_usd")

    def _stop(self, spent: str, setting: str) -> None:
        raise ServingStopped(
            f"the budget {spent}. Every answer so far is kept in the cache: run again with a larger {setting}, or none, to continue where it "
            "stopped; with the same one it spends as much once more."
        )

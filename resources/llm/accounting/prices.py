"""What a token costs, where that is known."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DATE = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1_000_000


def price_of(model: str, price_file: Path | None = None) -> Price | None:
    """The user's price, else the project's, else None: unknown.

    Raises:
        ValueError: a price file that does not hold prices.
    """
    given = os.environ.get("DATAFLOW_LLM_PRICES")
    for file in (price_file, Path(given) if given else None, Path(__file__).with_name("prices.yaml")):
        if file is not None:
            prices = _read(file)
            for name in (model, _DATE.sub("", model), _DATE.sub("", model.rpartition("/")[2])):
                if name in prices:
                    return prices[name]
    return None


def _dollars(value: Any) -> float:
    """Raises ValueError for what is no amount: a budget that is counted in it would never be spent."""
    if isinstance(value, bool) or not 0 <= (amount := float(value)) < math.inf:
        raise ValueError(f"{value} is no price")
    return amount


def _read(file: Path) -> dict[str, Price]:
    import yaml

    try:
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return {str(model): Price(_dollars(prompt), _dollars(completion)) for model, (prompt, completion) in content.items()}
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        line = "`model: [dollars for a million prompt tokens, for answers]`"
        raise ValueError(f"{file} does not hold prices: {error}. Each line should read {line}.") from error

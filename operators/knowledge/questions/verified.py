"""The proof that every quote stands in its source, made again from the columns: as a filter, and as a check of a table."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.bases.verified_quotes import VerifiedQuote, as_sources, quote_fault
from operators.core.kinds import Filter
from operators.tables.columns import Input


class VerifiedQuotesFilter(Filter):
    """Keep rows whose every quote stands in its source, character by character, at the place that is said: `source[start:end] == quote`.

    The reason names the first that does not, or that is too short to prove anything (fewer than three words). Nothing is looked up here: the places
    in the columns are proof enough, or none. In defs.yaml, `checks: {stage: [{operator: VerifiedQuotesFilter}]}` makes an asset check of it.
    """

    source = "GopherCite (Menick et al. 2022): quotes are verified, not trusted"
    asks = ("drop answers whose citation is made up", "prove that every quote stands in its document", "verify evidence spans")

    input_quotes = Input(list[VerifiedQuote])
    input_source = Input(Any, "sources", description="the text that is quoted from, or a list of texts")

    fewest: int = Field(1, ge=0, description="How many quotes a row needs.")

    def keep(self, quotes: list[dict[str, Any]], source: Any) -> tuple[bool, str | None]:
        sources = as_sources(source)
        for number, quote in enumerate(quotes, 1):
            if fault := quote_fault(quote, sources):
                return False, f"quote {number} of {len(quotes)}: {fault}"
        if len(quotes) < self.fewest:
            return False, f"{len(quotes)} quotes, below fewest = {self.fewest}"
        return True, None

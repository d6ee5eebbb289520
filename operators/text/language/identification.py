"""Say, or decide by, which language a text is in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from operators.core.kinds import Evaluate, Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input, Output
from operators.tables.numbers import number_beside
from operators.text.language.codes import LANGUAGES, MIXED, UNDETERMINED, closest_code
from operators.text.language.detection import Identified, Share, _model, identify, identify_language, identify_texts

__all__ = ["LANGUAGES", "MIXED", "UNDETERMINED", "LanguageEvaluator", "LanguageFilter", "_model", "identify", "identify_language", "identify_texts"]

_SHARES = pa.list_(pa.struct([pa.field("language", pa.string()), pa.field("share", pa.float64())]))


class LanguageEvaluator(Evaluate):
    """Say which language each text is in: an ISO 639-1 code (639-3 where there is none), "mixed", or "und"; and how sure that is, 0 to 1.

    `shares` says of which languages a mixed text is, and how much of each. "und" are texts without letters, and texts that say too little to tell.
    """

    source = "fastText lid.176 (Joulin et al. 2016)"
    asks = ("detect the language", "which languages does my corpus have", "language identification with a confidence")

    input_text = Input(str)
    output_language = Output(str, "language")
    output_confidence = Output(float, "language_confidence")
    output_shares = Output(_SHARES, "language_shares")

    def evaluate_batch(self, text: pa.Array) -> dict[str, pa.Array]:
        found = identify_texts(text)
        return {
            "language": pa.array([each.language for each in found], pa.string()),
            "confidence": pa.array([each.confidence for each in found], pa.float64()),
            "shares": _as_lists([each.shares for each in found]),
        }


class LanguageFilter(Filter):
    """Keep texts in the languages wanted, where that is sure enough. Short texts are seldom; lower `min_confidence` for those.

    A text of several languages stays where all of them are wanted.
    """

    covers = ("LanguageFilter",)
    source = "fastText lid.176 (Joulin et al. 2016); 0.65 is FineWeb's threshold"
    asks = ("keep only French and German", "throw out everything that is not English", "select documents by fastText language id")

    input_text = Input(str)
    keep: tuple[Annotated[str, Field(json_schema_extra={"enum": sorted(LANGUAGES)})], ...] = Field(
        ("en",), min_length=1, description="ISO 639-1 codes."
    )
    min_confidence: float = Field(0.5, ge=0, le=1)

    @field_validator("keep", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("keep")
    @classmethod
    def _known(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        for code in codes:
            if code not in LANGUAGES:
                raise ValueError(f'"{code}" is not the code of a language that can be told apart (ISO 639-1, as "en"). {closest_code(code)}')
        return codes

    def keep_batch(self, text: pa.Array) -> Verdict:
        reasons = [self._reason(found) for found in identify_texts(text)]
        return Verdict(np.array([reason is None for reason in reasons], np.bool_), reasons)

    def _reason(self, found: Identified) -> str | None:
        wanted = " or ".join(self.keep)
        if found.language == MIXED and all(share.language in self.keep for share in found.shares):
            wrong = None
        elif found.language == MIXED:
            wrong = f"language = mixed ({_listed(found.shares)}), not {wanted}"
        elif found.language == UNDETERMINED:
            wrong = f"language = und{f' (perhaps {_listed(found.shares[:2])})' if found.shares else ''}, not {wanted}"
        elif found.language not in self.keep:
            wrong = f"language = {found.language} ({found.confidence:.2f}), not {wanted}"
        else:
            wrong = None
        if wrong is None and found.confidence < self.min_confidence:
            shown = number_beside(found.confidence, self.min_confidence)
            wrong = f"confidence in {found.language} = {shown}, below min_confidence = {self.min_confidence}"
        return None if wrong is None else f"{self.name}: {wrong}"


def _as_lists(rows: list[tuple[Share, ...]]) -> pa.Array:
    shares = [share for row in rows for share in row]
    values = pa.StructArray.from_arrays(
        [pa.array([share.language for share in shares], pa.string()), pa.array([share.share for share in shares], pa.float64())],
        fields=list(_SHARES.value_type),
    )
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), values, _SHARES)


def _listed(shares: Iterable[Share]) -> str:
    return ", ".join(f"{share.language} {share.share:.2f}" for share in shares)

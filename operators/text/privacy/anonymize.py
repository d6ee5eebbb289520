"""Personal data: replaced, masked, hashed, counted."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Evaluate, Filter, Refine
from operators.core.operator import Need
from operators.engine.batch import Verdict
from operators.tables.columns import Input, Output
from operators.text.privacy.entities import find_entities
from operators.text.privacy.personal_data import ALL_KINDS, ANYTHING, PersonalDataKind, find_personal_data

_HASH_LENGTH: Final = 12
_MOST_TIMES: Final = 8
"""So that the time grows with the length of a text, whatever stands in it."""

How: TypeAlias = Literal["replace", "mask", "hash"]
Counts: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"


class AnonymizePersonalData(Refine):
    """Replace personal data and secrets by their kind ("<EMAIL>", "<SECRET>"), mask them ("j***@***.***": letters and digits but the first become
    stars), or hash them ("<EMAIL_5f2c...>": the same value the same way everywhere, so that who is who stays known).

    Found by patterns and confirmed by check digits, number plans, issuers' marks and the words beside them, in any language. What only looks so is
    not touched: versions, dates, ISBNs, private network addresses, placeholders of keys. Secrets alone: `kinds=("secret",)`. Names of people and
    places need a model: `AnonymizeEntities`.
    """

    covers = ("PIIAnonymizeRefiner",)
    source = "ISO 13616, ISO/IEC 7812-1, RFC 5322, ITU-T E.164"

    input_text = Input(str)
    kinds: tuple[PersonalDataKind, ...] = Field(ALL_KINDS, min_length=1)
    how: How = "replace"
    salt: str = Field("", description="Keeps hashes from being looked up; without it, anyone can hash a list of addresses and compare.")

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, ANYTHING, self._anonymize)

    def _anonymize(self, text: str) -> str:
        """Until nothing is found: a number glued to an address is seen as one when the address is gone. Mostly the second time."""
        for _ in range(_MOST_TIMES):
            if (without := self._anonymized_once(text)) == text:
                break
            text = without
        return text

    def _anonymized_once(self, text: str) -> str:
        parts, at = [], 0
        for start, end, kind, *_ in find_personal_data(text, self.kinds):
            parts += [text[at:start], stand_in(text[start:end], kind, self.how, self.salt)]
            at = end
        return "".join([*parts, text[at:]])


def stand_in(value: str, kind: str, how: How, salt: str = "") -> str:
    """What is written in place of a piece of personal data."""
    if how == "mask":
        return value[0] + "".join("*" if character.isalnum() else character for character in value[1:])
    if how == "replace":
        return f"<{kind.upper()}>"
    is_email = kind.lower().startswith("email")
    canonical = value.lower() if is_email else "".join(character for character in value if character.isalnum() or character in ".:").upper()
    digest = hashlib.blake2b(canonical.encode(), key=salt.encode()[:64]).hexdigest()
    return f"<{kind.upper()}_{digest[:_HASH_LENGTH].translate(_LETTERS)}>"


_LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Digits in a hash could look like personal data the next time."""


def _count(text: pa.Array, kinds: tuple[PersonalDataKind, ...]) -> Counts:
    """Pieces in each text; most are passed over in one scan."""
    counts = np.zeros(len(text), np.int64)
    places = pc.indices_nonzero(pc.match_substring_regex(text, ANYTHING))
    counts[places.to_numpy()] = [len(find_personal_data(value, kinds)) for value in text.take(places).to_pylist()]
    return counts


def densities(text: pa.Array, counts: Counts) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Pieces for each 1,000 characters; 0 for an empty text."""
    density: np.ndarray[Any, np.dtype[np.float64]] = 1000 * counts / np.maximum(1, pc.utf8_length(text).to_numpy())
    return density


class PersonalDataEvaluator(Evaluate):
    """How many pieces of personal data and secrets a text holds, 0 or more, and for each 1,000 characters.

    See `AnonymizePersonalData` for what is found.
    """

    covers = ("PresidioSampleEvaluator",)
    source = "ISO 13616, ISO/IEC 7812-1, RFC 5322, ITU-T E.164"

    input_text = Input(str)
    output_count = Output(int, "personal_data")
    output_density = Output(float, "personal_data_density", description="for each 1,000 characters")
    kinds: tuple[PersonalDataKind, ...] = Field(ALL_KINDS, min_length=1)

    def evaluate_batch(self, text: pa.Array) -> dict[str, Any]:
        counts = _count(text, self.kinds)
        return {"count": counts, "density": densities(text, counts)}


class PersonalDataFilter(Filter):
    """Drop texts with more personal data than a contact line has: more than `max_count` pieces, which are more than `max_density` for each 1,000
    characters. So a long text with a few addresses stays where a short list of them goes; `max_density=0` makes the count alone decide."""

    covers = ("PresidioFilter",)
    source = "ISO 13616, ISO/IEC 7812-1, RFC 5322, ITU-T E.164"

    input_text = Input(str)
    max_count: int = Field(5, ge=0)
    max_density: float = Field(1.0, ge=0, description="Pieces for each 1,000 characters.")
    kinds: tuple[PersonalDataKind, ...] = Field(ALL_KINDS, min_length=1)

    def keep_batch(self, text: pa.Array) -> Verdict:
        counts = _count(text, self.kinds)
        density = densities(text, counts)
        keep = (counts <= self.max_count) | (density <= self.max_density)
        reasons: list[str | None] = [None] * len(text)
        for row in np.flatnonzero(~keep):
            share = _above(density[row], self.max_density)
            reasons[row] = f"{self.name}: {counts[row]} pieces of personal data, {share} for each 1,000 characters"
        return Verdict(keep, reasons)


def _above(value: float, limit: float) -> str:
    """With as many digits as it takes to read as more than the limit."""
    return next((text for digits in range(3, 17) if float(text := f"{value:.{digits}g}") > limit), str(value))


class AnonymizeEntities(Refine):
    """Replace the names that a spaCy model finds by their label: "[PERSON] works for [ORG]". By place in the text, so other words stay whole.

    Numbers and dates stay unless `labels` names them (CARDINAL, DATE ...): they are content, not identity.
    """

    covers = ("NERRefiner",)
    source = "spaCy (Honnibal et al. 2020)"
    needs: ClassVar[tuple[Need, ...]] = ("model",)
    packages = ("spacy",)
    extra = "entities"

    input_text = Input(str)
    model: str = Field("en_core_web_sm", description="Name of an installed spaCy pipeline, or the folder of one.")
    labels: tuple[str, ...] = Field(("PERSON", "PER", "ORG", "GPE", "LOC", "FAC", "NORP"), min_length=1)

    def refine_batch(self, text: pa.Array) -> list[str]:
        wanted, values = set(self.labels), text.to_pylist()
        result = []
        for value, entities in zip(values, find_entities(self.model, values), strict=True):
            parts, at = [], 0
            for start, end, label in entities:
                inside_label = value[max(0, start - 1) : start] == "[" and value[end : end + 1] == "]"
                if label in wanted and not inside_label:
                    parts += [value[at:start], f"[{label}]"]
                    at = end
            result.append("".join([*parts, value[at:]]))
        return result

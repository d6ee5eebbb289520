"""Personal data: replaced, masked, hashed, counted."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.core.columns import Input, Output
from operators.core.kinds import Evaluate, Filter, Refine
from operators.text.personal_data import ALL_KINDS, ANYTHING, PersonalDataKind, find_personal_data
from operators.text.rewriting import rewrite_where

_HASH_LENGTH: Final = 12


class AnonymizePersonalData(Refine):
    """Replace personal data by its kind ("<EMAIL>"), mask it ("j***@***.***": letters and digits but the first become stars), or hash it
    ("<EMAIL_5f2c...>": the same value the same way everywhere, so that who is who stays known).

    Found by patterns and confirmed by check digits, parsers and number plans, in any language: nothing that only looks like one is touched
    (versions, ISBNs, private network addresses). Names of people and places need a model: `AnonymizeEntities`.
    """

    covers = ("PIIAnonymizeRefiner",)
    source = "ISO 13616, ISO/IEC 7812-1, RFC 5322, ITU-T E.164"

    input_text = Input(str)
    kinds: tuple[PersonalDataKind, ...] = Field(ALL_KINDS, min_length=1)
    how: Literal["replace", "mask", "hash"] = "replace"
    salt: str = Field("", description="Keeps hashes from being looked up; without it, anyone can hash a list of addresses and compare.")

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, ANYTHING, self._anonymize)

    def _anonymize(self, text: str) -> str:
        parts, at = [], 0
        for start, end, kind in find_personal_data(text, self.kinds):
            parts += [text[at:start], self._stand_in(text[start:end], kind)]
            at = end
        return "".join([*parts, text[at:]])

    def _stand_in(self, value: str, kind: PersonalDataKind) -> str:
        if self.how == "mask":
            return value[0] + "".join("*" if character.isalnum() else character for character in value[1:])
        if self.how == "replace":
            return f"<{kind.upper()}>"
        canonical = (
            value.lower() if kind == "email" else "".join(character for character in value if character.isalnum() or character in ".:").upper()
        )
        digest = hashlib.blake2b(canonical.encode(), key=self.salt.encode()[:64]).hexdigest()
        return f"<{kind.upper()}_{digest[:_HASH_LENGTH].translate(_LETTERS)}>"


_LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Digits in a hash could look like personal data the next time."""


def _count(text: pa.Array, kinds: tuple[PersonalDataKind, ...]) -> list[int]:
    possible = pc.match_substring_regex(text, ANYTHING).to_pylist()
    return [len(find_personal_data(value, kinds)) if maybe else 0 for value, maybe in zip(text.to_pylist(), possible, strict=True)]


class PersonalDataEvaluator(Evaluate):
    """How many pieces of personal data a text holds: 0 or more. See `AnonymizePersonalData` for what is found."""

    covers = ("PresidioSampleEvaluator",)
    source = "ISO 13616, ISO/IEC 7812-1, RFC 5322, ITU-T E.164"

    input_text = Input(str)
    output_count = Output(int, "personal_data")
    kinds: tuple[PersonalDataKind, ...] = Field(ALL_KINDS, min_length=1)

    def evaluate_batch(self, text: pa.Array) -> pa.Array:
        return pa.array(_count(text, self.kinds), pa.int64())


class PersonalDataFilter(Filter):
    """Drop texts with more personal data than a contact line has."""

    covers = ("PresidioFilter",)
    source = "ISO 13616, ISO/IEC 7812-1, RFC 5322, ITU-T E.164"

    input_text = Input(str)
    max_count: int = Field(5, ge=0)
    kinds: tuple[PersonalDataKind, ...] = Field(ALL_KINDS, min_length=1)

    def keep_batch(self, text: pa.Array) -> list[bool]:
        return [count <= self.max_count for count in _count(text, self.kinds)]


class AnonymizeEntities(Refine):
    """Replace the names that a spaCy model finds by their label: "[PERSON] works for [ORG]". By place in the text, so other words stay whole.

    Numbers and dates stay unless `labels` names them (CARDINAL, DATE ...): they are content, not identity.
    """

    covers = ("NERRefiner",)
    source = "spaCy (Honnibal et al. 2020)"
    packages = ("spacy",)
    extra = "entities"

    input_text = Input(str)
    model: str = Field("en_core_web_sm", description="Name of an installed spaCy pipeline, or the folder of one.")
    labels: tuple[str, ...] = Field(("PERSON", "PER", "ORG", "GPE", "LOC", "FAC", "NORP"), min_length=1)

    def refine_batch(self, text: pa.Array) -> list[str]:
        from operators.text.entities import load_pipeline

        wanted = set(self.labels)
        result = []
        for value, document in zip(text.to_pylist(), load_pipeline(self.model).pipe(text.to_pylist(), batch_size=64), strict=True):
            parts, at = [], 0
            for entity in document.ents:
                inside_label = value[entity.start_char - 1 : entity.start_char] == "[" and value[entity.end_char : entity.end_char + 1] == "]"
                if entity.label_ in wanted and not inside_label:
                    parts += [value[at : entity.start_char], f"[{entity.label_}]"]
                    at = entity.end_char
            result.append("".join([*parts, value[at:]]))
        return result

"""Personal data by Presidio, where more kinds are wanted than patterns with check digits find: its recognisers, and the names of a spaCy pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Evaluate, Refine
from operators.core.operator import Operator
from operators.tables.columns import Input, Output
from operators.tables.errors import StageFailed, closest
from operators.text.privacy.anonymize import How, densities, stand_in
from operators.text.privacy.entities import BATCH_DOCUMENTS, Entity, load_pipeline, pieces_of

IDENTIFYING: Final = (
    *("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "CRYPTO", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "MEDICAL_LICENSE"),
    *("US_SSN", "US_PASSPORT", "US_BANK_NUMBER", "US_DRIVER_LICENSE", "UK_NHS"),
)
"""Dates, places, nationalities and links are content, not identity."""


class FindsByPresidio(Operator, abstract=True):
    """The parameters of operators that ask Presidio. Nothing is fetched: without `model` no names are found, and no context is understood."""

    source = "Presidio (Microsoft), spaCy (Honnibal et al. 2020)"
    packages: ClassVar[tuple[str, ...]] = ("presidio_analyzer", "spacy")
    extra: ClassVar[str] = "entities"

    model: str = Field("", description="Name of an installed spaCy pipeline, or the folder of one; empty: Presidio's patterns alone.")
    language: str = Field("en", description="Of the texts and of the pipeline: which recognisers are asked.")
    entities: tuple[str, ...] = Field(IDENTIFYING, min_length=1, description="Kinds, by Presidio's names.")
    min_score: float = Field(0.4, ge=0, le=1, description="Presidio's own certainty: phone numbers have 0.4, what has a check digit 1.")

    def find(self, texts: list[str]) -> list[list[Entity]]:
        """Of each text, in order and without overlaps: of two the surer one, then the longer."""
        analyzer = load_analyzer(self.model, self.language, self.name)
        if unknown := set(self.entities) - (known := set(analyzer.get_supported_entities(self.language))):
            name = min(unknown)
            parts = (f'{self.name}: Presidio knows no "{name}" in the language "{self.language}".', closest(name, known))
            raise StageFailed(" ".join([*filter(None, parts), f"It knows {', '.join(sorted(known))}: give entities=."]))
        found: list[list[tuple[float, Entity]]] = [[] for _ in texts]
        documents = analyzer.nlp_engine.process_batch(list(pieces_of(texts)), self.language, batch_size=BATCH_DOCUMENTS, as_tuples=True)
        asked = {"language": self.language, "entities": list(self.entities), "score_threshold": self.min_score}
        for piece, artifacts, (row, at) in documents:
            for result in analyzer.analyze(piece, nlp_artifacts=artifacts, **asked):
                found[row].append((result.score, Entity(at + result.start, at + result.end, result.entity_type)))
        return [without_overlaps(candidates) for candidates in found]


def without_overlaps(candidates: Iterable[tuple[float, Entity]]) -> list[Entity]:
    ordered = sorted(candidates, key=lambda candidate: (-candidate[0], candidate[1].start - candidate[1].end, candidate[1]))
    kept: list[Entity] = []
    taken = bytearray(max((entity.end for _, entity in ordered), default=0))
    for _, entity in ordered:
        if not any(taken[entity.start : entity.end]):
            taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
            kept.append(entity)
    return sorted(kept)


class PresidioAnonymizer(Refine, FindsByPresidio):
    """Replace the personal data that Presidio finds by its kind ("<PERSON>"), mask it, or hash it, as `AnonymizePersonalData` does.

    Presidio knows more kinds, and names with `model=`; it is slower and less certain: what only looks like a number of some kind goes too.
    """

    asks = (
        "redact PII with Microsoft's library",
        "mask medical licences and driver license numbers",
        "anonymization by patterns and a spaCy model together",
    )

    input_text = Input(str)
    how: How = "replace"
    salt: str = Field("", description="Keeps hashes from being looked up.")

    def refine_batch(self, text: pa.Array) -> list[str]:
        values: list[str] = text.to_pylist()
        result = []
        for value, entities in zip(values, self.find(values), strict=True):
            parts, at = [], 0
            for start, end, kind in entities:
                stands_in_already = value[max(0, start - 1) : start] == "<" and value[end : end + 1] == ">"
                if not stands_in_already:
                    parts += [value[at:start], stand_in(value[start:end], kind, self.how, self.salt)]
                    at = end
            result.append("".join([*parts, value[at:]]))
        return result


class PresidioEvaluator(Evaluate, FindsByPresidio):
    """How many pieces of personal data Presidio finds in a text, 0 or more, and for each 1,000 characters. To filter: ScoreFilter(max=...)."""

    asks = ("PII report with Microsoft's analyzer", "count sensitive entities with an NER based scanner")

    input_text = Input(str)
    output_count = Output(int, "presidio_count")
    output_density = Output(float, "presidio_density", description="for each 1,000 characters")

    def evaluate_batch(self, text: pa.Array) -> dict[str, Any]:
        counts = np.array([len(entities) for entities in self.find(text.to_pylist())], np.int64)
        return {"count": counts, "density": densities(text, counts)}


@cache
def load_analyzer(model: str, language: str, wanted_by: str) -> Any:
    """Presidio with the recognisers of a language and a pipeline that is here, once a process.

    Raises:
        StageFailed: the pipeline is not installed, or of another language.
    """
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    pipeline = load_pipeline(model) if model else spacy.blank(language)
    if pipeline.lang != language:
        raise StageFailed(f'{wanted_by}: the pipeline "{model}" is of the language "{pipeline.lang}", not "{language}": give language=.')

    class GivenPipeline(SpacyNlpEngine):  # type: ignore[misc]
        """Presidio's own would load, and download, a pipeline by its name."""

        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": language, "model_name": model or "blank"}])
            self.nlp = {language: pipeline}

    engine = GivenPipeline()
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language], nlp_engine=engine)
    registry.remove_recognizer("EmailRecognizer")
    registry.add_recognizer(_email_recognizer(language))
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])


def _email_recognizer(language: str) -> Any:
    """Presidio's own fetches a list of domain endings when it sees the first address; the package that reads the list brings one."""
    import tldextract
    from presidio_analyzer.predefined_recognizers import EmailRecognizer

    endings = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class EmailByBundledEndings(EmailRecognizer):  # type: ignore[misc]
        def validate_result(self, pattern_text: str) -> bool:
            return bool(endings(pattern_text).fqdn)

    return EmailByBundledEndings(supported_language=language)

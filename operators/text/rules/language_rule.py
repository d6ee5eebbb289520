"""Rules that depend on the language of each text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from operators.bases.statistics.filter import CountingFilter
from operators.bases.statistics.measure import Log, MeasuredStatistics, explain
from operators.core.functions import OperatorFunction
from operators.engine.batch import Batch, Mask, Verdict
from operators.kernels.text_statistics import TextStatistics
from operators.tables.columns import Input
from operators.text.language.facts import WITHOUT_SENTENCE_MARKS
from operators.text.language.rows import Codes, RowLanguages, are_among


class LanguageRule(CountingFilter, abstract=True):
    """Write `keep(self, text, language) -> mask` and `has_say(self, text, language) -> mask`. `language` has an ISO 639-1 code for each row.

    A text that the rule has no say on stays, whatever `keep` says, and the report counts it under `no_say`. The languages are those of the column
    `input_language`, where the table has it and it names one, else they are identified, once for all rules of a `Sequential`.
    """

    input_language = Input(str, optional=True, nulls="pass", description="the language of each text; identified where there is none")

    strict: bool = Field(False, description="Decide on every text as published, which is for English.")

    @abstractmethod
    def keep(self, text: TextStatistics, language: Codes) -> Mask:
        """True for the texts that stay."""

    @abstractmethod
    def has_say(self, text: TextStatistics, language: Codes) -> Mask:
        """True for the texts that the rule can judge."""

    @property
    def asks_for_languages(self) -> bool:
        return not self.strict

    @classmethod
    def find_function(cls) -> OperatorFunction:
        return OperatorFunction("keep", "batch", cls.keep)

    def judge(self, batch: Batch, resources: Mapping[str, Any]) -> Verdict:
        statistics, log = self.statistics_of(batch), Log()
        if self.asks_for_languages:
            languages = self._languages(batch).codes(statistics)
            say = np.asarray(self.has_say(statistics, languages), np.bool_)
        else:
            languages, say = np.full(len(batch), "en", object), np.ones(len(batch), np.bool_)
        keep = np.asarray(self.named.keep(MeasuredStatistics.of(statistics, log), languages), np.bool_) | ~say
        return Verdict(keep, None if keep.all() else explain(self.name, log, keep), no_say=int((~say).sum()))

    def _languages(self, batch: Batch) -> RowLanguages:
        columns = self.input_columns()
        text, language = columns["text"], columns["language"]
        present = language in batch.schema.names
        return batch.shared(
            (RowLanguages, text, language if present else None),
            lambda: RowLanguages(*batch.uncut(text), batch.uncut(language)[0] if present else None),
        )


class SentenceRule(LanguageRule, abstract=True):
    """A rule about the ends of sentences. It has no say on languages that mark none, as Thai."""

    unmarked: ClassVar[frozenset[str]] = WITHOUT_SENTENCE_MARKS

    def has_say(self, text: TextStatistics, language: Codes) -> Mask:
        return ~are_among(language, self.unmarked)

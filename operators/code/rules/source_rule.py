"""Rules that depend on the language or the name of each file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from operators.bases.statistics.filter import CountingFilter, StatisticsFilter
from operators.bases.statistics.measure import Log, MeasuredStatistics, explain
from operators.code.language.files import FileLanguages, FileNames, SourceFiles
from operators.core.functions import OperatorFunction
from operators.engine.batch import Batch, Mask, Verdict
from operators.kernels.text_statistics import TextStatistics
from operators.tables.columns import Input


class SourceStatisticsFilter(StatisticsFilter, abstract=True):
    """A `StatisticsFilter` for programs."""

    prose: ClassVar[bool] = False


class SourceRule(CountingFilter, abstract=True):
    """Write `keep(self, text, language, filename) -> mask`: vectorised over a batch. `language` is that of each file, `filename` its name.

    The language is that of the column `input_language`, where the table has it and it names one, else that of `input_filename` or of the first line;
    it is found once for all rules of a `Sequential`. On a file of no known language the general limits are held.
    """

    prose: ClassVar[bool] = False

    input_language = Input(str, optional=True, nulls="pass", description="Linguist's name of the language: ProgrammingLanguageEvaluator makes it")
    input_filename = Input(str, optional=True, nulls="pass", description="name or path of the file")

    @abstractmethod
    def keep(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        """True for the files that stay."""

    def has_say(self, text: TextStatistics, language: FileLanguages, filename: FileNames) -> Mask:
        """True for the files that the rule can judge; the others stay."""
        return np.ones(len(filename), np.bool_)

    @classmethod
    def find_function(cls) -> OperatorFunction:
        return OperatorFunction("keep", "batch", cls.keep)

    def judge(self, batch: Batch, resources: Mapping[str, Any]) -> Verdict:
        statistics, files, log = self.statistics_of(batch), self._files(batch), Log()
        say = np.asarray(self.has_say(statistics, files.languages, files.names), np.bool_)
        keep = np.asarray(self.named.keep(MeasuredStatistics.of(statistics, log), files.languages, files.names), np.bool_) | ~say
        return Verdict(keep, None if keep.all() else explain(self.name, log, keep), no_say=int((~say).sum()))

    def _files(self, batch: Batch) -> SourceFiles:
        columns = self.input_columns()
        names = [columns[short] if columns[short] in batch.schema.names else None for short in ("text", "filename", "language")]

        def find() -> SourceFiles:
            text, paths, spoken = (batch.column(name) if name is not None else None for name in names)
            return SourceFiles.of(text, paths, spoken)

        return batch.shared((SourceFiles, *names), find)

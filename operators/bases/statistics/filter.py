"""Filters that decide by counting. What they count is counted once for all filters of a `Sequential`, over the whole batch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from operators.bases.statistics.measure import Log, MeasuredStatistics, explain, named_parameter
from operators.core.functions import OperatorFunction
from operators.core.kinds import Filter
from operators.core.operator import OF_THE_STAGE
from operators.engine.batch import Batch, Mask, Verdict
from operators.kernels.text_statistics import TextStatistics
from operators.tables.columns import Input

_NOT_OF_THE_RULE = {"columns", *OF_THE_STAGE}


class CountingFilter(Filter, abstract=True):
    """What rules share: the statistics of a batch, and parameters that know their names."""

    input_text = Input(str)

    prose: ClassVar[bool] = True
    """Whether sentences and different words are counted with the words, as rules of prose ask (see `TextStatistics.of`)."""

    def statistics_of(self, batch: Batch) -> TextStatistics:
        """Counted once for all rules that read the column."""
        column = self.input_columns()["text"]
        return batch.shared((TextStatistics, column), lambda: TextStatistics.of(batch.column(column), self.prose))

    @cached_property
    def named(self) -> Self:
        """The same rule with parameters that know their names, so that a reason names the one that a text was held against."""
        return self.model_copy(update={name: named_parameter(name, value) for name, value in self if name not in _NOT_OF_THE_RULE})


class StatisticsFilter(CountingFilter, abstract=True):
    """Write `keep(self, text: TextStatistics) -> mask`: vectorised over a batch, without a loop, a tokenizer or a check for nulls.

    The reason of a rejection is made of the comparisons that failed: "WordCountFilter: words = 12, below min_words = 50". A share of nothing is 0.
    """

    @abstractmethod
    def keep(self, text: TextStatistics) -> Mask:
        """True for the texts that stay."""

    @classmethod
    def find_function(cls) -> OperatorFunction:
        return OperatorFunction("keep", "batch", cls.keep)

    def judge(self, batch: Batch, resources: Mapping[str, Any]) -> Verdict:
        log = Log()
        keep = np.asarray(self.named.keep(MeasuredStatistics.of(self.statistics_of(batch), log)), np.bool_)
        return Verdict(keep) if keep.all() else Verdict(keep, explain(self.name, log, keep))

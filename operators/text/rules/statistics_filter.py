"""Filters that decide by counting. What they count is counted once for all filters of a `Sequential`, over the whole batch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from operators.core.functions import OperatorFunction
from operators.core.kinds import Filter
from operators.engine.batch import Batch, Mask, Verdict
from operators.kernels.text_statistics import TextStatistics
from operators.tables.columns import Input
from operators.text.rules.measure import Log, MeasuredStatistics, explain

_NOT_OF_THE_RULE = {"columns", "max_failed"}


class StatisticsFilter(Filter, abstract=True):
    """Write `keep(self, text: TextStatistics) -> mask`: vectorised over a batch, without a loop, a tokenizer or a check for nulls.

    The reason of a rejection is made of the comparisons that failed: "WordCountFilter: words = 12, below min_words = 50". A share of nothing is 0.
    """

    input_text = Input(str)

    @abstractmethod
    def keep(self, text: TextStatistics) -> Mask:
        """True for the texts that stay."""

    @classmethod
    def find_function(cls) -> OperatorFunction:
        return OperatorFunction("keep", "batch", cls.keep)

    def judge(self, batch: Batch, resources: Mapping[str, Any]) -> Verdict:
        column = self.input_columns()["text"]
        statistics = batch.shared((TextStatistics, column), lambda: TextStatistics.of(batch.column(column)))
        log = Log()
        keep = np.asarray(self.keep(cast(TextStatistics, MeasuredStatistics(statistics, log))), np.bool_)
        if keep.all():
            return Verdict(keep)
        parameters = {name: value for name, value in self if name not in _NOT_OF_THE_RULE}
        return Verdict(keep, explain(self.name, log, parameters, keep))

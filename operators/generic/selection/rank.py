"""Filters that compare the rows of a table with each other: the best so many, a band of percentiles, a draw in which better rows are likelier.

What they need no idea of is the scale of a score: the same rows stay when every score is doubled, or comes from another model that ranks alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from operators.bases.draws import uniform
from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input
from operators.tables.types import ROW_ID

Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


class RanksRows(Filter, abstract=True):
    """Reads a column of numbers of the whole table. A null or NaN has no rank: it is rejected. Memory: the scores and row ids."""

    scope: ClassVar[Literal["row", "table"]] = "table"

    input_score = Input(float, nulls="pass", description="any column of numbers")

    def read(self, rows: RowsReader) -> tuple[Numbers, list[str]]:
        """The scores, NaN for null, and the row ids."""
        scores, ids = [np.zeros(0)], list[str]()
        for batch in rows.batches(["score"]):
            numbers = pc.cast(batch.column("score"), pa.float64(), safe=False)
            scores.append(numbers.fill_null(float("nan")).to_numpy(zero_copy_only=False))
            ids += batch.column(ROW_ID).to_pylist()
        return np.concatenate(scores), ids

    def verdict(self, keep: np.ndarray[Any, np.dtype[np.bool_]], scores: Numbers, why: str) -> Verdict:
        column = self.input_columns()["score"]
        reasons: list[str | None] = [None] * len(scores)
        for index in np.flatnonzero(~keep):
            reasons[index] = f"{column} is null" if np.isnan(scores[index]) else f"{column} = {scores[index]:g}, {why}"
        return Verdict(keep, reasons)


class KeepsSoMany(RanksRows, abstract=True):
    """Keeps a number of rows, or a share of the rows that have a score (rounded up, so that some stay where there are some)."""

    either = (("rows", "share"),)
    example: ClassVar[Mapping[str, Any]] = {"share": 0.5}

    rows: int | None = Field(None, ge=0, description="How many rows to keep; all that have a score, if there are fewer.")
    share: float | None = Field(None, ge=0, le=1, description="Which share of the rows that have a score to keep.")

    def how_many(self, ranked: int) -> int:
        return min(ranked, self.rows if self.rows is not None else int(np.ceil(round((self.share or 0) * ranked, 9))))

    def keep_first(self, keys: Numbers, scores: Numbers, ids: list[str], why: str) -> Verdict:
        """Keep the rows with the highest keys; rows of equal keys by their ids, so that the order of the table does not matter."""
        ranked = np.flatnonzero(~np.isnan(scores))
        order = sorted(ranked.tolist(), key=lambda row: (-keys[row], ids[row]))
        keep = np.zeros(len(scores), dtype=bool)
        keep[order[: self.how_many(len(ranked))]] = True
        return self.verdict(keep, scores, why)


class TopFilter(KeepsSoMany):
    """Keep the rows with the highest scores (or the lowest, with `order="lowest"`): `rows` of them, or a `share`.

    For scores that have no scale of their own, and for a budget. Superfiltering: ScoreFilter(max=1.0), then TopFilter(share=0.1), on "ifd".
    """

    asks = ("take the best ten percent", "top k by rating", "keep the bottom or worst n by some metric")

    order: Literal["highest", "lowest"] = "highest"

    def keep_table(self, rows: RowsReader) -> Verdict:
        scores, ids = self.read(rows)
        count = self.how_many(int((~np.isnan(scores)).sum()))
        return self.keep_first(scores if self.order == "highest" else -scores, scores, ids, f"not among the {count} {self.order}")


class PercentileFilter(RanksRows):
    """Keep rows whose score lies between two percentiles of the table's scores, both included: `max=30` on a perplexity is CCNet's "head".

    Percentiles are 0 to 100, of the rows that have a score, with linear interpolation; rows of equal scores share their fate.
    """

    source = "CCNet (Wenzek et al. 2020): head, middle and tail by percentiles of perplexity"
    asks = ("keep the head bucket by perplexity", "cut off the worst tenth by quantile", "remove outliers at both ends of a distribution")
    at_least_one = (("min", "max"),)
    example: ClassVar[Mapping[str, Any]] = {"max": 30}

    min: float | None = Field(None, ge=0, le=100)
    max: float | None = Field(None, ge=0, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> PercentileFilter:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min={self.min:g} is above max={self.max:g}: nothing could pass")
        return self

    def keep_table(self, rows: RowsReader) -> Verdict:
        scores, _ = self.read(rows)
        ranked = scores[~np.isnan(scores)]
        low = percentile(ranked, self.min) if self.min is not None else -np.inf
        high = percentile(ranked, self.max) if self.max is not None else np.inf
        band = f"outside percentiles {self.min or 0:g} to {100 if self.max is None else self.max:g} of the table, {low:g} to {high:g}"
        return self.verdict((scores >= low) & (scores <= high), scores, band)


def percentile(scores: Numbers, at: float) -> float:
    """The value at a percentile, 0 to 100."""
    return quantile(scores, at / 100)


def quantile(scores: Numbers, share: float) -> float:
    """The value at a share, 0 to 1: between two scores by linear interpolation, the nearer one where one is infinite; NaN for no score."""
    if not len(scores):
        return float("nan")
    arranged = np.sort(scores)
    place = share * (len(arranged) - 1)
    low, high, part = float(arranged[int(place)]), float(arranged[int(np.ceil(place))]), place - int(place)
    if not (np.isfinite(low) and np.isfinite(high)):
        return low if part < 0.5 else high
    return min(high, max(low, low * (1 - part) + high * part))


class TemperatureSample(KeepsSoMany):
    """Draw `rows` rows, or a `share`, without replacement, each likelier the higher its score: in proportion to exp(score / temperature).

    Scores are first divided by their standard deviation, as QuRating does, so that temperature means the same for every scale: near 0 the draw is
    TopFilter, at 2 good rows are somewhat likelier, at infinity all rows are alike. Some of the lower rows stay, and with them variety.
    The draw depends on the seed and the row ids, not on the order of the rows.
    """

    source = "QuRating (Wettig et al. 2024), section 4; drawn as the top of Gumbel noise plus score (Vieira 2014)"
    asks = ("weighted sampling by quality", "prefer good examples but keep some variety", "soft selection instead of a hard cut-off")

    temperature: float = Field(2.0, gt=0)
    seed: int = 0

    def keep_table(self, rows: RowsReader) -> Verdict:
        scores, ids = self.read(rows)
        finite = scores[np.isfinite(scores)]
        with np.errstate(over="ignore", invalid="ignore"):
            deviation = float(finite.std()) if len(finite) else 0.0
            noise = -np.log(-np.log(uniform(self.seed, ids)))  # standard Gumbel
            keys = np.nan_to_num(scores / ((deviation or 1.0) * self.temperature)) + noise
        return self.keep_first(keys, scores, ids, f"not drawn at temperature {self.temperature:g}")

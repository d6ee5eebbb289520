"""What was written of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Written:
    """What became of the table: split -> rows, and the rows from which no sample could be made, for a part of them is empty or
    holds no messages."""

    rows: Mapping[str, int]
    left_out: int
    files: Sequence[str]
    schema: pa.Schema

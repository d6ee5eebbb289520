"""Rows made one text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from operators.bases.grouping import JoinsGroups
from operators.tables.columns import Input, Output
from operators.tables.types import PARENT_IDS


class JoinTexts(JoinsGroups):
    """Make one row of all rows with the same key: their texts in order, with `separator` between them, and how many they were.

    The key is by default the row that the parts were made of, by SplitText, SplitByHeadings or ChunkText (whose overlaps stand twice then); bind
    `input_key` to any column to join what shares its value. The other columns are those of the first row.
    """

    asks = ("join the rows of a group into one text", "concatenate texts by document id", "merge chunks back into documents")
    group_by: ClassVar[str] = "key"
    order_by: ClassVar[str] = "part"

    input_key = Input(Any, PARENT_IDS, description="what the rows of a group have in common")
    input_part = Input(int, optional=True, nulls="pass", description="the order of the rows; without it, that of the table")
    input_text = Input(str)
    output_text = Output(str, "text")
    output_rows = Output(int, "rows", description="how many rows were joined")

    separator: str = "\n\n"

    def join(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {"text": self.separator.join(row["text"] for row in rows), "rows": len(rows)}

"""What is new in a table since its version before, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataflow_assets.running.comparison import Comparison, compare
from dataflow_assets.running.stages import StageResult
from dataflow_assets.showing.markdown import cell, table
from operators.tables.types import PARENT_IDS, ROW_ID
from resources.warehouse.errors import WarehouseError

CHARACTERS = 80
MOST_BYTES = 64 << 20
"""Larger tables are compared when somebody asks for it (`dataflow diff`), not at every run."""


def compare_with_before(result: StageResult) -> str:
    """ "" for the first version. The new one is published: that the one before is damaged is said, and is no failure."""
    before = result.table.before()
    if before is None:
        return ""
    try:
        before.run_facts()
    except WarehouseError as error:
        return f"the version before cannot be read: {cell(error, 400)}"
    if max(before.count_bytes(), result.table.count_bytes()) > MOST_BYTES:
        return f"{before.count_rows():,} rows before, {result.table.count_rows():,} now"
    return comparison_markdown(compare(before, result.table))


def comparison_markdown(found: Comparison) -> str:
    parts = [found.headline()]
    parts += ["because of\n\n" + "\n".join(f"- {cell(cause, 400)}" for cause in found.causes)] if found.causes else []
    if found.examples:
        rows = [[what, cell(str(row.get(ROW_ID))[:8]), _told(what, row)] for what, row in found.examples]
        parts.append(table(["", "row", "example"], rows))
    return "\n\n".join(parts)


def _told(what: str, row: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in row.items() if name not in (ROW_ID, PARENT_IDS)}
    if what != "changed":
        return " · ".join(f"{cell(name)}: {cell(value, CHARACTERS)}" for name, value in shown.items())
    return " · ".join(f"{cell(name)}: {cell(old, CHARACTERS)} → {cell(new, CHARACTERS)}" for name, (old, new) in shown.items())

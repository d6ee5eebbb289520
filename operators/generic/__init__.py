"""Operators for any table, whatever the domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "selection": ("filter", "rank", "sample"),
    "prompts of your own": ("prompted",),
    "building pipelines": ("join", "operators.core.sequential"),
}
"""What a user wants to do -> the modules whose operators do it. It orders the catalogue (`dataflow operators list`)."""

"""Which models judged or wrote what stands in a table, with what has to be known of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataflow_assets.showing.markdown import cell


def models_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """Model -> caution, from what is known of the run that made a table; "" where nothing has to be known."""
    return dict(facts.get("judged_by") or {})


def judged_by_lines(facts: Mapping[str, Any]) -> list[str]:
    return [f"{model}: {caution}" if caution else model for model, caution in models_of(facts).items()]


def judged_by_text(facts: Mapping[str, Any]) -> str:
    """Markdown; "" where no model had a part in the table."""
    return "\n\n".join(f"**{cell(model)}**" + (f" ⚠ {cell(caution, 600)}" if caution else "") for model, caution in models_of(facts).items())

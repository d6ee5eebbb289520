"""What a stage is and with what it works, for people who see it the first time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dataflow_assets.showing.markdown import block, cell, code, table
from operators.core.operator import Operator
from operators.pipeline.plan import Plan, Stage
from operators.tables.types import PARENT_IDS, ROW_ID, type_name

VERBS = {"filter": "drops rows", "refine": "rewrites texts", "evaluate": "adds columns", "generate": "makes new data"}
KNOWN_COLUMNS = {ROW_ID: "the id of the row, the same in every stage and every run", PARENT_IDS: "the rows that this one was made from"}


def stage_description(stage: Stage) -> str:
    """The first line is what a list of assets shows: what it does, and by how many rules where it does many things in one scan."""
    operator = stage.operator
    parts: Sequence[Operator] = getattr(operator, "parts", ())
    if len(parts) == 1:
        operator, parts = parts[0], ()
    if not parts:
        source = f"\n\nSource: {operator.source}" if operator.source else ""
        return f"{first_paragraph(operator)}\n\n{code(operator.describe())}{source}"
    named = ", ".join(part.name for part in parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")
    listed = "\n".join(f"- {code(part.describe())}: {first_paragraph(part)}" for part in parts)
    done = ", then ".join(dict.fromkeys(VERBS[part.kind] for part in parts)).capitalize()
    return f"{done} by {len(parts)} operators in one scan: {named}.\n\n{listed}"


def first_paragraph(operator: Operator) -> str:
    return " ".join((type(operator).__doc__ or "").split("\n\n")[0].split())


def column_descriptions(plan: Plan, name: str) -> dict[str, str]:
    """Of each column of the table of a stage or source: which stage makes it, and what its operator says of it."""
    told = dict(KNOWN_COLUMNS)
    if name in plan.sources:
        return told | {column: f"of the source {name}" for column in plan.sources[name].names if column not in told}
    stage = plan[name]
    for parent in reversed(stage.inputs):
        told |= column_descriptions(plan, parent)
    rewritten, made = stage.operator.rewritten_columns(), stage.operator.output_columns()
    outputs = stage.operator.outputs()
    for column in rewritten:
        told[column] = f"{told.get(column, 'of the source')}; rewritten by {name}"
    for short, column in made.items():
        if column in rewritten:
            continue
        said = outputs[short].description if short in outputs else ""
        told[column] = f"made by {name} ({stage.operator.name}{f', {short}' if short != column else ''})" + (f": {said}" if said else "")
    return told


def parameters_table(in_force: Sequence[Mapping[str, Any]]) -> str:
    """All parameters of a stage, defaults included; those that differ from their defaults are bold."""
    rows = []
    for part in in_force:
        for parameter, value in part["parameters"].items():
            shown, default = cell(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)), parameter in part["defaults"]
            named = [parameter, shown, ""] if default else [f"**{parameter}**", f"**{shown}**", "set"]
            rows.append([part["operator"], *named])
    return table(["operator", "parameter", "value", ""], rows)


def prompts_text(in_force: Sequence[Mapping[str, Any]]) -> str:
    """What is asked of a model: the templates as they are, and the shape of the answer."""
    parts = []
    for part in in_force:
        for name, prompt in part["prompts"].items():
            parts.append(f"**{part['operator']}.{name}**, system\n\n{block(prompt['system'])}\n\nuser\n\n{block(prompt['user'])}")
            if prompt["answer"] is not None:
                parts.append(f"answer\n\n{block(json.dumps(prompt['answer'], indent=1, ensure_ascii=False), 'json')}")
    return "\n\n".join(parts)


def schema_of(stage: Stage) -> list[tuple[str, str]]:
    """(column, type) of what a stage makes, as compiled."""
    return [(field.name, type_name(field.type)) for field in stage.schema_out]

"""Why a new version of a table differs from an old one: another input, other code, another parameter, prompt or model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SHOWN_CHARACTERS = 80

Facts = Mapping[str, Any]


def causes(old: Facts, new: Facts) -> list[str]:
    """What differs between the runs that made two versions, from what their `run` tables say. Empty where nothing does."""
    found = [*_of_code(old, new), *_of_inputs(old, new), *_of_models(old, new)]
    if found or old["content_hash"] == new["content_hash"]:
        return found
    if not new.get("inputs"):
        return ["source: its rows are others"]
    asked = any(usage.get("calls") for usage in (new.get("usage") or {}).values())
    return ["model: it answered otherwise to the same questions" if asked else "unknown: same inputs, code, parameters and models"]


def _of_code(old: Facts, new: Facts) -> Iterator[str]:
    if old.get("fingerprint") == new.get("fingerprint"):
        return
    if not old.get("in_force") or not new.get("in_force"):
        yield "code or parameters: the older version does not tell which"
        return
    before, after = list(old["in_force"]), list(new["in_force"])
    names_before, names_after = [part["operator"] for part in before], [part["operator"] for part in after]
    if names_before != names_after:
        added = [name for name in names_after if name not in names_before]
        removed = [name for name in names_before if name not in names_after]
        yield "; ".join([*(f"code: {name} was added" for name in added), *(f"code: {name} was taken out" for name in removed)]) or "code: other order"
        return
    told = [said for one, other in zip(before, after, strict=True) for said in _of_part(one, other)]
    yield from told or [f"code: of {', '.join(dict.fromkeys(names_after))}, or of what it uses"]


def _of_part(old: Facts, new: Facts) -> Iterator[str]:
    for kind, told in (("parameters", "parameter"), ("prompts", "prompt"), ("reads", "column read"), ("makes", "column made")):
        for name in sorted({*old[kind], *new[kind]}):
            before, after = old[kind].get(name), new[kind].get(name)
            if before == after:
                continue
            if kind == "prompts" and isinstance(before, Mapping) and isinstance(after, Mapping):
                parts = [part for part in after if before.get(part) != after.get(part)]
                yield f"prompt: the {' and '.join(parts)} of {new['operator']}.{name}"
            else:
                yield f"{told}: {new['operator']}.{name} = {_shown(after)}, before {_shown(before)}"


def _of_inputs(old: Facts, new: Facts) -> Iterator[str]:
    before, after = old.get("input_hashes") or {}, new.get("input_hashes") or {}
    if not before:
        return
    for name in after:
        if name not in before:
            yield f"input: {name} is read, and was not"
        elif before[name] != after[name]:
            yield f"input: {name} has other rows"
    yield from (f"input: {name} is read no more" for name in before if name not in after)


def _of_models(old: Facts, new: Facts) -> Iterator[str]:
    before, after = _names(old.get("models")), _names(new.get("models"))
    if before and after and before != after:
        yield f"model: {after}, before {before}"


def _names(models: Sequence[str] | None) -> str:
    return ", ".join(models or ())


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"

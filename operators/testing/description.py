"""That an operator is plain data: it can be written down, made again from that, and has one fingerprint."""

from __future__ import annotations

import json
from typing import Any

from operators.core import registry
from operators.core.operator import Operator, registered
from operators.testing.promises import Breach, demand


def check_description(operator: Operator) -> None:
    """Raises Breach: it does not say what it is, or is another after a round trip."""
    cls = type(operator)
    demand(bool((cls.__doc__ or "").strip()), "it has no docstring: one line that says what it does")
    demand(operator.kind in ("evaluate", "filter", "refine", "generate"), "it is of no kind", kind=operator.kind)
    demand(cls.model_json_schema().get("type") == "object", "its parameters have no JSON schema")
    described = operator.as_dict()
    try:
        written = json.loads(json.dumps(described))
    except (TypeError, ValueError) as error:
        raise Breach(f"as_dict() is not plain data: {error}") from error
    again = _built(operator, written)
    demand(again == operator, "another operator comes out of as_dict() than went in", went_in=operator, came_out=again, as_dict=described)
    for name, value in operator:
        if isinstance(value, set | frozenset) and len(value) > 1:
            found = operator.model_dump(mode="json")[name]
            what = f'the parameter "{name}" is a set, which each process orders in another way: its fingerprint changes. Take a sorted tuple'
            demand(found == sorted(found, key=repr), what, written=found)
    prints = [operator.fingerprint(), operator.fingerprint(), again.fingerprint()]
    demand(len(set(prints)) == 1, "its fingerprint is not the same for the same operator", fingerprints=prints)


def _built(operator: Operator, described: dict[str, Any]) -> Operator:
    try:
        if registered.get(operator.name) is type(operator):
            return registry.build(described)
        return type(operator)(**{name: value for name, value in described.items() if name != "operator"})
    except Exception as error:
        raise Breach(f"it cannot be made again from as_dict(): {error}\n  as_dict   {described}") from error

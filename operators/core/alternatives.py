"""Parameters of which one has to be given: as a check of an operator, and in its JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pydantic.fields import FieldInfo

Alternatives: TypeAlias = tuple[tuple[str, ...], ...]
"""Groups of parameters that are None where they are not given."""

_NOTHING: Final = {"type": "null"}


def check_declared(operator: str, fields: Mapping[str, FieldInfo], either: Alternatives, at_least_one: Alternatives) -> None:
    """
    Raises:
        TypeError: a name in a group is no parameter whose default is None.
    """
    for name in (name for group in (*either, *at_least_one) for name in group):
        if name not in fields or fields[name].default is not None:
            raise TypeError(f'{operator} names "{name}" among alternatives, but has no parameter {name} = None.')


def what_is_needed(either: Alternatives, at_least_one: Alternatives) -> list[str]:
    """One sentence part for each group: "either rows or share"; "min, max or both"."""
    exact = [f"either {' or '.join(group)}" for group in either]
    return [*exact, *(f"{', '.join(group)} or {'both' if len(group) == 2 else 'several'}" for group in at_least_one)]


def missing_choice(values: Mapping[str, Any], either: Alternatives, at_least_one: Alternatives) -> str | None:
    """What is needed of the first group that is not as it should be; None where all are."""
    given = [[values[name] is not None for name in group] for group in (*either, *at_least_one)]
    counts_fit = [*(sum(group) == 1 for group in given[: len(either)]), *(any(group) for group in given[len(either) :])]
    return next((needed for needed, fits in zip(what_is_needed(either, at_least_one), counts_fit, strict=True) if not fits), None)


def add_alternatives(schema: dict[str, Any], either: Alternatives, at_least_one: Alternatives) -> None:
    """Say the same in a JSON schema, as `anyOf`; several groups as `allOf` of them.

    The branches of an exact choice exclude each other: in each, the others are null or left out. So `anyOf` says what `oneOf` would, and those
    servers understand it that know no `oneOf`.
    """
    properties = schema["properties"]
    choices: list[dict[str, Any]] = [
        {"anyOf": [_only(name, group if exact else (name,), properties) for name in group]}
        for exact, groups in ((True, either), (False, at_least_one))
        for group in groups
    ]
    if len(choices) == 1 and "anyOf" not in schema:
        schema.update(choices[0])
    elif choices:
        schema["allOf"] = [*schema.get("allOf", ()), *choices]


def _only(name: str, group: tuple[str, ...], properties: Mapping[str, Any]) -> dict[str, Any]:
    """A branch in which one parameter of a group is given, and the others are not."""
    return {"required": [name], "properties": {name: _without_null(properties[name]), **{other: _NOTHING for other in group if other != name}}}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    values = [option for option in schema["anyOf"] if option != _NOTHING]
    return dict(values[0]) if len(values) == 1 else {"anyOf": values}

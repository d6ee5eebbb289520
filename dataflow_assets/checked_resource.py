"""A Dagster resource whose settings are looked at when it is made: a name that nothing has, or a value out of bounds, is refused at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import dagster as dg
from pydantic import BaseModel, TypeAdapter, ValidationError

from operators.tables.errors import ParameterError, Problem, closest


class CheckedResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What is left empty comes from the environment, and what comes from there is looked at when the resource is opened."""

    def __init__(self, **given: Any) -> None:
        """Raises ParameterError."""
        if problems := [*_unknown(given, type(self)), *self._wrong(given)]:
            raise ParameterError(problems)
        super().__init__(**given)

    @classmethod
    def settings_model(cls) -> type[BaseModel]:
        """The settings that the resource is opened with: they say which values a setting may have."""
        raise NotImplementedError

    @classmethod
    def _wrong(cls, given: Mapping[str, Any]) -> Iterator[Problem]:
        """What is wrong with the values."""
        for name, value in given.items():
            field = cls.settings_model().model_fields.get(name)
            if field is None or name not in cls.model_fields or value in (None, "", {}, []) or _is_late(value):
                continue
            # by the bounds of that field alone: what settings must be together depends on the environment too
            kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            yield from problems_with(name, TypeAdapter(kind), value)


def problems_with(name: str, adapter: TypeAdapter[Any], value: Any) -> Iterator[Problem]:
    """What a value cannot be; never the value itself, which may be a secret."""
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            place = ".".join(str(part) for part in (name, *one["loc"]))
            yield Problem(f"{place}: {one['msg'].removeprefix('Value error, ')}")


def _unknown(given: Mapping[str, Any], model: type[BaseModel]) -> list[Problem]:
    listed = ("settings", ", ".join(model.model_fields))
    return [
        Problem(f'there is no setting "{name}"', details=(listed,), suggestion=closest(name, model.model_fields))
        for name in given
        if name not in model.model_fields
    ]


def _is_late(value: Any) -> bool:
    """Whether Dagster puts the value in when a run starts, as it does for `EnvVar`."""
    return isinstance(value, dg.EnvVar | type(dg.EnvVar.int("X")))

"""What stands under `attributes` of a defs.yaml: a name that nothing has is refused, with the closest one."""

from __future__ import annotations

import functools
from typing import Any

from pydantic import BaseModel, create_model, model_validator

from operators.tables.errors import closest


@functools.cache
def with_closest_names(model: type[BaseModel]) -> type[BaseModel]:
    """The model, which refuses unknown names with the known ones and the closest of them."""

    def refuse_unknown(cls: type[BaseModel], given: Any) -> Any:
        unknown = [str(name) for name in given if name not in cls.model_fields] if isinstance(given, dict) else []
        if unknown:
            said = " ".join(f'there is no attribute "{name}". {closest(name, cls.model_fields)}'.strip() for name in unknown)
            raise ValueError(f"{said} Known are {', '.join(cls.model_fields)}.")
        return given

    check: Any = classmethod(refuse_unknown)
    checks: dict[str, Any] = {"refuse_unknown": model_validator(mode="before")(check)}
    return create_model(model.__name__, __base__=model, __validators__=checks, __doc__=model.__doc__)

"""What an operator's class says of itself, checked when it is made: a mistake there would be no error later, and another meaning."""

from __future__ import annotations

import inspect

from pydantic import BaseModel

_TUPLES = ("needs", "packages", "asks", "covers", "tables", "accounts_for", "prompt_variables", "either", "at_least_one")
_SCOPES = ("row", "table")


def check_class(cls: type[BaseModel], base: type[BaseModel]) -> None:
    """`base` is the class of all operators.

    Raises:
        TypeError: a text stands where several belong, `scope` is none, a parameter has the name of something that operators have, or `__init__` takes
            no parameters by name, so that the operator could not be made again of its plain data.
    """
    for name in _TUPLES:
        if isinstance(value := getattr(cls, name), str):
            raise TypeError(f'{cls.__name__}.{name} is a text, of which each letter would be one: write {name} = ("{value}",)')
    if isinstance(scope := getattr(cls, "scope", "row"), str) and scope not in _SCOPES:
        raise TypeError(f'{cls.__name__}.scope is "{scope}": an operator works on a "row" or on the "table"')
    taken = inspect.signature(vars(cls)["__init__"]).parameters.values() if "__init__" in vars(cls) else None
    if taken is not None and not any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken):
        raise TypeError(f"{cls.__name__} defines __init__: leave it out, for the parameters of an operator are fields of its class: most: int = 3")
    for above in cls.__mro__[1:]:
        if issubclass(above, base):
            for name in cls.model_fields.keys() - above.model_fields.keys():
                if hasattr(above, name):
                    raise TypeError(f"{cls.__name__}.{name} is something that every {above.__name__} has: give the parameter another name")

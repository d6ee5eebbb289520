"""What Python does with an object by a method of a special name, as functions: these are what one process can ask of an object of the other."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable
from typing import Any

COMPARISONS = ("__eq__", "__lt__", "__le__", "__gt__", "__ge__")

SPECIAL: dict[str, Callable[..., Any]] = {
    "__iter__": iter,
    "__next__": next,
    "__len__": len,
    "__bool__": bool,
    "__hash__": hash,
    "__str__": str,
    "__repr__": repr,
    "__int__": int,
    "__float__": float,
    "__abs__": abs,
    "__neg__": operator.neg,
    "__pos__": operator.pos,
    "__invert__": operator.invert,
    "__index__": operator.index,
    "__contains__": operator.contains,
    "__getitem__": operator.getitem,
    "__setitem__": operator.setitem,
    "__delitem__": operator.delitem,
    "__reversed__": reversed,
    "__instancecheck__": lambda class_, value: isinstance(value, class_),
    "__subclasscheck__": lambda class_, value: issubclass(value, class_),
    "__enter__": lambda value: type(value).__enter__(value),
    "__exit__": lambda value, *error: type(value).__exit__(value, *error),
    "__dir__": dir,
    "__await__": lambda value: asyncio.run(_awaited(value)),
    **{name: getattr(operator, name) for name in COMPARISONS},
    **{
        f"__{name}__": getattr(operator, f"__{name}__")
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift", "ne")
    },
    **{
        f"__r{name}__": lambda own, other, _name=name: getattr(operator, f"__{_name}__")(other, own)
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift")
    },
}


async def _awaited(value: Any) -> Any:
    return await value

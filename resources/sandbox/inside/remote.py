"""What stands for an object of the other process: whatever is done with it is asked of its owner.

One thing is not asked: whether it equals, or is less or more than, plain data. An object of the program would say so of itself whatever the test
expects, so here it never is. Two objects of the program are compared by their owner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Asks(Protocol):
    def ask(self, what: str, *arguments: Any) -> Any: ...


class Remote:
    """An object of the other side."""

    __slots__ = ("__weakref__", "_remote")

    def __init__(self, bridge: Asks, number: int, type_name: str) -> None:
        object.__setattr__(self, "_remote", (bridge, number, type_name))

    def __getattr__(self, name: str) -> Any:
        return _ask(self, "get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        _ask(self, "set", name, value)

    def __delattr__(self, name: str) -> None:
        _ask(self, "delete", name)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Remote) and bool(_ask(self, "special", "__eq__", other)))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("an object of the program cannot be copied by its tests")


class RemoteCallable(Remote):
    """A function or class of the other side."""

    __slots__ = ()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return _ask(self, "call", list(arguments), named)


class RemoteException(Exception):
    """Base of the classes that stand for exceptions that the other side defined."""

    bridge: Asks
    class_number: int
    number = -1
    text = ""

    def __str__(self) -> str:
        return self.text or super().__str__()

    def __getattr__(self, name: str) -> Any:
        if self.number < 0 or name.startswith("__"):
            raise AttributeError(name)
        return self.bridge.ask("get", self, name)


def number_of(remote: Remote) -> tuple[Any, int]:
    bridge, number, _ = object.__getattribute__(remote, "_remote")
    return bridge, number


def type_name_of(remote: Remote) -> str:
    return str(object.__getattribute__(remote, "_remote")[2])


def make_remote(bridge: Asks, number: int, type_name: str, can_call: bool) -> Remote:
    return (RemoteCallable if can_call else Remote)(bridge, number, type_name)


def _ask(remote: Remote, what: str, *arguments: Any) -> Any:
    bridge, _ = number_of(remote)
    return bridge.ask(what, remote, *arguments)


def _asking(name: str, answer: type | None) -> Callable[..., Any]:
    def asked(self: Remote, *arguments: Any) -> Any:
        value = _ask(self, "special", name, *arguments)
        return value if answer is None else answer(value)

    asked.__name__ = name
    return asked


def _comparing(name: str) -> Callable[..., Any]:
    def compared(self: Remote, other: Any) -> Any:
        if not isinstance(other, Remote):
            return NotImplemented
        return bool(_ask(self, "special", name, other))

    compared.__name__ = name
    return compared


_ANSWERS: dict[str, type | None] = {
    **dict.fromkeys(("__len__", "__hash__", "__index__", "__int__"), int),
    **dict.fromkeys(("__str__", "__repr__"), str),
    **dict.fromkeys(("__bool__", "__contains__", "__instancecheck__", "__subclasscheck__"), bool),
    "__float__": float,
    "__dir__": list,
    **dict.fromkeys(("__iter__", "__next__", "__reversed__", "__getitem__", "__setitem__", "__delitem__", "__enter__", "__exit__")),
    **dict.fromkeys(("__abs__", "__neg__", "__pos__", "__invert__")),
    **dict.fromkeys(
        f"__{side}{name}__"
        for side in ("", "r")
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift")
    ),
}
for _name, _answer in _ANSWERS.items():
    setattr(Remote, _name, _asking(_name, _answer))
for _name in ("__lt__", "__le__", "__gt__", "__ge__"):
    setattr(Remote, _name, _comparing(_name))

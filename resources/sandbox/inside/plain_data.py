"""Values as JSON and back: what is plain data goes as a copy, everything else as a number that its own side knows.

Only the exact types of the standard library are plain data. An instance of a class that a program wrote is never turned into a value: its methods,
`__eq__` above all, stay in the program's process.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import importlib
import json
import pathlib
import sys
import uuid
from collections.abc import Callable
from typing import Any, Protocol

MUTABLE = (list, dict, set, bytearray, collections.OrderedDict, collections.Counter, collections.defaultdict, collections.deque)
"""Exact types whose contents the other side may change: what it changed is told back."""
MOST_VALUES = 2_000_000
"""Values in one message, so that an endless one ends."""
LARGEST_EXACT = 2**53

_READ: dict[str, Callable[[Any], Any]] = {
    "decimal": decimal.Decimal,
    "fraction": fractions.Fraction,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "uuid": uuid.UUID,
    "path": pathlib.PurePosixPath,
    "bytes": bytes.fromhex,
    "int": lambda text: int(text, 16),
}
_WRITTEN: dict[type, tuple[str, Callable[[Any], str]]] = {
    decimal.Decimal: ("decimal", str),
    fractions.Fraction: ("fraction", str),
    datetime.date: ("date", datetime.date.isoformat),
    datetime.time: ("time", datetime.time.isoformat),
    datetime.datetime: ("datetime", datetime.datetime.isoformat),
    uuid.UUID: ("uuid", str),
    pathlib.PurePosixPath: ("path", str),
    pathlib.PosixPath: ("path", str),
    bytes: ("bytes", bytes.hex),
}


class Objects(Protocol):
    """What is no plain data, by number."""

    def name_of(self, value: Any) -> list[Any]: ...
    def named(self, kind: str, *details: Any) -> Any: ...


class Writer:
    """Writes values of one message. A container that was in it before is written as a reference, so that shared and circular ones stay so."""

    def __init__(self, objects: Objects, containers: list[Any] | None = None) -> None:
        self.objects = objects
        self.containers: list[Any] = list(containers or ())
        self._places = {id(container): place for place, container in enumerate(self.containers)}
        self._count = 0

    def write(self, value: Any) -> Any:
        self._count += 1
        if self._count > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES:,} values")
        kind = type(value)
        if value is None or kind is bool or kind is str or kind is float:
            return value
        if kind is int:
            return value if -LARGEST_EXACT < value < LARGEST_EXACT else ["int", hex(value)]
        if kind is tuple:
            return ["tuple", [self.write(item) for item in value]]
        if kind in MUTABLE:
            place = self._places.get(id(value))
            if place is not None:
                return ["again", place]
            place = len(self.containers)
            self._places[id(value)] = place
            self.containers.append(value)
            return ["new", place, self.contents(value)]
        if kind is frozenset:
            return ["frozenset", [self.write(item) for item in value]]
        if kind is complex:
            return ["complex", value.real, value.imag]
        if kind is range or kind is slice:
            return [kind.__name__, [self.write(part) for part in (value.start, value.stop, value.step)]]
        if kind in _WRITTEN:
            name, text = _WRITTEN[kind]
            return [name, text(value)]
        if kind is datetime.timedelta:
            return ["timedelta", value.days, value.seconds, value.microseconds]
        if value is Ellipsis or value is NotImplemented:
            return ["constant", str(value)]
        if (array := _array_of_numbers(value)) is not None:
            return array
        if fields := _named_tuple_fields(kind):
            return ["named", kind.__name__, list(fields), [self.write(item) for item in tuple.__iter__(value)]]
        if plain := _plain_base(kind):
            return self.write(plain(value))
        return self.objects.name_of(value)

    def contents(self, value: Any) -> list[Any]:
        """What is in a container: its kind, then its items."""
        kind = type(value)
        if kind is bytearray:
            return ["bytearray", value.hex()]
        if kind is set:
            return ["set", sorted((self.write(item) for item in value), key=json.dumps)]
        if kind is list:
            return ["list", [self.write(item) for item in value]]
        if kind is collections.deque:
            return ["deque", [self.write(item) for item in value], value.maxlen]
        pairs = [[self.write(key), self.write(item)] for key, item in value.items()]
        return [kind.__name__, pairs, self.write(value.default_factory)] if kind is collections.defaultdict else [kind.__name__, pairs]


class Reader:
    """Reads what a `Writer` wrote; `containers` are those of the message that is answered."""

    def __init__(self, objects: Objects, containers: list[Any] | None = None) -> None:
        self.objects = objects
        self.containers: dict[int, Any] = dict(enumerate(containers or ()))

    def read(self, written: Any) -> Any:
        if not isinstance(written, list):
            return written
        kind, *parts = written
        if kind == "again":
            return self.containers[parts[0]]
        if kind == "new":
            place, contents = parts
            made = self.containers[place] = _empty(contents, self)
            self.fill(made, contents)
            return made
        if kind == "tuple":
            return tuple(self.read(item) for item in parts[0])
        if kind == "frozenset":
            return frozenset(self.read(item) for item in parts[0])
        if kind == "complex":
            return complex(*parts)
        if kind == "range":
            return range(*(self.read(part) for part in parts[0]))
        if kind == "slice":
            return slice(*(self.read(part) for part in parts[0]))
        if kind in _READ:
            return _READ[kind](parts[0])
        if kind == "timedelta":
            return datetime.timedelta(*parts)
        if kind == "constant":
            return Ellipsis if parts[0] == "Ellipsis" else NotImplemented
        if kind == "array":
            return _array(*parts)
        if kind == "named":
            name, fields, items = parts
            return _named_tuple(name, tuple(fields))(*(self.read(item) for item in items))
        return self.objects.named(kind, *parts)

    def fill(self, container: Any, contents: list[Any]) -> None:
        """Put contents into a container, in place of what is there."""
        kind, items = contents[0], contents[1]
        if kind == "bytearray":
            container[:] = bytes.fromhex(items)
        elif kind in ("list", "deque"):
            values = [self.read(item) for item in items]
            container.clear()
            container.extend(values)
        elif kind == "set":
            read = {self.read(item) for item in items}
            container.clear()
            container.update(read)
        else:
            pairs = [(self.read(key), self.read(item)) for key, item in items]
            container.clear()
            container.update(dict(pairs))

    def all_containers(self) -> list[Any]:
        return [self.containers[place] for place in sorted(self.containers)]


def _empty(contents: list[Any], reader: Reader) -> Any:
    kind = contents[0]
    if kind == "deque":
        return collections.deque(maxlen=contents[2])
    if kind == "defaultdict":
        return collections.defaultdict(reader.read(contents[2]))
    return {type_.__name__: type_ for type_ in MUTABLE}[kind]()


def _named_tuple_fields(kind: type) -> tuple[str, ...]:
    fields = kind.__dict__.get("_fields")
    if not issubclass(kind, tuple) or kind.__bases__ != (tuple,) or type(fields) is not tuple:
        return ()
    return fields if all(type(field) is str and field.isidentifier() for field in fields) else ()


_NAMED_TUPLES: dict[tuple[str, tuple[str, ...]], Any] = {}


def _named_tuple(name: str, fields: tuple[str, ...]) -> Any:
    if (name, fields) not in _NAMED_TUPLES:
        _NAMED_TUPLES[name, fields] = collections.namedtuple(name, fields)
    return _NAMED_TUPLES[name, fields]


def _array_of_numbers(value: Any) -> list[Any] | None:
    """An array or a number of numpy, where that is there and loaded: its type, shape and bytes."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not (type(value) is numpy.ndarray or (isinstance(value, numpy.generic) and type(value).__module__ == "numpy")):
        return None
    if value.dtype.hasobject:
        return None
    return ["array", value.dtype.str, list(value.shape), value.tobytes().hex(), type(value) is numpy.ndarray]


def _array(kind: str, shape: list[int], data: str, is_array: bool) -> Any:
    numpy = importlib.import_module("numpy")
    array = numpy.frombuffer(bytes.fromhex(data), numpy.dtype(str(kind))).reshape(shape).copy()
    return array if is_array else array[()]


def _plain_base(kind: type) -> Callable[[Any], Any] | None:
    """How a value of a subclass of a built-in type becomes that type, by that type's own methods, whatever the subclass says."""
    copies: tuple[tuple[type, Callable[[Any], Any]], ...] = (
        (int, lambda value: int.__add__(value, 0)),
        (float, lambda value: float.__add__(value, 0.0)),
        (str, lambda value: str.__str__(value) if type(str.__str__(value)) is str else "".join(str.__iter__(value))),
        (bytes, lambda value: bytes.__add__(value, b"")),
        (tuple, lambda value: tuple(tuple.__iter__(value))),
        (list, lambda value: list(list.__iter__(value))),
        (dict, lambda value: {key: dict.__getitem__(value, key) for key in dict.__iter__(value)}),
        (set, lambda value: set(set.__iter__(value))),
        (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
    )
    if hasattr(kind, "__members__"):  # an enum's member is itself, not its number
        return None
    return next((copy for base, copy in copies if issubclass(kind, base)), None)


def standard_name(value: Any) -> tuple[str, str] | None:
    """(module, name) of something of the standard library that can be had by them; None for all else."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if type(module) is not str or type(name) is not str or module.partition(".")[0] not in sys.stdlib_module_names:
        return None
    try:
        return (module, name) if standard_object(module, name) is value else None
    except (ImportError, AttributeError):
        return None


def standard_module(name: str) -> str:
    """The name, of a module of the standard library."""
    if not isinstance(name, str) or name.partition(".")[0] not in sys.stdlib_module_names:
        raise ImportError(f"{name} is not of the standard library")
    return name


def standard_object(module: str, name: str) -> Any:
    found: Any = importlib.import_module(standard_module(module))
    for part in name.split("."):
        found = getattr(found, part)
    return found

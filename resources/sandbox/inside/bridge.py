"""Calls between two processes that do not trust each other: the tests on one side, the program on the other.

Arguments and results cross as plain data, and what the other side changed in an argument is changed here too. Everything else crosses as a number,
for which the other side has a `Remote`: using it asks its owner. Both sides run this code; either may call while it is called.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import inspect
import socket
import sys
import types
from typing import Any

from resources.sandbox.inside import messages
from resources.sandbox.inside.operations import SPECIAL
from resources.sandbox.inside.plain_data import MUTABLE, Reader, Writer, standard_module, standard_name, standard_object
from resources.sandbox.inside.remote import Remote, RemoteException, make_remote, number_of

MODULES_OF_PLAIN_CLASSES = ("builtins", "collections", "datetime", "decimal", "fractions", "uuid")
"""Where the classes may come from that a program can hand to its tests as themselves."""
DEEPEST_EXCEPTION = 8
_HIDDEN = ("_", "gi_", "cr_", "ag_", "f_", "tb_", "co_")
"""Beginnings of attributes that lead to frames, code and namespaces."""


class Bridge:
    """One side of the connection.

    `of_tests`: the side that decides. It takes no functions of the standard library from the other, and knows the other's exceptions only as
    `Exception`.
    """

    def __init__(self, connection: socket.socket, *, of_tests: bool, names: dict[str, Any] | None = None) -> None:
        self.connection = connection
        self.of_tests = of_tests
        self.names = names if names is not None else {}
        self._ended = False
        self._kept: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._remotes: dict[int, Any] = {}

    # Asking the other side

    def ask(self, what: str, *arguments: Any) -> Any:
        """What the other side says, or raises."""
        writer = Writer(self)
        written = [writer.write(argument) for argument in arguments]
        self._send(["ask", what, written])
        while True:
            kind, *parts = self._receive()
            if kind == "ask":
                self._answer(*parts)
                continue
            value, changes = parts
            reader = Reader(self, writer.containers)
            result = reader.read(value)
            for place, contents in changes:
                reader.fill(writer.containers[place], contents)
            if kind == "value":
                return result
            if not isinstance(result, BaseException):
                raise TypeError(f"the other side raised {type(result).__name__}")
            raise result

    def serve(self) -> None:
        """Answer until the other side is gone."""
        with contextlib.suppress(messages.Ended):
            while True:
                _, *parts = self._receive()
                self._answer(*parts)

    def has_ended(self) -> bool:
        """Whether the other side was found to be gone."""
        return self._ended

    def _send(self, message: Any) -> None:
        try:
            messages.send(self.connection, message)
        except messages.Ended:
            self._ended = True
            raise

    def _receive(self) -> Any:
        try:
            return messages.receive(self.connection)
        except messages.Ended:
            self._ended = True
            raise

    # Being asked

    def _answer(self, what: str, written: list[Any]) -> None:
        reader = Reader(self)
        kind, containers, before = "value", [], []
        try:
            if self.of_tests:
                _check_asked(what, written)
            arguments = [reader.read(argument) for argument in written]
            containers = reader.all_containers()
            before = [self._shallow(container, containers) for container in containers]
            result = self._do(what, arguments)
        except BaseException as error:  # whatever it is, it is the answer
            if self.of_tests and not isinstance(error, Exception):
                raise
            kind, result = "raised", error
        try:
            answer = self._answer_of(kind, result, containers, before)
        except (ValueError, RecursionError, TypeError, MemoryError) as error:
            answer = self._answer_of("raised", TypeError(f"what was returned cannot be handed over: {error}"), [], [])
        try:
            self._send(answer)
        except ValueError as error:
            self._send(self._answer_of("raised", ValueError(f"what was returned is too large: {error}"), [], []))

    def _answer_of(self, kind: str, result: Any, containers: list[Any], before: list[Any]) -> list[Any]:
        writer = Writer(self, containers)
        changes = [
            [place, writer.contents(container)]
            for place, (container, contents) in enumerate(zip(containers, before, strict=True))
            if self._shallow(container, containers) != contents
        ]
        return [kind, self._exception(result) if kind == "raised" else writer.write(result), changes]

    def _shallow(self, container: Any, known: list[Any]) -> Any:
        return Writer(self, known).contents(container) if type(container) in MUTABLE else None

    def _do(self, what: str, arguments: list[Any]) -> Any:
        if what == "name":
            return self.names[arguments[0]]
        if what == "names":
            return list(self.names)
        if what == "kinds":
            return {name: _kind_of(self.names[name]) for name in arguments[0] if name in self.names}
        subject, *others = arguments
        if what == "call":
            positional, named = others
            return subject(*positional, **named)
        if what == "get":
            return getattr(subject, others[0])
        if what == "set":
            return setattr(subject, others[0], others[1])
        if what == "delete":
            return delattr(subject, others[0])
        if what == "special":
            return SPECIAL[others[0]](subject, *others[1:])
        raise LookupError(what)

    # What is no plain data

    def name_of(self, value: Any) -> list[Any]:
        if isinstance(value, Remote) and number_of(value)[0] is self:
            return ["yours", number_of(value)[1]]
        if isinstance(value, RemoteException):
            if value.number < 0:  # made by the tests: the program makes its own
                value = self.ask("call", type(value), list(value.args), {})
            return ["yours", value.number]
        if isinstance(value, type) and issubclass(value, RemoteException):
            return ["yours", value.class_number]
        if (name := standard_name(value)) is not None:
            module, _ = name
            if self.of_tests or (isinstance(value, type) and module in MODULES_OF_PLAIN_CLASSES):
                return ["standard", *name]
        if isinstance(value, types.ModuleType) and value.__name__.partition(".")[0] in sys.stdlib_module_names:
            return ["module", value.__name__]
        if isinstance(value, BaseException):
            return self._exception(value)
        if isinstance(value, type) and issubclass(value, Exception):
            return ["error class", self._keep(value), value.__name__, _built_in_bases(value)]
        return ["mine", self._keep(value), *_abilities(value)]

    def named(self, kind: str, *details: Any) -> Any:
        if kind == "yours":
            return self._kept[details[0]]
        if kind == "standard":
            module, name = details
            if self.of_tests and module not in MODULES_OF_PLAIN_CLASSES:
                raise TypeError(f"the program returned {module}.{name}")
            found = standard_object(module, name)
            if self.of_tests and not (isinstance(found, type) and found.__module__ == module):
                raise TypeError(f"the program returned {module}.{name}")
            return found
        if kind == "module":
            if self.of_tests:
                raise TypeError(f"the program returned the module {details[0]}")
            return importlib.import_module(standard_module(details[0]))
        if kind == "mine":
            number, type_name, can_call, is_coroutine = details
            if number not in self._remotes:
                self._remotes[number] = make_remote(self, number, str(type_name), bool(can_call))
            remote = self._remotes[number]
            return _run_there(self, remote) if is_coroutine else remote
        if kind == "error class":
            return self._error_class(*details)
        if kind == "error":
            return self._error(*details)
        raise TypeError(f"unknown kind of value: {kind!r}")

    def _keep(self, value: Any) -> int:
        known = self._numbers.get(id(value))
        if known is None:
            known = len(self._kept)
            self._numbers[id(value)] = known
            self._kept[known] = value
        return known

    def _exception(self, error: BaseException) -> list[Any]:
        """An exception with its class, its arguments where they are plain texts and numbers, and its text."""
        arguments = [value for value in error.args if type(value) in (str, int, float, bool, type(None))]
        if len(arguments) < len(error.args):
            arguments = [text_of(error)]
        class_ = type(error)
        name = standard_name(class_)
        number, named = (self._keep(class_), class_.__name__) if name is None else (-1, ":".join(name))
        return ["error", self._keep(error), number, named, _built_in_bases(class_), arguments, text_of(error)]

    def _error_class(self, number: int, name: str, bases: list[str]) -> type[RemoteException]:
        if number not in self._remotes:
            built_in = next((found for found in map(_built_in_exception, bases) if found is not None), Exception)
            self._remotes[number] = type(str(name), (RemoteException, built_in), {"class_number": number, "bridge": self})
        return self._remotes[number]  # type: ignore[no-any-return]

    def _error(self, number: int, class_number: int, name: str, bases: list[str], arguments: list[Any], text: str) -> Exception:
        if class_number >= 0:
            mirrored = self._error_class(class_number, name, bases)(*arguments)
            mirrored.number, mirrored.text = number, text
            return mirrored
        module, _, class_name = name.partition(":")
        class_ = standard_object(module, class_name) if module in sys.modules else None  # nothing is imported because a program says so
        if not isinstance(class_, type) or not issubclass(class_, Exception):  # SystemExit and the like stay where they were raised
            return RuntimeError(f"{name.rpartition(':')[2]}: {text}")
        made: Exception = class_.__new__(class_, *arguments)  # whatever its constructor takes
        return made


def _check_asked(what: str, written: list[Any]) -> None:
    """What a program may ask of its tests: to call and to look at what they gave it, by public names. Others lead to the tests themselves."""
    subject = written[0] if written else None
    if what not in ("call", "get", "set", "special") or not isinstance(subject, list) or subject[0] != "yours":
        raise PermissionError("a program can only use what its tests gave it")
    if what in ("get", "set") and (not isinstance(written[1], str) or written[1].startswith(_HIDDEN)):
        raise AttributeError(f"{written[1]} of an object of the tests is not shown to the program")


def _run_there(bridge: Bridge, remote: Any) -> Any:
    async def waited() -> Any:
        return bridge.ask("special", remote, "__await__")

    return waited()


def text_of(error: BaseException) -> str:
    """What an error says; where its own `__str__` raises, which a program may do on purpose, that it does."""
    try:
        return str(error)[:2000]
    except Exception as raised:
        return f"(its text cannot be read: {type(raised).__name__})"


def _built_in_bases(class_: type) -> list[str]:
    return [base.__name__ for base in class_.__mro__ if base.__module__ == "builtins"]


def _built_in_exception(name: str) -> type[Exception] | None:
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, Exception) else None


def _abilities(value: Any) -> tuple[str, bool, bool]:
    return type(value).__name__, callable(value), inspect.iscoroutine(value)


def _kind_of(value: Any) -> str:
    """What a name of the program stands for: "module", "data", or "object"."""
    if inspect.ismodule(value):
        return "module"
    if callable(value):
        return "object"
    return "data"

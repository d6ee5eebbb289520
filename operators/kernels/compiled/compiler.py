"""How the loops of this folder are compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys

Function = TypeVar("Function", bound=Callable[..., object])


@cache
def _sources() -> str:
    digest = sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def compiled(function: Function) -> Function:
    """Compile without the GIL, and keep the machine code on disk.

    numba trusts a cached function while the file that holds it is unchanged, though the functions that it calls, in other files, may not be. Here one
    changed file of the kernels makes all of them compile again.
    """
    return _compile(function)


def borrowing(function: Function) -> Function:
    """`compiled`, for a function that allocates nothing: it counts no references to the arrays that it is given, which would take longer than
    the work where it is called for each word."""
    return _compile(function, _nrt=False)


def inlined(function: Function) -> Function:
    """`borrowing`, and made part of every caller: for what is called for each byte or word."""
    return _compile(function, _nrt=False, forceinline=True)


def _compile(function: Function, **options: bool) -> Function:
    dispatcher = numba.njit(cache=True, nogil=True, **options)(function)
    dispatcher._cache = _MachineCode(function, counts_references=options.get("_nrt", True))
    return cast(Function, dispatcher)


class _MachineCode(FunctionCache):
    """numba's cache on disk of one function, read without numba's compiler.

    numba prepares its compiler before it looks into its cache: it imports what it knows of numpy and registers thousands of functions, which takes
    longer than all else of a first call, even where nothing is compiled. Machine code needs none of that; code that counts references needs the few
    functions of numba's that do so. Where the cache has nothing, numba prepares its compiler when it compiles.
    """

    def __init__(self, function: Callable[..., object], counts_references: bool) -> None:
        super().__init__(function)
        self._cache_file._source_stamp = _sources()
        self._counts_references = counts_references

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        if self._counts_references:
            rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)

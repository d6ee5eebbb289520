"""How the loops of this folder are compiled."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile, InTreeCacheLocator
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


def folders_of_machine_code() -> tuple[list[Path], bool]:
    """The folders where compiled functions are looked for, the one where they are written first, and whether that one can be written."""
    kept = _MachineCode(compiled, counts_references=True)
    try:
        kept._impl.locator.ensure_cache_path()
    except OSError:
        return [Path(files._cache_path) for files in kept._all_files], False
    return [Path(files._cache_path) for files in kept._all_files], True


def _compile(function: Function, **options: bool) -> Function:
    dispatcher = numba.njit(nogil=True, **options)(function)
    dispatcher._cache = _MachineCode(function, counts_references=options.get("_nrt", True))
    return cast(Function, dispatcher)


class _BesideTheSource(InTreeCacheLocator):
    """The folder of the source's bytecode, whether or not it can be written."""

    @classmethod
    def from_function(cls, py_func: Callable[..., object], py_file: str) -> _BesideTheSource:
        return cls(py_func, py_file)


class _Places(CompileResultCacheImpl):
    """Where numba would keep a function, and where it finds no such place (no home, all read-only), beside the source."""

    _locator_classes = [*CompileResultCacheImpl._locator_classes, _BesideTheSource]


class _KeptFiles(IndexDataCacheFile):
    """The files of one function. What is damaged, or may not be read, counts as not there: it is compiled and written again."""

    def load(self, key: object) -> Any:
        try:
            return super().load(key)
        except Exception:  # a pickle that was cut off raises anything
            return None

    def _load_index(self) -> Any:
        try:
            return super()._load_index()
        except Exception:  # the same
            return {}


class _MachineCode(FunctionCache):
    """numba's cache on disk of one function, read without numba's compiler. Where it cannot be written, each process compiles anew.

    numba prepares its compiler before it looks into its cache: it imports what it knows of numpy and registers thousands of functions, which takes
    longer than all else of a first call, even where nothing is compiled. Machine code needs none of that; code that counts references needs the few
    functions of numba's that do so. Where the cache has nothing, numba prepares its compiler when it compiles.

    numba writes and reads one folder, which it can write. What was compiled beside the source by whoever installed it is read too: the user of a
    service or a container often can write neither.
    """

    _impl_class = _Places

    def __init__(self, function: Callable[..., object], counts_references: bool) -> None:
        super().__init__(function)
        beside = _BesideTheSource(function, function.__code__.co_filename).get_cache_path()
        kept = [_KeptFiles(folder, self._impl.filename_base, _sources()) for folder in dict.fromkeys((self._cache_path, beside))]
        self._cache_file, self._all_files = kept[0], kept
        self._counts_references = counts_references

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        if self._counts_references:
            rtsys.initialize(target_context)
        key = self._index_key(sig, target_context.codegen())
        found = next((data for files in self._all_files if (data := files.load(key)) is not None), None)
        return None if found is None else self._impl.rebuild(target_context, found)

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):  # a full disk, or none that can be written
            super().save_overload(sig, data)

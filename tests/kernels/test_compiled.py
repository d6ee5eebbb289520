"""Compiled code is kept on disk, is found by the next process, and never outlives its source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from operators.kernels import warm_up


def test_importing_the_kernels_imports_neither_numba_nor_pandas() -> None:
    code = "import sys, operators.kernels; print(sorted({'numba', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


EVERY_KERNEL = """
import importlib, pkgutil, sys
import pyarrow as pa
import operators.kernels.compiled as compiled
from operators.tables.storage import MemoryStorage
from operators.text.cleaning.repeated_parts import RemoveRepeatedLines, RemoveRepeatedPassages
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.duplicates.overlap import NGramOverlapDedup
from operators.text.duplicates.simhash import SimHashDedup
from operators.kernels import warm_up
from numba.core.base import BaseContext

BaseContext.refresh = lambda context: sys.exit("numba's compiler is prepared, though nothing has to be compiled")
table = MemoryStorage(pa.table({"text": ["one two three four five six seven", "one two three four five six seven", "\u4e2d\u6587"]}))
for operator in (RemoveRepeatedLines(), RemoveRepeatedPassages(), MinHashDedup(), NGramOverlapDedup(), SimHashDedup()):
    operator.run(table, into=MemoryStorage())
warm_up()
modules = [importlib.import_module(found.name) for found in pkgutil.iter_modules(compiled.__path__, compiled.__name__ + ".")]
kernels = {kernel for module in modules for kernel in vars(module).values() if hasattr(kernel, "stats")}
print(sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels), sum(sum(kernel.stats.cache_hits.values()) for kernel in kernels) > 20)
"""


def test_a_second_process_compiles_nothing_and_prepares_no_compiler() -> None:
    warm_up()
    assert subprocess.run([sys.executable, "-c", EVERY_KERNEL], capture_output=True, text=True, check=True).stdout.split() == ["0", "True"]


def test_what_is_not_in_the_cache_is_compiled_beside_what_is() -> None:
    warm_up()
    assert subprocess.run([sys.executable, "-c", BESIDE_A_CACHED_ONE], capture_output=True, text=True, check=True).stdout == "3\n"


BESIDE_A_CACHED_ONE = """
import numba, numpy as np, pyarrow as pa
from operators.kernels.compiled.spaces import SPACE, kind_of
from operators.kernels.spaces import normalize_spaces

normalize_spaces(pa.array(["a  b"]))  # from the cache

@numba.njit
def spaces_of(data):
    kinds = [kind_of(data, at, len(data))[0] for at in range(len(data))]
    return np.array([kind == SPACE for kind in kinds]).sum()

print(spaces_of(np.frombuffer(b"a b  c", np.uint8)))
"""


def test_bytecode_that_nobody_wrote_is_written_once(tmp_path: Path) -> None:
    (tmp_path / "some_module.py").write_text("value = 1\n")
    code = (
        "import some_module; from operators.kernels.bytecode import keep_bytecode; keep_bytecode()\n"
        "print(keep_bytecode(), some_module.__spec__.cached)"
    )
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    written = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout.split()
    assert written[0] == "0"
    assert Path(written[1]).is_file()


def test_the_stamp_of_the_cache_covers_every_source_file_of_the_kernels() -> None:
    from operators.kernels.compiled.compiler import _sources
    from operators.kernels.compiled.words import count_words

    assert count_words._cache._cache_file._source_stamp == _sources()  # type: ignore[attr-defined]


ONE_KERNEL = """
import pyarrow as pa
from operators.kernels.compiled.compiler import folders_of_machine_code
from operators.kernels.compiled.spaces import normalize_spaces as kernel
from operators.kernels.spaces import normalize_spaces

assert normalize_spaces(pa.array(["a  b"])).to_pylist() == ["a b"]
print(sum(kernel.stats.cache_hits.values()), folders_of_machine_code()[1])
"""


def cache_hits(package: Path, kept: str) -> list[str]:
    """How many functions a new process found compiled, and whether it can keep what it compiles, with `kept` as the folder of numba and no home."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": kept, "HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "PYTHONPATH": str(package)}
    run = [sys.executable, "-c", ONE_KERNEL]
    return subprocess.run(run, env=environment, cwd=package, capture_output=True, text=True, check=True).stdout.split()


def test_what_an_installer_compiled_beside_the_source_is_read_by_a_user_who_keeps_his_own_elsewhere(tmp_path: Path) -> None:
    warm_up()
    assert cache_hits(Path(__file__).parents[2], str(tmp_path / "mine")) == ["1", "True"]
    assert not list((tmp_path / "mine").rglob("*.nbi"))


def test_a_cache_that_cannot_be_written_or_is_damaged_stops_nothing(tmp_path: Path) -> None:
    package = tmp_path / "package"
    shutil.copytree(Path(__file__).parents[2] / "operators", package / "operators", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "operators" / "kernels" / "compiled" / "__pycache__").touch()  # a file: nothing can be kept beside the source
    assert cache_hits(package, "/dev/null/below") == ["0", "False"]
    kept = tmp_path / "kept"
    assert cache_hits(package, str(kept)) == ["0", "True"]
    for file in kept.rglob("*.nb*"):
        file.write_bytes(file.read_bytes()[:40])  # as a loss of power leaves it
    assert cache_hits(package, str(kept)) == ["0", "True"]
    assert cache_hits(package, str(kept)) == ["1", "True"]

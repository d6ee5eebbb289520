"""Where what can be made or fetched again is kept: the folder that a variable names, or the user's cache folder of the platform."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from operators.tables.errors import ParameterError, Problem


def cache_folder(kind: str) -> Path:
    """`kind` is "models" (DATAFLOW_MODELS), "datasets" (DATAFLOW_DATASETS), "indexes" (DATAFLOW_INDEXES) or "pages" (DATAFLOW_PAGES).

    Raises:
        ParameterError: no variable names a folder, and the user has no home.
    """
    variable = f"DATAFLOW_{kind.upper()}"
    try:
        if chosen := os.environ.get(variable):
            return Path(chosen).expanduser()
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "dataflow" / kind
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dataflow" / kind
    except RuntimeError as error:  # HOME is not set, and the system does not know the user, as in a container
        raise ParameterError([Problem(f"no cache folder is known: {error}", suggestion=f"set {variable} to a folder, or HOME")]) from error

"""Where what can be made or fetched again is kept: the folder that a variable names, or the user's cache folder of the platform."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """`kind` is "models" (DATAFLOW_MODELS), "datasets" (DATAFLOW_DATASETS), "indexes" (DATAFLOW_INDEXES) or "pages" (DATAFLOW_PAGES)."""
    if chosen := os.environ.get(f"DATAFLOW_{kind.upper()}"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dataflow" / kind
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dataflow" / kind

"""Where weights are kept: the folder that DATAFLOW_MODELS names, or the user's cache folder of the platform."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    if chosen := os.environ.get("DATAFLOW_MODELS"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dataflow" / "models"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dataflow" / "models"

"""spaCy pipelines, loaded once a process."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from operators.core.errors import StageFailed


@cache
def load_pipeline(model: str) -> Any:
    """The pipeline of this name or folder.

    Raises:
        StageFailed: it is not installed; the message says how to get it.
    """
    try:
        return importlib.import_module("spacy").load(model)
    except OSError as error:
        raise StageFailed(
            f'the spaCy pipeline "{model}" is not installed: run `python -m spacy download {model}`, or give the folder of one as model='
        ) from error

"""What can be done to a table. Nothing here knows of Dagster, of database files or of any vendor of language models."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from operators.core.batch import Mask, Verdict
    from operators.core.columns import Input, Output
    from operators.core.errors import CompileError, RowFailed
    from operators.core.files import FileStorage
    from operators.core.handle import Handle
    from operators.core.kinds import Evaluate, Filter, Generate, Refine
    from operators.core.llm import LLMEvaluate, LLMFilter, LLMGenerate, LLMRefine
    from operators.core.operator import Operator
    from operators.core.pipeline import Pipeline
    from operators.core.prompt import PromptTemplate
    from operators.core.rows_reader import RowsReader
    from operators.core.sequential import Sequential
    from operators.core.storage import MemoryStorage, Storage

_HOMES = {
    "batch": ("Mask", "Verdict"),
    "columns": ("Input", "Output"),
    "errors": ("CompileError", "RowFailed"),
    "files": ("FileStorage",),
    "handle": ("Handle",),
    "kinds": ("Evaluate", "Filter", "Generate", "Refine"),
    "llm": ("LLMEvaluate", "LLMFilter", "LLMGenerate", "LLMRefine"),
    "operator": ("Operator",),
    "pipeline": ("Pipeline",),
    "prompt": ("PromptTemplate",),
    "rows_reader": ("RowsReader",),
    "sequential": ("Sequential",),
    "storage": ("MemoryStorage", "Storage"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "CompileError",
    "Evaluate",
    "FileStorage",
    "Filter",
    "Generate",
    "Handle",
    "Input",
    "LLMEvaluate",
    "LLMFilter",
    "LLMGenerate",
    "LLMRefine",
    "Mask",
    "MemoryStorage",
    "Operator",
    "Output",
    "Pipeline",
    "PromptTemplate",
    "Refine",
    "RowFailed",
    "RowsReader",
    "Sequential",
    "Storage",
    "Verdict",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: `import operators` alone stays quick."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'operators' has no attribute {name!r}")
    return getattr(importlib.import_module(f"operators.core.{_HOME_OF[name]}"), name)

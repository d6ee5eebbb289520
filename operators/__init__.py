"""What can be done to a table. Nothing here knows of Dagster, of database files or of any vendor of language models."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from operators.asking.prompt import PromptTemplate
    from operators.core.kinds import Evaluate, Filter, Generate, Refine
    from operators.core.llm import LLMEvaluate, LLMFilter, LLMGenerate, LLMRefine
    from operators.core.operator import Operator
    from operators.core.sequential import Sequential
    from operators.engine.batch import Mask, Verdict
    from operators.engine.rows_reader import RowsReader
    from operators.pipeline.handle import Handle
    from operators.pipeline.pipeline import Pipeline
    from operators.tables.columns import Input, Output
    from operators.tables.errors import CompileError, RowFailed
    from operators.tables.files import FileStorage
    from operators.tables.storage import MemoryStorage, Storage

_HOMES = {
    "asking.prompt": ("PromptTemplate",),
    "core.kinds": ("Evaluate", "Filter", "Generate", "Refine"),
    "core.llm": ("LLMEvaluate", "LLMFilter", "LLMGenerate", "LLMRefine"),
    "core.operator": ("Operator",),
    "core.sequential": ("Sequential",),
    "engine.batch": ("Mask", "Verdict"),
    "engine.rows_reader": ("RowsReader",),
    "pipeline.handle": ("Handle",),
    "pipeline.pipeline": ("Pipeline",),
    "tables.columns": ("Input", "Output"),
    "tables.errors": ("CompileError", "RowFailed"),
    "tables.files": ("FileStorage",),
    "tables.storage": ("MemoryStorage", "Storage"),
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
    return getattr(importlib.import_module(f"operators.{_HOME_OF[name]}"), name)

"""What authors of operators test with: the promises of every operator as one call, a scripted model, and tables of any content.

from operators.testing import check_operator

def test_it_keeps_its_promises():
    check_operator(MyFilter(min_words=5))
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from operators.testing.check import Breach, check_operator
    from operators.testing.sample_tables import ODD_TEXTS, sample_inputs
    from operators.testing.scripted_database import ScriptedDatabase
    from operators.testing.scripted_embedding import ScriptedEmbedding
    from operators.testing.scripted_retriever import ScriptedRetriever
    from operators.testing.scripted_sandbox import ScriptedSandbox
    from operators.testing.scripted_serving import ScriptedServing, smallest_answer
    from operators.testing.scripted_web import ScriptedWeb
    from operators.testing.strategies import inputs_of, rows_with_ids, texts, values

_HOME_OF = {
    "Breach": "check",
    "check_operator": "check",
    "ODD_TEXTS": "sample_tables",
    "sample_inputs": "sample_tables",
    "ScriptedDatabase": "scripted_database",
    "ScriptedEmbedding": "scripted_embedding",
    "ScriptedRetriever": "scripted_retriever",
    "ScriptedSandbox": "scripted_sandbox",
    "ScriptedServing": "scripted_serving",
    "ScriptedWeb": "scripted_web",
    "smallest_answer": "scripted_serving",
    "inputs_of": "strategies",
    "rows_with_ids": "strategies",
    "texts": "strategies",
    "values": "strategies",
}

__all__ = [
    "ODD_TEXTS",
    "Breach",
    "ScriptedDatabase",
    "ScriptedEmbedding",
    "ScriptedRetriever",
    "ScriptedSandbox",
    "ScriptedServing",
    "ScriptedWeb",
    "check_operator",
    "inputs_of",
    "rows_with_ids",
    "sample_inputs",
    "smallest_answer",
    "texts",
    "values",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: hypothesis is needed only by what draws tables with it."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'operators.testing' has no attribute {name!r}")
    return getattr(importlib.import_module(f"operators.testing.{_HOME_OF[name]}"), name)

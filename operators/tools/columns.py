"""What operators that read conversations with functions have in common."""

from __future__ import annotations

from typing import Any

from operators.bases.messages.column import ReadsMessages
from operators.tables.columns import Input

ANY_DEFINITIONS = "definitions of functions: a list, or the same as JSON text, in OpenAI's shape or bare"


class ReadsToolMessages(ReadsMessages, abstract=True):
    """Reads a column of conversations and a column of the functions that may be called in them."""

    input_tools = Input(Any, "tools", optional=True, nulls="pass", description=ANY_DEFINITIONS)

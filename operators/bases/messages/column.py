"""What operators that read conversations have in common: the column, and whether its type can hold any."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from operators.bases.messages.reading import SPEAKER_KEYS, TEXT_KEYS
from operators.core.operator import Operator
from operators.tables.columns import Input
from operators.tables.errors import Problem

ANY_SHAPE = "a list of {role, content} or {from, value}, or the same as JSON text"


class ReadsMessages(Operator, abstract=True):
    """Reads a column of conversations, in any published shape."""

    input_messages = Input(Any, "messages", description=ANY_SHAPE)

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        return found or messages_problems(self.name, self.input_columns()["messages"], tables[0])


def messages_problems(operator: str, column: str, table: pa.Schema) -> list[Problem]:
    """What is wrong with reading conversations from a column that the table has."""
    type_ = table.field(column).type
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_null(type_) or type_ == pa.json_():
        return []
    remedy = "ParseMessages makes conversations of texts, pairs and exports"
    details = (("argument", f'input_messages="{column}" of {operator}'),)
    if not (pa.types.is_list(type_) or pa.types.is_large_list(type_)):
        return [
            Problem(f'column "{column}" holds no conversations: they are {ANY_SHAPE}', details=(*details, ("type", str(type_))), suggestion=remedy)
        ]
    if type_.value_type == pa.json_():
        return []
    names = [field.name for field in type_.value_type] if pa.types.is_struct(type_.value_type) else []
    if any(name in names for name in SPEAKER_KEYS) and any(name in names for name in (*TEXT_KEYS, "tool_calls")):
        return []
    listed = ", ".join(names) or str(type_.value_type)
    return [
        Problem(
            f'column "{column}" holds no conversations: its items have {listed}, and conversations are {ANY_SHAPE}',
            details=details,
            suggestion=remedy,
        )
    ]

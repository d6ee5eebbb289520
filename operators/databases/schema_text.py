"""A schema as text for a prompt: CREATE statements, M-Schema, or one line a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from operators.databases.names import in_sql
from operators.databases.relevance import relevant
from operators.databases.schema import Column, Dialect, Schema, Table

SchemaForm: TypeAlias = Literal["create", "m-schema", "compact"]
"""create: CREATE TABLE statements with comments. m-schema: as XiYan-SQL writes it, with types, keys and examples. compact: table(column, ...)."""

CHARACTERS_OF_A_TOKEN: Final = 3.2
"""Schemas have fewer characters to a token than prose."""
LONGEST_EXAMPLE: Final = 40


def schema_text(schema: Schema, form: SchemaForm = "m-schema", examples: int = 3, question: str = "", most_tokens: int | None = None) -> str:
    """The schema in this form.

    Args:
        examples: sample values for each column; 0 for none, where the data must not leave the database.
        question: what is asked (or the query that is asked about): under a limit, the tables and columns that matter for it stay.
        most_tokens: about so many; examples go first, then columns and tables that matter least. Keys and their tables stay the longest.
    """
    render = _FORMS[form]
    whole = render(schema, examples)
    if most_tokens is None or tokens(whole) <= most_tokens:
        return whole
    for fewer in range(examples - 1, -1, -1):
        if tokens(shorter := render(schema, fewer)) <= most_tokens:
            return shorter
    fewer = min(examples, 1)
    low, high = 1, sum(len(table.columns) for table in schema.tables)
    best = render(relevant(schema, question, low), 0)
    while low <= high:  # the most columns that fit
        middle = (low + high) // 2
        text = render(relevant(schema, question, middle), fewer)
        if tokens(text) <= most_tokens:
            best, low = text, middle + 1
        else:
            high = middle - 1
    return best


def tokens(text: str) -> int:
    """About how many; the true number depends on the model."""
    return int(len(text) / CHARACTERS_OF_A_TOKEN) + 1


def _create(schema: Schema, examples: int) -> str:
    return "\n\n".join(_create_table(table, examples, schema.dialect) for table in schema.tables)


def _create_table(table: Table, examples: int, dialect: Dialect) -> str:
    def names(of: tuple[str, ...]) -> str:
        return ", ".join(in_sql(name, dialect) for name in of)

    lines = [
        (f"  {in_sql(column.name, dialect)} {column.type}{'' if column.nullable else ' NOT NULL'}", _note(column, examples))
        for column in table.columns
    ]
    if table.primary_key:
        lines.append((f"  PRIMARY KEY ({names(table.primary_key.columns)})", "not declared" if table.primary_key.inferred else ""))
    for key in table.foreign_keys:
        target = f"REFERENCES {in_sql(key.other_table, dialect)} ({names(key.other_columns)})"
        lines.append((f"  FOREIGN KEY ({names(key.columns)}) {target}", "not declared" if key.inferred else ""))
    last = len(lines) - 1
    body = "\n".join(f"{line}{',' if place < last else ''}{f' -- {note}' if note else ''}" for place, (line, note) in enumerate(lines))
    comment = f"-- {_one_line(table.comment)}\n" if table.comment else ""
    return f"{comment}CREATE {'VIEW' if table.is_view else 'TABLE'} {in_sql(table.name, dialect)} (\n{body}\n);"


def _note(column: Column, examples: int) -> str:
    parts = [_one_line(column.comment)] if column.comment else []
    if shown := _examples(column, examples):
        parts.append(f"e.g. {', '.join(shown)}")
    return "; ".join(parts)


def _m_schema(schema: Schema, examples: int) -> str:
    def name(of: str) -> str:
        return in_sql(of, schema.dialect)

    lines = [f"【DB_ID】 {schema.name}", "【Schema】"]
    for table in schema.tables:
        lines.append(f"# Table: {name(table.name)}{f', {_one_line(table.comment)}' if table.comment else ''}")
        key = table.primary_key.columns if table.primary_key else ()
        columns = []
        for column in table.columns:
            parts = [f"{name(column.name)}:{_upper(column.type)}"]
            parts += [_one_line(column.comment)] if column.comment else []
            parts += ["Primary Key"] if column.name in key else []
            shown = _examples(column, examples)
            parts += [f"Examples: [{', '.join(shown)}]"] if shown else []
            columns.append(f"({', '.join(parts)})")
        lines += ["[", ",\n".join(columns), "]"]
    foreign = [
        f"{name(table.name)}.{name(mine)}={name(key.other_table)}.{name(theirs)}"
        for table in schema.tables
        for key in table.foreign_keys
        for mine, theirs in zip(key.columns, key.other_columns, strict=True)
    ]
    return "\n".join([*lines, *(["【Foreign keys】", *foreign] if foreign else [])])


def _compact(schema: Schema, examples: int) -> str:
    def name(of: str) -> str:
        return in_sql(of, schema.dialect)

    lines = []
    for table in schema.tables:
        points = {key.columns[0]: f" -> {name(key.other_table)}.{name(key.other_columns[0])}" for key in table.foreign_keys if len(key.columns) == 1}
        columns = [f"{name(column.name)}{points.get(column.name, '')}{_in_brackets(column, examples)}" for column in table.columns]
        lines.append(f"{name(table.name)}({', '.join(columns)})")
    return "\n".join(lines)


def _in_brackets(column: Column, examples: int) -> str:
    shown = _examples(column, examples) if column.type_class == "text" else []
    return f" [{', '.join(shown)}]" if shown else ""


def _examples(column: Column, count: int) -> list[str]:
    if column.type_class in ("blob", "vector"):
        return []
    return [_value(value) for value in column.samples if len(str(value)) <= LONGEST_EXAMPLE and str(value).strip()][:count]


def _value(value: Any) -> str:
    return "'" + _one_line(value).replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _upper(type_: str) -> str:
    """Not the values of an enumeration, which queries compare with.

    >>> _upper("enum('sad','ok')")
    "ENUM('sad','ok')"
    """
    return "'".join(part if place % 2 else part.upper() for place, part in enumerate(type_.split("'")))


def _one_line(text: str) -> str:
    return " ".join(text.split())


_FORMS: Final[dict[SchemaForm, Callable[[Schema, int], str]]] = {"create": _create, "m-schema": _m_schema, "compact": _compact}

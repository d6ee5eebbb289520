"""Definitions of functions in the shapes that are published, as JSON schema.

A definition has a name, a description and parameters. It stands alone ({"name", "description", "parameters"}), as OpenAI wraps it
({"type": "function", "function": {...}}), or with Anthropic's `input_schema`. Types get the names of JSON schema: dict is object, float is number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from operators.tools.python_values import python_value
from operators.tools.schemas import schema_fault

_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("object", "dict", "dictionary", "hashmap", "map"), "object"),
    **dict.fromkeys(("array", "list", "tuple", "set", "arraylist"), "array"),
    **dict.fromkeys(("string", "str", "char", "text"), "string"),
    **dict.fromkeys(("integer", "int", "long", "short", "byte", "bigint"), "integer"),
    **dict.fromkeys(("number", "float", "double", "decimal"), "number"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    **dict.fromkeys(("null", "none"), "null"),
}
"""What data sets call types -> the types of JSON schema. Others ("any") are left out, which allows every value."""
PARAMETERS: Final = ("parameters", "input_schema", "inputSchema", "arguments")
"""Keys of a definition that has the schema of its arguments."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_SCHEMA_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SCHEMA_MAPS: Final = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_SCHEMAS: Final = ("items", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "not", "if", "then", "else")
_BOUNDS: Final = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_DEEPEST: Final = 40


class NotTools(ValueError):
    """A value that defines no functions; the message says which definition is wrong and why."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that may be called. `parameters` is the JSON schema of the object of its arguments."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})

    @property
    def properties(self) -> Mapping[str, Any]:
        found = self.parameters.get("properties")
        return found if isinstance(found, Mapping) else {}

    @property
    def required(self) -> tuple[str, ...]:
        found = self.parameters.get("required")
        return tuple(name for name in found if isinstance(name, str)) if isinstance(found, list) else ()

    def as_openai(self) -> dict[str, Any]:
        return {"type": "function", "function": {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}}

    def signature(self) -> str:
        """As a Python function would be declared: "find_train(start, end, date=None)"."""
        listed = [name if name in self.required else f"{name}=None" for name in sorted(self.properties, key=lambda name: name not in self.required)]
        return f"{self.name}({', '.join(listed)})"


def read_tools(value: Any) -> tuple[Tool, ...]:
    """The functions that a value of a column defines: a list, one definition, JSON text of these, or texts with definitions one after the other.

    Raises:
        NotTools: a definition lacks its name, has parameters that are no JSON schema, or has the name of another.
    """
    tools = tuple(_tool(raw, number) for number, raw in enumerate(_raw_definitions(value), 1))
    names = [tool.name for tool in tools]
    if repeated := next((name for place, name in enumerate(names) if name in names[:place]), None):
        raise NotTools(f'two functions are called "{repeated}"')
    return tools


def tool_fault(tool: Tool) -> str | None:
    """What is wrong with a definition that somebody is to write: its name, its schema, a parameter that is required and not there."""
    if not _NAME.fullmatch(tool.name):
        return f'"{tool.name[:60]}" is no name of a function: letters, digits and _, at most 64'
    if not tool.description.strip():
        return f"{tool.name} has no description"
    if fault := schema_fault(tool.parameters):
        return f"{tool.name}: {fault}"
    if missing := [name for name in tool.required if name not in tool.properties]:
        return f'{tool.name} requires "{missing[0]}", which is none of its parameters'
    return None


def _raw_definitions(value: Any) -> list[Any]:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, str):  # JSON text as a text of JSON
        value = _parsed(value)
    if isinstance(value, Mapping):
        inner = value.get("tools") or value.get("functions")
        value = inner if isinstance(inner, list) else [value]
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotTools(f"is {type(value).__name__}, not a list of functions")
    return [_parsed_one(item) if isinstance(item, str) else item for item in value]


def _parsed(text: str) -> Any:
    if not text.strip():
        return []
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        found = python_value(text.strip()) or list(objects_in(text))
        if not found:
            raise NotTools(f"is text that is no JSON ({error}); functions are a list of definitions") from None
        return found


def _parsed_one(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise NotTools(f"holds a text that is no JSON: {error}") from None


class _WithoutLines(str):
    """A text whose lines nobody counts. A JSONDecodeError counts those before it, which takes the square of the length of a text that has many."""

    __slots__ = ()

    def count(self, *_: Any) -> int:
        return 0

    def rfind(self, *_: Any) -> int:
        return 0


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, one after the other, whatever stands between them. One that is broken is left out, to where it breaks."""
    decoder = json.JSONDecoder(strict=False)
    text = _WithoutLines(text)
    place = text.find("{")
    while place >= 0:
        try:
            found, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            place = text.find("{", max(error.pos, place + 1))
        except (ValueError, RecursionError):
            return
        else:
            yield found
            place = text.find("{", end)


def _tool(raw: Any, number: int) -> Tool:
    if not isinstance(raw, Mapping):
        raise NotTools(f"definition {number} is {type(raw).__name__}, not an object with a name and parameters")
    inner = raw.get("function")
    definition: Mapping[str, Any] = inner if isinstance(inner, Mapping) else raw
    name = definition.get("name")
    if not isinstance(name, str) or not name.strip():
        raise NotTools(f"definition {number} has no name")
    parameters: Any = next((definition[key] for key in PARAMETERS if definition.get(key) is not None), {})
    if not isinstance(parameters, Mapping):
        raise NotTools(f'the parameters of "{name[:60]}" are {type(parameters).__name__}, not a JSON schema')
    description = definition.get("description")
    return Tool(name.strip(), description if isinstance(description, str) else "", _object_schema(parameters))


def _object_schema(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of the object of all arguments; from a bare mapping of parameter to schema too."""
    schema = json_schema(parameters)
    if "properties" in schema or schema.get("type") == "object" or not schema:
        return {**schema, "type": "object", "properties": schema.get("properties", {})}
    if all(isinstance(one, Mapping) for one in parameters.values()):
        named: dict[str, Any] = json_schema({"type": "object", "properties": parameters})
        return named
    return {**schema, "type": "object", "properties": {}}


def json_schema(raw: Any, depth: int = 0) -> Any:
    """A schema with the types of JSON schema, and what older drafts and OpenAPI write in other ways as draft 2020-12 has it.

    What is null is left out: a table of structs has a null for each key that only other schemas have.
    """
    if not isinstance(raw, Mapping) or depth > _DEEPEST:
        return raw
    schema: dict[str, Any] = {key: value for key, value in raw.items() if value is not None or key in ("default", "const")}
    if "type" in schema:
        schema["type"] = _type(schema["type"])
        if schema["type"] is None:
            del schema["type"]
    _bring_up_to_date(schema)
    for key in _SCHEMA_MAPS:
        if isinstance(schema.get(key), Mapping):
            schema[key] = {name: json_schema(one, depth + 1) for name, one in schema[key].items() if one is not None}
    for key in _SCHEMA_LISTS:
        if isinstance(schema.get(key), list):
            schema[key] = [json_schema(one, depth + 1) for one in schema[key]]
    for key in _SCHEMAS:
        if isinstance(schema.get(key), Mapping):
            schema[key] = json_schema(schema[key], depth + 1)
    return _nullable(schema) if schema.pop("nullable", False) is True else schema


def _bring_up_to_date(schema: dict[str, Any]) -> None:
    """Older drafts: tuples as a list of `items`, bounds that are made exclusive by true, `required` beside a parameter, fragments as `$id`."""
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
    for exclusive, bound in _BOUNDS:
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and bound in schema:
            schema[exclusive] = schema.pop(bound)
    if "#" in str(schema.get("$id", "")).rstrip("#"):
        del schema["$id"]
    required, properties = schema.pop("required", None), schema.get("properties")
    if isinstance(required, list):
        schema["required"] = required
    elif isinstance(properties, Mapping):
        named = [name for name, one in properties.items() if isinstance(one, Mapping) and one.get("required") is True]
        schema |= {"required": named} if named else {}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that allows null too, as OpenAPI's `nullable`."""
    if "type" not in schema:
        told: dict[str, Any] = {key: schema.pop(key) for key in ("title", "description", "default") if key in schema}
        return {**told, "anyOf": [schema, {"type": "null"}]}
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    schema["type"] = list(dict.fromkeys([*types, "null"]))
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _type(written: Any) -> str | list[str] | None:
    if isinstance(written, list):
        known = [found for one in written if isinstance(one, str) and (found := _TYPES.get(one.strip().lower()))]
        return known if len(known) == len(written) else None
    return _TYPES.get(written.strip().lower()) if isinstance(written, str) else None


def as_openai(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """The functions as OpenAI's API and most chat templates take them."""
    return [tool.as_openai() for tool in tools]

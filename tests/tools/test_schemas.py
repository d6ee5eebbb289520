"""Values against JSON schemas, of which some keywords are not looked at; and schemas that older drafts and OpenAPI write in other ways."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.tools.definitions import json_schema, read_tools
from operators.tools.schemas import misfit, schema_fault

VALUES = st.recursive(
    st.none() | st.integers(-2, 2) | st.sampled_from(["", "a", "b", "ab"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "ab"]), inner, max_size=3),
    max_leaves=5,
)
LEAVES = st.sampled_from(
    [
        {},
        {"type": "string"},
        {"type": "integer"},
        {"type": "null"},
        {"const": "a"},
        {"required": ["a"]},
        {"minLength": 1},
        {"pattern": "^a"},
        {"pattern": "b$"},
        {"type": "string", "pattern": "^b"},
        {"propertyNames": {"pattern": "^a"}},
        {"$ref": "#/$defs/beginning"},
        {"$ref": "#/$defs/text"},
    ]
)
DEFINED = {"$defs": {"beginning": {"pattern": "^a"}, "text": {"type": "string"}}}


def _combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    keywords = {
        **dict.fromkeys(("not", "if", "then", "else", "items", "contains", "additionalProperties"), inner),
        **dict.fromkeys(("oneOf", "anyOf", "allOf", "prefixItems"), several),
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=2),
        "maxContains": st.integers(0, 2),
        "unevaluatedProperties": st.just(False),
        "unevaluatedItems": st.just(False),
    }
    return st.fixed_dictionaries({}, optional=keywords)


SCHEMAS = st.recursive(LEAVES, _combined, max_leaves=6)


@settings(max_examples=200, deadline=None)
@given(SCHEMAS, VALUES)
def test_a_value_that_fits_a_whole_schema_is_never_refused(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, **DEFINED}
    if jsonschema.Draft202012Validator(whole).is_valid(value):
        assert misfit(whole, value) is None


@pytest.mark.parametrize(
    ("schema", "fits", "not_"),
    [
        ({"oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}, "2024-01-01", 1),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "number", "minimum": 5}]}, "x", 7),
        ({"type": "string", "not": {"pattern": "^x"}}, "y", 1),
        ({"type": "string", "not": {"const": "x"}}, "y", "x"),
        ({"type": "object", "patternProperties": {"^x-": {}}, "additionalProperties": False, "required": ["x-a"]}, {"x-a": 1}, {}),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"c": 1}, {"a": 1}),
        ({"properties": {"a": {"format": "date"}}, "unevaluatedProperties": False}, {"a": "2024-01-01"}, {"b": 1}),
    ],
)
def test_a_schema_refuses_what_its_other_keywords_refuse(schema: dict[str, Any], fits: Any, not_: Any) -> None:
    assert misfit(schema, fits) is None
    assert misfit(schema, not_) is not None


@pytest.mark.parametrize(
    ("written", "fits", "not_"),
    [
        ({"type": "array", "items": [{"type": "number"}, {"type": "string"}]}, [1, "x"], ["x", 1]),
        ({"type": "array", "items": [{"type": "number"}], "additionalItems": False}, [1], [1, 2]),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, 1, 0),
        ({"type": "number", "maximum": 9, "exclusiveMaximum": False}, 9, 10),
        ({"$id": "#/properties/a", "type": "string"}, "x", 1),
        ({"nullable": True, "allOf": [{"type": "STRING"}]}, None, 1),
        ({"nullable": True, "type": "string", "enum": ["x"]}, None, "y"),
        ({"if": {"type": "STRING"}, "then": {"minLength": 2}}, 1, "x"),
        ({"type": "object", "properties": {"a": {"type": "str", "required": True}}}, {"a": "x"}, {}),
    ],
)
def test_older_drafts_and_openapi_say_the_same_in_other_words(written: dict[str, Any], fits: Any, not_: Any) -> None:
    schema = json_schema(written)
    assert schema_fault(schema) is None
    assert misfit(schema, fits) is None
    assert misfit(schema, not_) is not None
    assert json_schema(schema) == schema


def test_a_parameter_that_is_required_by_itself_is_required() -> None:
    (tool,) = read_tools([{"name": "f", "parameters": {"town": {"type": "str", "required": True}, "day": {"type": "str"}}}])
    assert tool.required == ("town",)
    assert tool.properties == {"town": {"type": "string"}, "day": {"type": "string"}}


def test_braces_that_are_no_json_hide_no_definition() -> None:
    text = 'Write dates as {YYYY}, {so}.\n{"name": "f", "parameters": {}}\n{"name": "g", "parameters": {broken}}\n{"name": "h", "parameters": {}}'
    assert [tool.name for tool in read_tools(text)] == ["f", "h"]

"""The Jinja2 templates that prompts are written in."""

from __future__ import annotations

import functools
import json
from typing import Any

import jinja2
import jinja2.meta
import jinja2.sandbox

from operators.tables.errors import ParameterError, Problem


def shorten(value: Any, characters: int) -> str:
    """At most `characters` characters, cut at a space where one is near, with "…" for what was cut. A Jinja2 filter."""
    text = str(value)
    if len(text) <= characters:
        return text
    cut = text[:characters]
    space = cut.rfind(" ", characters - 40 if characters > 80 else 0)
    return cut[: space if space > 0 else characters].rstrip() + " …"


@functools.lru_cache(maxsize=1024)
def compiled(template: str) -> jinja2.Template:
    """The template, ready to be filled in. A variable that is missing there raises jinja2.UndefinedError."""
    return _environment().from_string(template)


@functools.lru_cache(maxsize=1024)
def variables_of(template: str) -> frozenset[str]:
    """The names that a template asks for. One that is a function of Jinja2 too is asked for where it is not called: "{{ range }}" is a column.

    Raises:
        ParameterError: it is not valid Jinja2.
    """
    try:
        tree = _environment().parse(template)
        named = {node.name for node in tree.find_all(jinja2.nodes.Name) if node.ctx == "load"}
        called = {call.node.name for call in tree.find_all(jinja2.nodes.Call) if isinstance(call.node, jinja2.nodes.Name)}
        return frozenset(jinja2.meta.find_undeclared_variables(tree) | (named & _environment().globals.keys()) - called)
    except jinja2.TemplateSyntaxError as error:
        raise ParameterError([Problem(f"the prompt is not valid Jinja2, line {error.lineno}: {error.message}")]) from None


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.sandbox.SandboxedEnvironment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    environment.filters["shorten"] = shorten
    environment.filters["tojson"] = functools.partial(
        json.dumps, ensure_ascii=False, default=str
    )  # Jinja2's own writes "<" and "é" as codes, for HTML
    return environment

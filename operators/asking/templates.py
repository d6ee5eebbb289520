"""The Jinja2 templates that prompts are written in."""

from __future__ import annotations

import functools

import jinja2
import jinja2.meta
import jinja2.sandbox

from operators.tables.errors import ParameterError, Problem


def shorten(text: str, characters: int) -> str:
    """At most `characters` characters, cut at a space where one is near, with "…" for what was cut. A Jinja2 filter."""
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
    """The names that a template asks for.

    Raises:
        ParameterError: it is not valid Jinja2.
    """
    try:
        return frozenset(jinja2.meta.find_undeclared_variables(_environment().parse(template)))
    except jinja2.TemplateSyntaxError as error:
        raise ParameterError([Problem(f"the prompt is not valid Jinja2, line {error.lineno}: {error.message}")]) from None


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.sandbox.SandboxedEnvironment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    environment.filters["shorten"] = shorten
    return environment

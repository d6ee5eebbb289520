"""The language of a file: by its name, else by its first line, else by what a model sees in its content."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from operators.code.language.languages import by_extension, by_filename, by_interpreter, by_magika_label

FoundBy: TypeAlias = Literal["name", "first line", "content", ""]

_SHEBANG: Final = re.compile(
    r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-S[ \t]+)?(?:\w+=\S*[ \t]+)*(?:\S*/)?)?(?P<interpreter>[a-zA-Z][\w-]*?)(?:[\d.]+)?(?:[ \t]|$)"
)
_OBJECTIVE_C: Final = re.compile(r"\n[ \t]*(?:@(?:interface|implementation|protocol|class|property|end|import)\b|#[ \t]*import\b)")
_C_PLUS_PLUS: Final = (
    re.compile(r"\n(?:[ \t]*(?:class|namespace|template[ \t]*<|using[ \t]|public:|private:|protected:|virtual[ \t])|#include[ \t]*<[a-z_]+>)"),
    re.compile("std::"),
    re.compile("constexpr"),
)
_C_COMMENT: Final = re.compile(r"\n[ \t]*(?://|#[ \t]*include)")
_CLAUSE: Final = re.compile(r"\n[^#\n]*:-")
_QT_TRANSLATION: Final = re.compile(r"\A\s*(?:<\?xml|<!DOCTYPE TS|<TS\b)")
_ANYTHING: Final = re.compile("")
_SIGNS: Final[dict[str, tuple[tuple[re.Pattern[str], str], ...]]] = {
    ".h": ((_OBJECTIVE_C, "Objective-C"), *((pattern, "C++") for pattern in _C_PLUS_PLUS), (_ANYTHING, "C")),
    ".m": ((_OBJECTIVE_C, "Objective-C"), (_C_COMMENT, "Objective-C"), (_ANYTHING, "MATLAB")),
    ".pl": ((_CLAUSE, "Prolog"), (_ANYTHING, "Perl")),
    ".pro": ((_CLAUSE, "Prolog"), (_ANYTHING, "INI")),
    ".ts": ((_QT_TRANSLATION, "XML"), (_ANYTHING, "TypeScript")),
}
"""For the endings that several languages use: the first pattern that is found decides. Each begins with what a search can skip to; before the first
line of a text a line end is put."""
_LOOKED_AT: Final = 20_000
"""Characters of a file in which these are looked for."""


_LONGEST_NAME: Final = 255
"""Characters of a file's name, on the file systems of today."""


class Identified(NamedTuple):
    """`language` is None where nobody can say."""

    language: str | None
    found_by: FoundBy
    certainty: float
    """1.0 for what a name or a first line says; the model's own probability for what it sees; 0.0 for nothing."""


_NOTHING: Final = Identified(None, "", 0.0)


def name_of_file(path: str) -> str:
    """The last part of a path of either kind, in lower case; of one that is too long for a name its end."""
    path = path.strip()
    return path[max(path.rfind("/"), path.rfind("\\")) + 1 :][-_LONGEST_NAME:].lower()


def language_by_name(path: str, content: str = "") -> str | None:
    """What the name of a file says; where several languages share the ending, signs in its content decide."""
    name = name_of_file(path)
    listed = listed_under(name)
    if len(listed) > 1:
        return language_by_signs(name, content, listed)
    return listed[0] if listed else None


def listed_under(name: str) -> tuple[str, ...]:
    """The languages of a name as `name_of_file` gives it: of the whole name, else of the longest ending that is known (".d.ts" before ".ts")."""
    if listed := by_filename().get(name, ()):
        return listed
    dot = name.find(".")
    while dot >= 0:
        if listed := by_extension().get(name[dot:], ()):
            return listed
        dot = name.find(".", dot + 1)
    stem = name.partition(".")[0]
    return by_filename().get(stem, ())[:1] if stem in ("dockerfile", "makefile") else ()


def language_by_first_line(content: str) -> str | None:
    """What "#!" runs, and the marks of XML and HTML."""
    first = content.partition("\n")[0][:200].lstrip("\ufeff").rstrip()
    if match := _SHEBANG.match(first):
        return next(iter(by_interpreter().get(match["interpreter"].lower(), ())), None)
    lowered = first.lstrip().lower()
    if lowered.startswith(("<!doctype html", "<html")):
        return "HTML"
    if lowered.startswith("<?php"):
        return "PHP"
    return "XML" if lowered.startswith("<?xml") else None


def identify(contents: Sequence[str], paths: Sequence[str | None], by_content: bool = False, at_least: float = 0.5) -> list[Identified]:
    """The language of each file.

    Args:
        contents: what stands in the files.
        paths: their names or paths; None where there is none.
        by_content: ask the magika model where neither name nor first line say.
        at_least: what the model sees with a lower probability is not believed.
    """
    found = [_by_name_or_line(content, path) for content, path in zip(contents, paths, strict=True)]
    if by_content:
        for place, known in enumerate(found):
            if known.language is None and contents[place].strip():
                found[place] = _by_model(contents[place], at_least)
    return found


def _by_name_or_line(content: str, path: str | None) -> Identified:
    if path and (language := language_by_name(path, content)):
        return Identified(language, "name", 1.0)
    if language := language_by_first_line(content):
        return Identified(language, "first line", 1.0)
    return _NOTHING


def language_by_signs(name: str, content: str, listed: Sequence[str]) -> str:
    """Which of the languages that share an ending a file is in, by what it holds; the first where nothing speaks for one."""
    signs = _SIGNS.get("." + name.rpartition(".")[2], ())
    beginning = "\n" + content[:_LOOKED_AT]
    return next((language for pattern, language in signs if pattern.search(beginning)), listed[0])


def _by_model(content: str, at_least: float) -> Identified:
    result = _model().identify_bytes(content.encode("utf-8", "replace"))
    language = next(iter(by_magika_label().get(str(result.output.label), ())), None)
    score = float(result.score)
    return Identified(language, "content", score) if language is not None and score >= at_least else _NOTHING


@cache
def _model() -> Any:
    from magika import Magika

    return Magika()

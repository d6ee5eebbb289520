"""A defs.yaml as a file: what is wrong with it before anybody asks what it means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import yaml

from operators.tables.errors import ParameterError, Problem

NAMES = ("defs.yaml", "defs.yml", "component.yaml")


def check_files(folder: Path) -> None:
    """Of a deployment's folder and all below it.

    Raises:
        ParameterError: a file is not UTF-8 or says nothing, or has a key twice, of which YAML would take the last without a word.
    """
    files = [file for name in NAMES for file in sorted(folder.rglob(name)) if file.is_file()]
    if problems := [problem for file in files for problem in _problems(file)]:
        raise ParameterError(problems)


def _problems(file: Path) -> Iterator[Problem]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        yield Problem(f"the file is not UTF-8: byte {error.start} ({error.object[error.start]:#04x}) is none of it", suggestion="save it as UTF-8")
        return
    try:
        documents = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if not _says_nothing(node)]
    except yaml.YAMLError:  # Dagster's own loader says where
        return
    if not documents:
        yield Problem("the file says nothing", suggestion="write type: and attributes: into it, or delete it")
    for node in documents:
        yield from _twice(node)


def _says_nothing(node: yaml.Node | None) -> bool:
    return node is None or (isinstance(node, yaml.ScalarNode) and not node.value)


def _twice(node: yaml.Node, above: str = "") -> Iterator[Problem]:
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _twice(item, f"{above}[{number}]")
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        name = f"{above}.{key.value}" if above else str(key.value)
        line = key.start_mark.line + 1
        if name in lines and key.tag != "tag:yaml.org,2002:merge":
            what = f"{name} stands twice, in lines {lines[name]} and {line}, and YAML would take the last"
            yield Problem(what, suggestion="leave one of them out")
        lines[name] = line
        yield from _twice(value, name)


class Environment:
    """Variables of the environment in a defs.yaml: `{{ env.NAME }}` and `{{ env('NAME', 'default') }}`.

    Dagster's own gives None for one that is not set, of which a text makes "None", and an optional setting nothing.
    """

    def __call__(self, name: str, *default: str | None) -> str | None:
        if name not in os.environ and not default:
            raise _not_set(name)
        return os.environ.get(name, *default)

    def __getattr__(self, name: str) -> str:
        if name.startswith(("jinja", "__")):  # asked by Jinja and by Python of any object
            raise AttributeError(name)
        return str(self(name))


def _not_set(name: str) -> ParameterError:
    return ParameterError(
        [Problem(f"the environment variable {name} is not set", suggestion=f"set it where Dagster runs, or give a default: env('{name}', 'default')")]
    )

"""A tree of what people ask about: topics, their domains, the themes of these. It stands in domain_tree.json beside this file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson

from operators.tables.errors import StageFailed

Theme: TypeAlias = tuple[str, str, str]
"""Topic, domain, theme."""

TREE_FILE: Final = Path(__file__).with_name("domain_tree.json")
TASK_TYPES: Final = ("question answering", "explanation", "writing", "planning", "comparison", "problem solving", "analysis", "role play")


@lru_cache(maxsize=8)
def load_domain_tree(file: str = "") -> tuple[Theme, ...]:
    """The leaves of the tree in a JSON file of topic -> domain -> [themes]; of the package's own tree for "".

    Raises:
        StageFailed: there is no such file, or it is no such tree.
    """
    path = Path(file) if file else TREE_FILE
    if not path.is_file():
        raise StageFailed(f'there is no file "{path}": `tree` is a JSON file of topic -> domain -> [themes].')
    try:
        leaves = tuple(_leaves(orjson.loads(path.read_bytes())))
    except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
        raise StageFailed(f"{path} is no JSON of topic -> domain -> [themes]: {error}") from error
    if not leaves:
        raise StageFailed(f"{path} has no theme.")
    return leaves


def _leaves(tree: Any) -> list[Theme]:
    found: list[Theme] = []
    for topic, domains in tree.items():
        for domain, themes in domains.items():
            if not isinstance(themes, list):
                raise TypeError(f"the themes of {domain} are no list")
            found += [(topic, domain, str(theme)) for theme in themes]
    return found

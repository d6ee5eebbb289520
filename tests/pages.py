"""Pages of the documentation, held against the registry and run."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from operators.core import registry

DOCS = Path(__file__).parents[1] / "docs"
_PRINTED = "# ->"


def text_of(page: str) -> str:
    return (DOCS / page).read_text("utf-8")


def check_names_every_operator(page: str, *domains: str) -> None:
    """The tables of a page name every operator of the domains, and none that does not exist."""
    named = set(re.findall(r"`([A-Z]\w+)(?:\([^`]*\))?`", "\n".join(line for line in text_of(page).splitlines() if line.startswith("| "))))
    every = {cls.__name__: registry.domain(cls) for cls in registry.all_operators()}
    ours = {name for name, domain in every.items() if domain in domains}
    assert ours, f"there is no operator of {domains}"
    assert ours - named == set(), f"{page} does not name them"
    assert named - every.keys() == set(), f"{page} names what is not there"


def check_examples(page: str, folder: Path, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The Python blocks of a page run one after the other, in a folder of their own, and print what their lines `# -> ` say.

    `names` are those that the page takes for granted. What the examples made is returned.
    """
    made: dict[str, Any] = {"__name__": "session", **(names or {})}
    blocks = re.findall(r"^```python\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
    assert blocks, f"{page} has no example"
    with _inside(folder):
        for block in blocks:
            lines = block.splitlines()
            expected = [line.removeprefix(_PRINTED).strip() for line in lines if line.startswith(_PRINTED)]
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile("\n".join(line for line in lines if not line.startswith(_PRINTED)), page, "exec"), made)
            assert [line.strip() for line in output.getvalue().splitlines()] == expected, block
    return made


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)

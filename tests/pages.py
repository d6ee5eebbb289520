"""Pages of the documentation, held against the registry and run."""

from __future__ import annotations

import contextlib
import io
import os
import re
from pathlib import Path

from operators.core import registry

DOCS = Path(__file__).parents[1] / "docs"


def check_names_every_operator(page: str, *domains: str) -> None:
    """The tables of a page name every operator of the domains, and none that does not exist."""
    rows = [line for line in (DOCS / page).read_text("utf-8").splitlines() if line.startswith("| ")]
    named = set(re.findall(r"`([A-Z]\w+)(?:\([^`]*\))?`", "\n".join(rows)))
    every = {cls.__name__: registry.domain(cls) for cls in registry.all_operators()}
    assert {name for name, domain in every.items() if domain in domains} - named == set(), f"{page} does not name them"
    assert named - every.keys() == set(), f"{page} names what is not there"


def check_examples(page: str, folder: Path) -> None:
    """The Python blocks of a page run one after the other, in a folder of their own, and print what their lines `# -> ` say."""
    names: dict[str, object] = {"__name__": "session"}
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks, f"{page} has no example"
    with _inside(folder):
        for block in blocks:
            lines = block.splitlines()
            expected = "".join(line.removeprefix("# -> ") + "\n" for line in lines if line.startswith("# -> "))
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile("\n".join(line for line in lines if not line.startswith("# -> ")), page, "exec"), names)
            assert output.getvalue() == expected, block


@contextlib.contextmanager
def _inside(folder: Path):  # type: ignore[no-untyped-def]
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)

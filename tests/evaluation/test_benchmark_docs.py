"""docs/benchmark.md: every operator and format is named, none that there is not, and every example prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from operators.core import registry
from operators.evaluation.formats import FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "benchmark.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_operator_and_every_format_is_named() -> None:
    named = set(re.findall(r"`(Benchmark\w+)`", TEXT))
    assert named == {cls.__name__ for cls in registry.all_operators() if registry.domain(cls) == "evaluation"}
    of_table = TEXT.partition("| format |")[2].partition("\n\n")[0]
    listed = [name for line in of_table.splitlines()[2:] for name in re.findall(r"[a-z_0-9]+", line.split("|")[1])]
    assert sorted(listed) == sorted(FORMATS)


def test_the_examples_print_what_the_page_says() -> None:
    names: dict[str, object] = {"__name__": "session"}
    blocks = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    for block in blocks:
        lines = block.splitlines()
        expected = "".join(line.removeprefix("# ->").removeprefix(" ") + "\n" for line in lines if line.startswith("# ->"))
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile("\n".join(line for line in lines if not line.startswith("# ->")), PAGE.name, "exec"), names)
        assert output.getvalue() == expected

"""docs/code.md: every operator and pipeline of code is named, and every example prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

from dataflow_assets.pipelines import all_pipelines
from operators.core import registry

PAGE = (Path(__file__).parents[2] / "docs" / "code.md").read_text("utf-8")
PRINTED = "# -> "
BLOCKS = re.findall(r"^```python(?: needs=(\w+))?\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_every_operator_of_code_is_named() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    missing = [cls.__name__ for cls in registry.all_operators() if cls.__module__.startswith("operators.code.") and cls.__name__ not in named]
    assert not missing
    assert {name for name in all_pipelines() if name.startswith("code_")} <= named


def test_every_operator_that_the_page_names_is_there() -> None:
    known = {cls.__name__ for cls in registry.all_operators()}
    named = {name for name in re.findall(r"`(\w+)`", PAGE) if re.search("(?:Filter|Evaluator|Generator|Dedup|Reply|Secrets)$", name)}
    assert named <= known


def test_the_examples_print_what_the_page_says() -> None:
    names: dict[str, Any] = {}
    for needs, body in BLOCKS:
        lines = body.splitlines()
        code = "".join(line + "\n" for line in lines if not line.startswith(PRINTED))
        expected = [line.removeprefix(PRINTED) for line in lines if line.startswith(PRINTED)]
        if needs:
            continue
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(code, "code.md", "exec"), names)
        assert output.getvalue().splitlines() == expected


def test_the_example_of_a_tested_suite_tells_the_good_from_the_others(sandbox: Any) -> None:
    names: dict[str, Any] = {}
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        for needs, body in (BLOCKS[0], *(block for block in BLOCKS if block[0] == "sandbox")):
            assert needs in ("", "sandbox")
            exec(compile(body, "code.md", "exec"), names)
    kept, *aside = output.getvalue().splitlines()
    assert kept.startswith(" | 0.")
    assert len(aside) == 3
    assert sum("does not pass" in line or "a stub" in line or "of the mutants" in line for line in aside) == 3

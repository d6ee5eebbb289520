"""Faults found in the reference system, each quoted on the test that shows that ours has it not; and which of a catalog have none.

    python -m tests.faults CATALOG.yaml [--domain general_text]...

A catalog lists operators as {name, domain, faults: [text]}. Exit status 1 when a fault has no test.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml


def fault(text: str) -> Callable[[Any], Any]:
    """Mark a test with a fault, in the catalog's words. A text that several operators share is said once, on a test that covers them all."""
    return pytest.mark.fault(text)


class Collected:
    """A pytest plugin that notes the faults of the tests found."""

    def __init__(self) -> None:
        self.faults: dict[str, set[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("fault"):
                self.faults.setdefault(mark.args[0], set()).add(item.nodeid)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--domain", action="append", help="only this domain (repeatable)")
    options = parser.parse_args()
    operators = [
        entry for entry in yaml.safe_load(options.catalog.read_text("utf-8"))["operators"] if not options.domain or entry["domain"] in options.domain
    ]
    collected = Collected()
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        if pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", str(Path(__file__).parent)], plugins=[collected]):
            sys.exit(printed.getvalue())
    texts = {text for entry in operators for text in entry["faults"]}
    missing = [(entry["name"], text) for entry in operators for text in entry["faults"] if text not in collected.faults]
    for name, text in missing:
        print(f"{name}: {text}")
    if not options.domain:
        for text in sorted(collected.faults.keys() - texts):
            print(f"not in the catalog: {text}   ({min(collected.faults[text])})")
    total = sum(len(entry["faults"]) for entry in operators)
    print(f"faults with a test: {total - len(missing)}/{total}, of {len(operators)} operators")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

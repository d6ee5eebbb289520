"""The examples in the docstrings of what operators are built on say what really comes out."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import operators.asking
import operators.bases

MODULES = [found.name for package in (operators.asking, operators.bases) for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_most_bases_show_how_they_are_used() -> None:
    shown = {name for name in MODULES if any(test.examples for test in doctest.DocTestFinder().find(importlib.import_module(name)))}
    wanted = {"bounded_answers", "dimensions", "draws", "implausible_answers", "preferences", "question_answers", "quotes", "ratings", "votes"}
    assert {f"operators.bases.{name}" for name in wanted} <= shown

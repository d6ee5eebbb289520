"""Imports run one way: dataflow_assets -> sensors, resources -> operators; a domain sees the core and the kernels, never another domain."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import operators

ROOT = Path(__file__).parent.parent
PACKAGES = ("operators", "resources", "sensors", "dataflow_assets")

FORBIDDEN = {
    "operators": {"dagster", "duckdb", "resources", "sensors", "dataflow_assets"},
    "resources": {"dagster", "sensors", "dataflow_assets"},
    "sensors": {"dataflow_assets"},
    "dataflow_assets": set[str](),
}
SHARED_BY_DOMAINS = {"core", "kernels"}


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(path: Path, module: str) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function, for running or for type checking."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (base, node.module) if part)
            yield source
            yield from (f"{source}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "import_module", "__import__"):
            yield from (argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant) and isinstance(argument.value, str))


ALL = [(module, path) for package in PACKAGES for module, path in modules(package)]


@pytest.mark.parametrize(("module", "path"), ALL, ids=[module for module, _ in ALL])
def test_a_module_imports_only_what_stands_below_it(module: str, path: Path) -> None:
    forbidden = FORBIDDEN[module.split(".")[0]]
    found = sorted({name for name in imported(path, module) if name.split(".")[0] in forbidden})
    assert not found, f"{module} imports {', '.join(found)}"


@pytest.mark.parametrize(("module", "path"), [(module, path) for module, path in ALL if module.startswith("operators.")])
def test_a_domain_imports_no_other_domain_and_the_core_imports_none(module: str, path: Path) -> None:
    own = module.split(".")[1]
    names = {name.removeprefix("operators.") for name in imported(path, module) if name.startswith("operators.")}
    seen = {"core" if name in operators.__all__ else name.split(".")[0] for name in names}  # `from operators import Filter` is the core's
    allowed = {own} if own in SHARED_BY_DOMAINS else {own, *SHARED_BY_DOMAINS}
    assert seen <= allowed | ({"core"} if own == "kernels" else set()), f"{module} reaches into {', '.join(sorted(seen - allowed))}"


def test_the_core_does_not_know_the_kernels() -> None:
    for module, path in modules("operators/core"):
        assert not [name for name in imported(path, module) if name.startswith("operators.kernels")], module


def loaded_by(statement: str) -> set[str]:
    """The top-level packages in memory after a statement, in a process of its own."""
    code = f"import sys\n{statement}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(result.stdout.split())


HEAVY = {"dagster", "numba", "pandas", "duckdb", "aiohttp", "openai", "xllamacpp"}


@pytest.mark.parametrize("package", ["operators", "operators.core", "resources"])
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    assert not loaded_by(f"import {package}") & HEAVY


def test_loading_every_operator_loads_nothing_heavy() -> None:
    assert not loaded_by("from operators.core import registry; registry.load()") & HEAVY


def test_the_command_answers_help_without_loading_arrow_or_dagster() -> None:
    help_asked_for = "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): main(['--help'])"
    loaded = loaded_by(f"from dataflow_assets.cli import main\n{help_asked_for}")
    assert not loaded & (HEAVY | {"pyarrow", "pydantic", "operators", "resources"})

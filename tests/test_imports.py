"""Imports run one way, from floor to floor, and never in a circle; `make house` draws them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import house

ROOT = Path(__file__).parent.parent
FOREIGN = {
    "operators": {"dagster", "duckdb"},
    "resources": {"dagster"},
    "sensors": set[str](),
    "dataflow_assets": set[str](),
}
"""Packages of others that must not be known there."""
KNOWN_TO = {f"operators.generic.sql.{module}": {"duckdb"} for module in ("engine", "process")}
"""Those that may: DuckDB as what computes SQL on rows in memory, where others must not know it as a place that keeps tables."""


@pytest.fixture(scope="module")
def imports() -> house.Imports:
    return house.all_imports()


def test_no_import_runs_up(imports: house.Imports) -> None:
    assert not house.arrows_up(imports)


def test_no_modules_import_each_other_in_a_circle(imports: house.Imports) -> None:
    assert not house.circles(imports)


def test_every_package_has_a_floor(imports: house.Imports) -> None:
    """What has none would stand where it is not looked at."""
    names = (
        "chemistry",
        "code",
        "conversation",
        "documents",
        "evaluation",
        "generic",
        "knowledge",
        "math",
        "media",
        "rag",
        "text",
        "text2sql",
        "tools",
    )
    domains = {f"operators.{name}" for name in names}
    assert {house.room_of(module) for module in imports} <= {room for floor in house.FLOORS for room in floor} | domains


def test_an_arrow_up_and_a_circle_would_be_seen() -> None:
    up = {"operators.tables.types": frozenset({"operators.core.operator"}), "operators.text.a": frozenset({"operators.generic.b"})}
    assert len(house.arrows_up(up)) == 2
    around = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"a"}), "d": frozenset({"a"})}
    assert house.circles(around) == [["a", "b", "c"]]


def imported_by(path: Path) -> set[str]:
    """The top-level packages that the code of a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in names}


def test_no_module_knows_what_its_package_must_not_know() -> None:
    must_not = {module: FOREIGN[module.split(".")[0]] - KNOWN_TO.get(module, set()) for module in house.modules()}
    found = {module: imported_by(path) & must_not[module] for module, path in house.modules().items() if must_not[module]}
    assert {module: packages for module, packages in found.items() if packages} == {}


def test_what_a_module_must_not_know_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("import os\n\ndef late():\n    import dagster.core\n    from duckdb import connect\n")
    assert imported_by(tmp_path / "module.py") == {"os", "dagster", "duckdb"}


def loaded_by(statement: str) -> set[str]:
    """The top-level packages in memory after a statement, in a process of its own."""
    code = f"import sys\n{statement}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(result.stdout.split())


HEAVY = {"dagster", "numba", "pandas", "duckdb", "aiohttp", "openai", "langchain_core", "xllamacpp", "polars", "datasets", "rich", "hypothesis"}


@pytest.mark.parametrize(
    "package",
    [
        "operators",
        "operators.core",
        "operators.pipeline.pipeline",
        "operators.testing",
        "operators.databases.serving",
        "operators.retrieval.retriever",
        "operators.web.fetching",
        "resources",
        "resources.databases",
        "resources.retriever",
        "resources.web",
    ],
)
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    assert not loaded_by(f"import {package}") & HEAVY


def test_importing_operators_loads_nothing_but_names() -> None:
    assert not loaded_by("import operators") & (HEAVY | {"pyarrow", "pydantic", "numpy", "jinja2", "orjson", "resources"})


def test_running_an_operator_on_a_list_loads_no_database_and_no_framework() -> None:
    run = "from operators.text.rules.whole_text import BlankFilter\nBlankFilter().run(['a text', ' ']).table"
    assert not loaded_by(run) & (HEAVY - {"pandas", "numba"})  # pyarrow itself imports pandas, to make an array of a list


def test_loading_every_operator_loads_nothing_heavy() -> None:
    assert not loaded_by("from operators.core import registry; registry.load()") & HEAVY


def test_the_command_answers_help_without_loading_arrow_or_dagster() -> None:
    help_asked_for = "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): main(['--help'])"
    loaded = loaded_by(f"from dataflow_assets.cli import main\n{help_asked_for}")
    assert not loaded & (HEAVY - {"rich"} | {"pyarrow", "pydantic", "operators", "resources"})


def test_a_pipeline_is_found_without_importing_the_others() -> None:
    find = "import sys; from dataflow_assets.pipelines import find_pipeline; find_pipeline('web_text')"
    code = f"{find}\nprint(*(name for name in sys.modules if 'pipelines.' in name))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.split() == ["dataflow_assets.pipelines.web_text"]

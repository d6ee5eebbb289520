"""dataflow new: the first file of an operator, a pipeline or an extension, with a test that passes."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from dataflow_assets.cli.console import examples, fail, output

TEMPLATES = Path(__file__).with_name("templates")
OURS = frozenset(("operators", "resources", "sensors", "dataflow_assets", "tests"))

app = typer.Typer(help="Start an operator, a pipeline or an extension: a file to change, and a test that passes.", no_args_is_help=True)


class KindOfOperator(StrEnum):
    """What the new operator does to a table."""

    filter = "filter"
    evaluate = "evaluate"
    refine = "refine"
    generate = "generate"
    llm = "llm"


@app.command(
    "operator",
    epilog=examples(
        "dataflow new operator ShoutingFilter",
        "dataflow new operator ClarityEvaluator --kind llm --folder operators/text/raters --tests tests/text",
    ),
)
def new_operator(
    name: Annotated[str, typer.Argument(help="Name of the class: ShoutingFilter.")],
    kind: Annotated[KindOfOperator, typer.Option(help="What it does; llm: rate by asking a language model.")] = KindOfOperator.filter,
    folder: Annotated[Path, typer.Option(help="Where its file goes: a package, or any folder.")] = Path(),
    tests: Annotated[Path | None, typer.Option(help="Where its test goes; the same folder if not given.")] = None,
) -> None:
    """Write an operator and its test."""
    from operators.core import registry

    _check_class_name(name, [cls.__name__ for cls in registry.all_operators()])
    _write_with_test(f"operator_{kind}.py", "test_operator.py", name, folder, tests)


@app.command("pipeline", epilog=examples("dataflow new pipeline CalmText --folder dataflow_assets/pipelines --tests tests/dataflow_assets"))
def new_pipeline(
    name: Annotated[str, typer.Argument(help="Name of the class: CalmText.")],
    folder: Annotated[Path, typer.Option(help="Where its file goes: a package, or any folder.")] = Path(),
    tests: Annotated[Path | None, typer.Option(help="Where its test goes; the same folder if not given.")] = None,
) -> None:
    """Write a pipeline and its test."""
    from dataflow_assets.pipelines import all_pipelines

    _check_class_name(name, [cls.__name__ for cls in all_pipelines().values()])
    written = _write_with_test("pipeline.py", "test_pipeline.py", name, folder, tests)
    output().print(f"Run it: dataflow run {written[0]}:{name} --input YOUR_FILE.jsonl --output kept.jsonl", markup=False)


@app.command("extension", epilog=examples("dataflow new extension dataflow-shouting", "dataflow new extension my-operators --folder ~/projects"))
def new_extension(
    name: Annotated[str, typer.Argument(help="Name of the package to be published: dataflow-shouting.")],
    folder: Annotated[Path, typer.Option(help="The folder in which the package's folder is made.")] = Path(),
) -> None:
    """Write a package that brings operators, a pipeline, a source, a file format, a resource and a command, with tests."""
    if not re.fullmatch(r"[A-Za-z](?:[A-Za-z0-9]|[-_](?=[A-Za-z0-9]))*", name):
        raise typer.BadParameter(f'"{name}" cannot name a package: letters, digits and single hyphens, beginning with a letter')
    package = re.sub(r"[-_]+", "_", name).lower()
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package in OURS:
        raise typer.BadParameter(f'"{package}" is taken: by Python, or by a package of this project')
    if others := metadata.packages_distributions().get(package):
        raise typer.BadParameter(f'"{package}" is taken: by {others[0]}, which is installed')
    short = package.removeprefix("dataflow_")
    stem = "".join(part.capitalize() for part in short.split("_"))
    words = {"distribution": name, "package": package, "stem": stem, "snake": _snake(stem), "command": short.replace("_", "-")}
    files = {}
    for template in sorted((TEMPLATES / "extension").rglob("*.jinja")):
        place = template.relative_to(TEMPLATES / "extension").with_suffix("")
        files[folder / name / Path(*(package if part == "package" else part for part in place.parts))] = _rendered(template, words)
    _write(files)
    output().print(f"Next: cd {folder / name} && pip install -e '.[test]' && pytest", markup=False)


def _write_with_test(template: str, test: str, name: str, folder: Path, tests: Path | None) -> list[Path]:
    snake = _snake(name)
    package = _package_of(folder)
    if package and tests is None:
        raise typer.BadParameter(f"{folder} is a package: say with --tests in which folder the test goes")
    title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).capitalize()
    words = {"name": name, "snake": snake, "stem": re.sub(r"(Filter|Evaluator|Refiner|Generator)$", "", name) or name, "title": title}
    module = ".".join((*package, snake))
    files = {
        folder / f"{snake}.py": _rendered(TEMPLATES / f"{template}.jinja", words),
        (tests or folder) / f"test_{snake}.py": _rendered(TEMPLATES / f"{test}.jinja", {**words, "module": module}),
    }
    _write(files)
    written = list(files)
    output().print(f"Test it: pytest {written[1]}", markup=False)
    return written


def _package_of(folder: Path) -> tuple[str, ...]:
    """The names of the package that a folder is: ("operators", "text", "rules"); none for a folder that is no package."""
    names: list[str] = []
    place = folder.resolve()
    while (place / "__init__.py").exists():
        names.insert(0, place.name)
        place = place.parent
    return tuple(names)


def _rendered(template: Path, words: Mapping[str, str]) -> str:
    import jinja2

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(template.read_text(encoding="utf-8")).render(words)


def _write(files: Mapping[Path, str]) -> None:
    """All of them, or none where one is there already."""
    from operators.tables.files.streams import atomic_file

    there = [str(path) for path in files if path.exists()]
    if there:
        raise fail(f"{', '.join(there)} is there already: nothing was written. Choose another name or --folder.")
    for path, text in files.items():
        with atomic_file(str(path), overwrite=False) as file:
            file.write(text.encode())
        output().print(f"wrote {path}", markup=False)


def _check_class_name(name: str, taken: Sequence[str]) -> None:
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
        raise typer.BadParameter(f'"{name}" cannot name a class: CapitalizedWords, such as ShoutingFilter')
    if name in taken:
        raise typer.BadParameter(f'"{name}" is taken: choose another name')


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()

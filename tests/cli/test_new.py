"""dataflow new: what it writes passes its own test as it stands, and an extension can be installed, used, uninstalled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dataflow_assets.cli.new import KindOfOperator
from tests.cli.conftest import Dataflow

ROOT = Path(__file__).parents[2]
MAIN = "import sys; from dataflow_assets.cli import main; sys.exit(main(sys.argv[1:]))"


def python(*arguments: str, cwd: Path, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*path, ROOT))), "DATAFLOW_WAREHOUSE": str(cwd / "warehouse")}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_the_first_file_of_each_kind_and_of_a_pipeline_passes_its_test(dataflow: Dataflow, tmp_path: Path) -> None:
    for kind in KindOfOperator:
        made = dataflow("new", "operator", f"My{kind.capitalize()}Thing", "--kind", kind)
        assert made.status == 0, made.messages
        assert f"my_{kind}_thing.py" in made.output
    assert dataflow("new", "pipeline", "MyPipeline").status == 0
    tested = python("-m", "pytest", "-q", "-p", "no:cacheprovider", ".", cwd=Path.cwd())
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert f"{len(KindOfOperator) + 2} passed" in tested.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("operator", "shouting"), "cannot name a class"),
        (("operator", "Shout-ing"), "cannot name a class"),
        (("extension", "../up"), "cannot name a package"),
        (("extension", "operators"), "is taken"),
        (("extension", "class"), "is taken"),
        (("extension", "json"), "is taken"),
        (("extension", "yaml"), "is taken: by PyYAML"),
        (("operator", "WordCountFilter"), "is taken"),
        (("pipeline", "WebText"), "is taken"),
    ],
)
def test_names_that_cannot_be_are_refused_and_nothing_is_written(dataflow: Dataflow, arguments: tuple[str, str], said: str) -> None:
    before = set(Path.cwd().iterdir())
    made = dataflow("new", *arguments)
    assert made.status == 2
    assert said in " ".join(made.messages.replace("│", " ").split())
    assert set(Path.cwd().iterdir()) == before


def test_nothing_is_overwritten(dataflow: Dataflow) -> None:
    assert dataflow("new", "operator", "MyFilter").status == 0
    Path("my_filter.py").write_text("# mine now")
    again = dataflow("new", "operator", "MyFilter")
    assert again.status == 1
    assert "is there already" in again.messages
    assert Path("my_filter.py").read_text() == "# mine now"


def test_an_operator_inside_a_package_needs_a_folder_for_its_test(dataflow: Dataflow) -> None:
    package = Path("mine")
    package.mkdir()
    (package / "__init__.py").touch()
    made = dataflow("new", "operator", "MyFilter", "--folder", "mine")
    assert made.status == 2
    assert "--tests" in made.messages
    assert dataflow("new", "operator", "MyFilter", "--folder", "mine", "--tests", "tests").status == 0
    assert "from mine.my_filter import MyFilter" in Path("tests/test_my_filter.py").read_text()


def test_an_extension_is_installed_used_and_uninstalled(dataflow: Dataflow, tmp_path: Path) -> None:
    made = dataflow("new", "extension", "dataflow-whispers")
    assert made.status == 0, made.messages
    source, site = Path.cwd() / "dataflow-whispers", tmp_path / "site"
    install = ("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(site), str(source))
    installed = python(*install, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    tested = python("-m", "pytest", "-q", "-p", "no:cacheprovider", str(source / "tests"), cwd=source, path=(site,))
    assert tested.returncode == 0, tested.stdout + tested.stderr
    run = ("-c", MAIN, "run", "whispers_pipeline", "-i", "dataflow_whispers_sample", "-o", "kept.dataflow_whispers_lines")
    ran = python(*run, cwd=tmp_path, path=(site,))
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "kept.dataflow_whispers_lines").read_text().splitlines() == [f"Sample text number {number}." for number in (1, 2, 3)]
    assert python("-c", MAIN, "whispers", "hello", cwd=tmp_path, path=(site,)).stdout == "dataflow-whispers is installed\n"
    gone = python(*run, cwd=tmp_path)
    assert gone.returncode == 1
    assert 'no pipeline is named "whispers_pipeline"' in gone.stderr

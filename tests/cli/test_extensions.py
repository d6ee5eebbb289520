"""Packages of other people (fault E3): what they bring is used everywhere; one that is broken or clashes is named and left out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAIN = """
import shlex, sys
from dataflow_assets.cli import main
for command in sys.argv[1:]:
    if (status := main(shlex.split(command))):
        sys.exit(f"{command}: status {status}")
"""

OPERATOR = """
from operators import Filter, Input

class {name}(Filter):
    \"\"\"Keep texts that whisper.\"\"\"

    input_text = Input(str)

    def keep(self, text: str) -> bool:
        return "!" not in text
"""
PIPELINE = """
from operators import Pipeline
from whisper.operators import WhisperFilter

class Whispers(Pipeline):
    \"\"\"Keep whispers.\"\"\"

    def __init__(self) -> None:
        self.quiet = WhisperFilter()

    def forward(self, documents):
        return self.quiet(documents)
"""
SOURCE = """
import pyarrow as pa
from operators import MemoryStorage

def murmurs(rows: int = 2):
    return MemoryStorage(pa.table({"text": ["psst"] * rows + ["hey!"]}))

def nothing():
    return 42
"""
EXPORT = """
def write(table, path):
    path.write_text("".join(f"{row['text']}\\n" for row in table.read().to_pylist()))

def fails(table, path):
    path.write_text("half")
    raise RuntimeError("no ink")
"""
COMMAND = """
import typer
app = typer.Typer()

@app.callback()
def main(): ...

@app.command()
def hush():
    \"\"\"Be quiet.\"\"\"
    print("hush")
"""


@dataclass
class Machine:
    """Packages installed into a folder of their own, and the command run with them."""

    folder: Path

    def install(self, package: str, files: Mapping[str, str], entry_points: str, requires: str = "") -> None:
        for name, text in {"__init__.py": "", **files}.items():
            path = self.folder / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        info = self.folder / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n" + (f"Requires-Dist: {requires}\n" if requires else "")
        )
        (info / "entry_points.txt").write_text(entry_points)

    def __call__(self, *commands: str) -> subprocess.CompletedProcess[str]:
        """Run the commands one after the other, until one fails."""
        return self.python(MAIN, *commands)

    def python(self, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}", "DATAFLOW_WAREHOUSE": str(self.folder / "warehouse")}
        return subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.install(
        "whisper",
        {
            "operators.py": OPERATOR.format(name="WhisperFilter"),
            "pipelines.py": PIPELINE,
            "sources.py": SOURCE,
            "exports.py": EXPORT,
            "commands.py": COMMAND,
        },
        "[dataflow.operators]\nw = whisper.operators\n[dataflow.pipelines]\nw = whisper.pipelines\n"
        "[dataflow.sources]\nmurmurs = whisper.sources:murmurs\nnothing = whisper.sources:nothing\n"
        "[dataflow.exports]\nwhisper = whisper.exports:write\nink = whisper.exports:fails\n[dataflow.commands]\nwhisper = whisper.commands:app\n",
    )
    return machine


def test_what_an_extension_brings_is_used_from_the_command_line(machine: Machine) -> None:
    ran = machine("operators show WhisperFilter", "run whispers -i murmurs -o kept.whisper --rejected loud.jsonl", "whisper hush", "--help")
    assert ran.returncode == 0, ran.stderr
    assert "Keep texts that whisper." in ran.stdout
    assert "hush\n" in ran.stdout
    assert "whisper " in ran.stdout.split("Commands")[1], "the command is not in the list"
    assert (machine.folder / "kept.whisper").read_text() == "psst\npsst\n"
    assert "hey!" in (machine.folder / "loud.jsonl").read_text()


def test_a_source_that_gives_no_table_and_a_format_that_fails_are_named(machine: Machine) -> None:
    assert 'the source "nothing" gave int, not a Storage' in machine("run whispers -i nothing -o kept.jsonl").stderr
    assert "RuntimeError: no ink" in machine("run whispers -i murmurs -o kept.ink").stderr
    assert [path.name for path in machine.folder.glob("*ink*")] == [], "half a file was left"


IN_PYTHON = """
from whisper.operators import WhisperFilter
from whisper.pipelines import Whispers

rows = {"text": ["psst", "hey!"]}
Whispers().run(rows, output="of_pipeline.whisper", rejected="rejected.whisper")
WhisperFilter().run(rows, output="of_operator.whisper")
try:
    WhisperFilter().run(rows, output="kept.ink")
except ValueError as error:
    print(error)
try:
    WhisperFilter().run(rows, output="kept.blot")
except ValueError as error:
    print(error)
"""


def test_python_runs_write_the_formats_of_an_extension(machine: Machine) -> None:
    ran = machine.python(IN_PYTHON)
    assert ran.returncode == 0, ran.stderr
    written = {path.name: path.read_text() for path in machine.folder.glob("*.whisper")}
    assert written["of_operator.whisper"] == "psst\n"
    assert written["of_pipeline.whisper"] == "psst\n"
    assert len(written["rejected.whisper"].splitlines()) == 1
    assert "RuntimeError: no ink" in ran.stdout
    assert "ink, whisper" in ran.stdout, "the error does not name the formats that there are"
    assert not [path.name for path in machine.folder.glob(".*")], "half a file was left"


BROKEN = {
    "an import error": ({"operators.py": "import no_such_thing"}, "[dataflow.operators]\nb = {0}.operators\n", "No module named 'no_such_thing'"),
    "a syntax error": ({"operators.py": "def ("}, "[dataflow.operators]\nb = {0}.operators\n", "SyntaxError"),
    "a missing module": ({}, "[dataflow.operators]\nb = {0}.nowhere\n", "No module named"),
    "it exits": ({"operators.py": "raise SystemExit(3)"}, "[dataflow.operators]\nb = {0}.operators\n", "SystemExit"),
    "an operator of our name": (
        {"operators.py": OPERATOR.format(name="Harmless") + OPERATOR.format(name="WordCountFilter")},
        "[dataflow.operators]\nb = {0}.operators\n",
        "two operators are named WordCountFilter",
    ),
    "a parameter of no known type": (
        {"operators.py": "import socket\n" + OPERATOR.format(name="Plugged") + "    plug: socket.socket | None = None\n"},
        "[dataflow.operators]\nb = {0}.operators\n",
        "PydanticSchemaGenerationError",
    ),
    "a broken pipeline": ({"pipelines.py": "1 / 0"}, "[dataflow.pipelines]\nb = {0}.pipelines\n", "ZeroDivisionError"),
    "a pipeline of our name": (
        {"pipelines.py": PIPELINE + PIPELINE.replace("Whispers", "WebText")},
        "[dataflow.pipelines]\nb = {0}.pipelines\n",
        "there is a pipeline named web_text already",
    ),
    "a broken source": ({}, "[dataflow.sources]\nb = {0}.nowhere:x\n", "No module named"),
    "a broken command": ({"commands.py": "raise OSError('no')"}, "[dataflow.commands]\nb = {0}.commands:app\n", "OSError: no"),
}


def test_e3_broken_extensions_are_named_and_stop_nothing(machine: Machine) -> None:
    names = {f"aa_{what.replace(' ', '_')}": broken for what, broken in BROKEN.items()}
    for package, (files, points, _) in names.items():
        machine.install(package, files, points.format(package).replace("\nb =", f"\n{package} ="))
    ran = machine(
        *("operators list", "operators list --json", "operators show WhisperFilter", "pipelines list", "compile web_text", "whisper hush", "--help"),
        *("run whispers -i murmurs -o kept.jsonl", "doctor --json"),
    )
    assert "Traceback" not in ran.stderr
    assert "psst" in (machine.folder / "kept.jsonl").read_text()
    assert "Harmless" not in ran.stdout, "half of a package was taken"
    told = " ".join(ran.stderr.split())
    for package, (_, _, said) in names.items():
        assert f"extension {package}" in ran.stdout, "doctor does not name it"
        line = told[told.index(f"{package}: dataflow.") :].split("Mend or uninstall")[0]
        assert said in line


def test_an_extension_for_another_version_and_a_misspelt_group_are_told(machine: Machine) -> None:
    points = "[dataflow.{1}]\n{0} = {0}.operators\n"
    machine.install("later", {"operators.py": "from operators import Tomorrow\n"}, points.format("later", "operators"), "Dataflow_Dagster>=99")
    machine.install("loads", {"operators.py": OPERATOR.format(name="EarlierFilter")}, points.format("loads", "operators"), "dataflow-dagster<0.2")
    machine.install("typo", {"operators.py": OPERATOR.format(name="TypoFilter")}, points.format("typo", "operator"), "dataflow-dagster>=0.1")
    ran = machine("operators list --json", "doctor --json")
    told = " ".join(ran.stderr.split())
    assert "cannot import name 'Tomorrow'" in told
    assert "(it is made for dataflow-dagster >=99, and this is " in told
    assert "EarlierFilter" in ran.stdout
    assert "it is made for dataflow-dagster <0.2, and this is " in ran.stdout
    assert "it is made for dataflow-dagster >=0.1" not in ran.stdout
    assert 'there are no entry points dataflow.operator. did you mean \\"dataflow.operators\\"?' in ran.stdout


TAKEN = """
import typer

def opened():
    return "theirs"

def write(table, path):
    path.write_text("theirs")

app = typer.Typer()
number = 5
"""
OURS = """
from operators.core import extensions
from operators.core.targets import as_target
from operators.tables.files import FileStorage
from resources.sources.settings import known_sources

assert isinstance(as_target("kept.jsonl"), FileStorage)
assert isinstance(as_target("kept.jsonl.gz"), FileStorage)
assert known_sources()["documents"].__module__ == "resources.documents.folder"
assert extensions.load(extensions.RESOURCES)["llm"].__module__.startswith("resources.")
assert as_target("kept.warc").path.suffix == ".warc"
"""


def test_nothing_of_ours_is_replaced_whatever_a_package_is_called(machine: Machine) -> None:
    machine.install(
        "aa_first",
        {"taken.py": TAKEN},
        "[dataflow.resources]\nllm = aa_first.taken:opened\n[dataflow.sources]\ndocuments = aa_first.taken:opened\n"
        "chat_topics = aa_first.taken:opened\n[dataflow.exports]\njsonl = aa_first.taken:write\ngz = aa_first.taken:write\n"
        "warc = aa_first.taken:write\n[dataflow.commands]\nrun = aa_first.taken:app\nnumber = aa_first.taken:number\n",
    )
    ran = machine.python(OURS)
    assert ran.returncode == 0, ran.stderr
    ran = machine("doctor --json")
    for taken in ("resources llm", "sources documents", "sources chat_topics", "exports jsonl", "exports gz", "commands run"):
        assert f"dataflow.{taken} is left out: dataflow-dagster brings the same name" in ran.stdout
    assert "dataflow.commands number is left out: it is no typer.Typer, but int" in ran.stdout
    assert "exports warc" not in ran.stdout
    assert "uninstall dataflow-dagster" not in ran.stdout

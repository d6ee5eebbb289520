"""Data sets that packages carry, as tables."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from operators.tables.errors import ParameterError
from resources import datasets
from resources.datasets.catalog import CATALOG_VARIABLE
from resources.datasets.rows import rows_of, taken
from resources.sources import SourceSettings, open_source
from tests.cli.conftest import PIPELINE, Dataflow, dataflow
from tests.resources.fetching.tiny_wheels import let_pip_find, make_wheel

__all__ = ["dataflow"]

POEMS = {"poems": {"a": {"title": "Rain", "lines": [{"text": "drip"}, {"text": "drop"}]}, "b": {"title": "Snow", "lines": []}}}
TALKS = {"a.yml": {"talks": [["hello", "hi"], ["who?", "me"]]}, "b.yml": {"talks": [["why?", "because"], "not a talk"]}}
FILES = {
    "poems/all.json": json.dumps(POEMS).encode(),
    "poems/lines.jsonl.gz": gzip.compress(b'{"text": "  hello "}\n\n{"text": "good morning"}\n'),
    **{f"poems/talks/{name}": yaml.safe_dump(content).encode() for name, content in TALKS.items()},
}
ENTRIES: dict[str, dict[str, Any]] = {
    "poems": {"files": ["poems/all.json"], "format": "json", "at": "poems", "columns": {"name": "title", "verses": "lines.*.text"}, "rows": 2},
    "lines": {"files": ["poems/*.jsonl.gz"], "format": "jsonl", "columns": {"text": "text"}, "rows": 2},
    "talks": {
        "files": ["poems/talks/*.yml"],
        "format": "yaml",
        "at": "talks",
        "columns": {"said": "0", "answer": "1"},
        "origin": "file",
        "rows": 3,
        "unfit": 1,
    },
}
Describe = Callable[[dict[str, dict[str, Any]]], None]


@pytest.fixture
def describe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Describe:
    """A catalogue of its own, of what stands in one tiny wheel; pip looks nowhere else."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    let_pip_find(wheels, monkeypatch)
    digest = make_wheel(wheels, "poems", "1.0", FILES)
    monkeypatch.setenv("DATAFLOW_DATASETS", str(tmp_path / "cache"))
    of_package = {"description": "d", "licence": "MIT", "package": "poems", "version": "1.0", "sha256": digest, "size": 1000}

    def write(entries: dict[str, dict[str, Any]]) -> None:
        file = tmp_path / f"catalog-{len(list(tmp_path.glob('catalog-*')))}.yaml"
        file.write_text(yaml.safe_dump({name: of_package | entry for name, entry in entries.items()}, sort_keys=False))
        monkeypatch.setenv(CATALOG_VARIABLE, str(file))

    write(ENTRIES)
    return write


def rows(name: str) -> list[dict[str, Any]]:
    datasets.get(name)
    return open_source(SourceSettings.model_validate(f"dataset:{name}")).read().to_pylist()


def test_rows_come_out_of_a_source_archive(tmp_path: Path) -> None:
    content = json.dumps([{"n": 1}, {"n": 2}]).encode()
    with tarfile.open(tmp_path / "poems-1.0.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("poems-1.0/poems/rows.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    entry = {"name": "poems", "description": "d", "licence": "MIT", "package": "poems", "version": "1.0", "archive": "source", "sha256": "0" * 64}
    entry |= {"size": 1, "files": ["*/poems/rows.json"], "format": "json", "columns": {"number": "n"}, "rows": 2}
    dataset = datasets.DataSet.model_validate(entry)
    assert list(rows_of(dataset, tmp_path / "poems-1.0.tar.gz")) == [{"number": 1}, {"number": 2}]


def test_rows_come_out_of_json_yaml_and_packed_lines(describe: Describe) -> None:
    assert rows("poems") == [{"name": "Rain", "verses": ["drip", "drop"]}, {"name": "Snow", "verses": []}]
    assert rows("lines") == [{"text": "  hello "}, {"text": "good morning"}]
    assert [list(row.values()) for row in rows("talks")] == [["hello", "hi", "a"], ["who?", "me", "a"], ["why?", "because", "b"]]


@pytest.mark.parametrize(
    ("name", "changed", "says"),
    [
        ("poems", {"rows": 3}, "came out with 2 rows, and should have 3"),
        ("poems", {"at": "songs"}, r'cannot be read as json: .*nothing is at "songs"'),
        ("poems", {"files": ["poems/none.json"]}, r"holds no file poems/none\.json"),
        ("talks", {"unfit": 0}, r"b\.yml of .* cannot be read as yaml"),
        ("lines", {"sha256": "0" * 64}, r"pip could not fetch poems==1\.0"),
    ],
)
def test_what_is_not_as_the_catalogue_says_is_not_kept(describe: Describe, name: str, changed: dict[str, Any], says: str, tmp_path: Path) -> None:
    describe({name: ENTRIES[name] | changed})
    with pytest.raises(datasets.DataSetError, match=says):
        datasets.get(name)
    assert not list((tmp_path / "cache").glob("*.jsonl"))


def test_another_way_of_reading_is_another_table(describe: Describe) -> None:
    first = datasets.get("poems")
    describe({"poems": ENTRIES["poems"] | {"columns": {"name": "title"}}})
    assert datasets.get("poems") != first
    assert rows("poems") == [{"name": "Rain"}, {"name": "Snow"}]


def test_before_getting_the_source_says_what_to_run(describe: Describe) -> None:
    with pytest.raises(ParameterError, match="run `dataflow datasets get poems`"):
        open_source(SourceSettings.model_validate("dataset:poems"))
    with pytest.raises(ParameterError, match=r"no data set is called 'pomes'.* Did you mean 'poems'"):
        open_source(SourceSettings.model_validate("dataset:pomes"))


def test_a_source_of_a_deployment_may_rename_its_columns(describe: Describe) -> None:
    datasets.get("lines")
    settings = SourceSettings.model_validate({"built_in": "dataset:lines", "rename": {"text": "body"}})
    assert open_source(settings).schema.names == ["body"]


def test_a_pipeline_runs_on_a_data_set(describe: Describe, dataflow: Dataflow, tmp_path: Path) -> None:
    (tmp_path / "greetings.py").write_text(PIPELINE, encoding="utf-8")
    assert dataflow("datasets", "get", "lines").messages.startswith("fetching lines: 0.0 MB, licence MIT")
    assert dataflow("run", "greetings.py:Greetings", "-i", "dataset:lines", "-o", "out.jsonl").status == 0
    assert [json.loads(line)["text"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == ["hello", "good morning"]


def test_the_command_lists_prints_and_removes(describe: Describe, dataflow: Dataflow) -> None:
    assert dataflow("datasets", "path", "lines").status == 1
    path = dataflow("datasets", "get", "lines").output.split()[-1]
    assert dataflow("datasets", "path", "lines").output.strip() == path
    listed = {entry["name"]: entry for entry in dataflow("datasets", "list", "--json").json}
    assert (listed["lines"]["present"], listed["poems"]["present"]) == (True, False)
    assert "human-eval" in dataflow("datasets", "list").output
    assert dataflow("datasets", "remove", "lines").status == 0
    assert not Path(path).exists()


@pytest.mark.parametrize(("place", "value"), [("a.*.b", [1, 2]), ("a.1.b", 2), ("c", "x")], ids=["each of a list", "one of a list", "a key"])
def test_a_place_in_a_record(place: str, value: Any) -> None:
    assert taken({"a": [{"b": 1}, {"b": 2}], "c": "x"}, place) == value


@pytest.mark.parametrize("place", ["b", "a.2", "a.b", "c.0"])
def test_a_place_that_is_not_there_is_an_error(place: str) -> None:
    with pytest.raises(KeyError, match="nothing is at"):
        taken({"a": [{"b": 1}], "c": "x"}, place)


@pytest.mark.parametrize("status", datasets.list(), ids=lambda status: status.dataset.name)
def test_every_data_set_of_the_catalogue_is_licensed_and_pinned(status: datasets.DataSetStatus) -> None:
    assert status.dataset.licence.startswith(("MIT", "BSD", "Apache", "Freely distributable"))
    assert status.dataset.version
    assert "://" not in status.dataset.model_dump_json()

"""Data sets with pictures, as what trains on them reads them."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dataflow_assets.running.formats import Written
from operators.tables.errors import ParameterError
from tests.dataflow_assets.test_data_sets import write
from tests.dataflow_assets.test_pictures import png

SMALL, LARGE = png(8, 8), png(40, 20)
TURN = pa.struct([("role", pa.string()), ("content", pa.string())])


def turns(question: str, answer: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


CONVERSATIONS = [
    (turns("<image> Which is it?\n\n<image>", "The large one."), [SMALL, LARGE]),
    (turns("<image> What is this?", "Grey: <image>"), [LARGE, SMALL]),
    (turns("How many?", "None."), []),
    (turns("<image> is missing", "Yes."), [None]),
    (turns("Where is it?", "Nowhere."), [SMALL]),
    (turns("<image> is no picture", "Yes."), [b"no picture"]),
]
ROWS = pa.table(
    {
        "row_id": [f"id-{place}" for place in range(len(CONVERSATIONS))],
        "messages": pa.array([messages for messages, _ in CONVERSATIONS], pa.list_(TURN)),
        "images": pa.array([images for _, images in CONVERSATIONS], pa.list_(pa.binary())),
        "figures": pa.array([["#page=1"] * len(images) for _, images in CONVERSATIONS], pa.list_(pa.string())),
    }
)


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Written]:
    return write(tmp_path_factory.mktemp("factory"), "llama_factory", ROWS)


def test_llama_factory_finds_a_file_for_each_placeholder(factory: tuple[Path, Written]) -> None:
    folder, written = factory
    said = json.loads((folder / "dataset_info.json").read_text())["sums"]
    assert said["formatting"] == "sharegpt"
    assert said["columns"] == {"messages": "conversations", "images": "images"}
    rows = json.loads((folder / said["file_name"]).read_text())
    assert [len(row["images"]) for row in rows] == [2, 2, 0]
    for row, (_, images) in zip(rows, CONVERSATIONS, strict=False):
        text = "".join(turn["value"] for turn in row["conversations"])
        assert text.count("<image>") == len(row["images"])
        assert [(folder / name).read_bytes() for name in row["images"]] == images
    assert len(list((folder / "images").iterdir())) == 2, "equal pictures are one file"
    assert (written.rows["train"], written.left_out) == (3, 3), "a missing picture, one without a place, and what is none are not trained on"


def test_datasets_loads_the_files_as_images(factory: tuple[Path, Written], tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the package datasets is not installed")
    folder, _ = factory
    loaded = datasets.load_dataset("json", data_files=str(folder / "train.json"), cache_dir=str(tmp_path))["train"]
    with_files = loaded.map(lambda row: {"images": [str(folder / name) for name in row["images"]]})
    pictures = with_files.cast_column("images", datasets.Sequence(datasets.Image()))
    assert [[image.size for image in row["images"]] for row in pictures] == [[(8, 8), (40, 20)], [(40, 20), (8, 8)], []]


def test_parquet_has_the_pictures_and_datasets_gives_images_without_being_told(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the package datasets is not installed")
    good = ROWS.slice(0, 3).append_column("cover", pa.array([SMALL, None, LARGE], pa.binary()))
    folder, written = write(tmp_path, "hugging_face", good, shard_rows=2)
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]
    assert len(loaded) == written.rows["train"] == 3
    assert [[image.size for image in row["images"]] for row in loaded] == [[(8, 8), (40, 20)], [(40, 20), (8, 8)], []]
    assert [row["cover"] and row["cover"].size for row in loaded] == [(8, 8), None, (40, 20)]
    assert loaded[0]["messages"] == CONVERSATIONS[0][0]
    stored = loaded.cast_column("cover", datasets.Image(decode=False))
    assert stored[0]["cover"]["bytes"] == SMALL, "the bytes are the same"


def test_a_card_and_the_metadata_of_pictures_are_valid(tmp_path: Path) -> None:
    croissant = pytest.importorskip("mlcroissant", reason="the package mlcroissant is not installed")
    folder, _ = write(tmp_path, "hugging_face", ROWS.slice(0, 3))
    assert croissant.Dataset(str(folder / "croissant.json")).metadata.record_sets


def test_openai_has_the_pictures_in_the_messages_of_the_user(tmp_path: Path) -> None:
    folder, written = write(tmp_path, "openai", ROWS)
    first, second = (json.loads(line)["messages"] for line in (folder / "train.jsonl").read_text().splitlines())
    assert [part["type"] for part in first[0]["content"]] == ["image_url", "text", "image_url"]
    assert first[0]["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert second[0]["content"] == "How many?"
    assert written.left_out == 4, "the assistant cannot show pictures there"


def test_webdataset_has_a_file_for_each_picture(tmp_path: Path) -> None:
    folder, _ = write(tmp_path, "webdataset", ROWS.slice(0, 2))
    with tarfile.open(folder / "train-000000.tar") as tar:
        names = tar.getnames()
        assert names[:3] == ["000000000.json", "000000000.images.0.png", "000000000.images.1.png"]
        held: Any = tar.extractfile("000000000.images.1.png")
        assert io.BytesIO(held.read()).getvalue() == LARGE


def test_a_format_without_a_place_for_pictures_says_which_have_one(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"(?s)hermes has no place for pictures.*llama_factory"):
        write(tmp_path, "hermes", ROWS)


def test_names_of_pictures_stay_names(tmp_path: Path) -> None:
    named = pa.table({"row_id": ["a"], "messages": ROWS["messages"].slice(0, 1), "images": pa.array([["one.png", "two.png"]])})
    folder, _ = write(tmp_path, "sharegpt", named)
    assert json.loads((folder / "train.json").read_text())[0]["images"] == ["one.png", "two.png"]

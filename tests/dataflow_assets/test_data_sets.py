"""Data sets for trainers: each format as its readers take it, and splits in which nothing leaks."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_assets.running.formats import DatasetSettings, Written, dataset_settings, write_dataset
from dataflow_assets.running.formats.splits import split_of_rows
from dataflow_assets.showing.dataset_card import card, croissant
from operators.bases.messages.writing import MESSAGES_WITH_TOOLS
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from operators.tools.reading import ToolMessagesReader
from tests.tools.railway import MESSAGES, TOOLS

PAIRS = pa.table(
    {
        "row_id": [f"id-{number}" for number in range(40)],
        "parent_ids": pa.array([[f"parent-{number // 2}"] for number in range(40)], pa.list_(pa.string())),
        "instruction": [f"What is {number} plus {number}, and why is it so?" for number in range(40)],
        "input": ["" if number % 2 else f"the number {number}" for number in range(40)],
        "output": [f"It is {2 * number}, since {number} and {number} make {2 * number}." if number != 7 else "" for number in range(40)],
        "score": list(range(40)),
    }
)
TURN = pa.struct([("role", pa.string()), ("content", pa.string())])
CHATS = pa.table(
    {
        "row_id": ["a", "b"],
        "messages": pa.array(
            [
                [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
                [
                    {"role": "user", "content": "One?"},
                    {"role": "assistant", "content": "Two."},
                    {"role": "user", "content": "Three?"},
                    {"role": "assistant", "content": "Four."},
                ],
            ],
            pa.list_(TURN),
        ),
    }
)
SPLITS = {"train": 0.8, "test": 0.2}


def write(tmp_path: Path, format_: str, rows: pa.Table = PAIRS, **more: Any) -> tuple[Path, Written]:
    chosen = DatasetSettings.model_validate({"format": format_, "path": str(tmp_path / format_), **more})

    def beside(written: Written) -> dict[str, str]:
        return {"README.md": card("sums", "Sums.", [], chosen, written), "croissant.json": croissant("sums", "Sums.", chosen, written)}

    return tmp_path / format_, write_dataset(MemoryStorage(rows), chosen, "sums", beside)


def test_alpaca_is_a_list_of_instructions_with_outputs(tmp_path: Path) -> None:
    folder, written = write(tmp_path, "alpaca")
    rows = json.loads((folder / "train.json").read_text())
    assert (len(rows), written.left_out) == (39, 1), "a pair without an output is no sample"
    assert rows[0] == {"instruction": "What is 0 plus 0, and why is it so?", "input": "the number 0", "output": "It is 0, since 0 and 0 make 0."}


def test_the_id_is_there_only_where_it_is_asked_for(tmp_path: Path) -> None:
    for format_ in ("alpaca", "sharegpt", "openai", "llama_factory", "hugging_face", "webdataset"):
        for asked in (False, True):
            folder, _ = write(tmp_path / str(asked), format_, row_id=asked)
            data = b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.suffix in (".json", ".jsonl", ".tar"))
            data = data if format_ != "hugging_face" else str(pq.read_table(next(folder.glob("data/*"))).to_pylist()).encode()
            assert (b"id-3" in data) == asked, format_


def test_sharegpt_and_openai_keep_all_turns_and_the_system_message(tmp_path: Path) -> None:
    shared = json.loads((write(tmp_path, "sharegpt", CHATS)[0] / "train.json").read_text())
    assert shared[0] == {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}], "system": "Be brief."}
    assert [turn["from"] for turn in shared[1]["conversations"]] == ["human", "gpt", "human", "gpt"]
    lines = (write(tmp_path, "openai", CHATS)[0] / "train.jsonl").read_text().splitlines()
    assert [message["role"] for message in json.loads(lines[0])["messages"]] == ["system", "user", "assistant"]
    alpaca = json.loads((write(tmp_path, "alpaca", CHATS)[0] / "train.json").read_text())
    assert alpaca[1] == {"instruction": "Three?", "input": "", "output": "Four.", "history": [["One?", "Two."]]}


def test_openais_own_client_takes_the_messages(tmp_path: Path) -> None:
    from openai.types.chat import ChatCompletionMessageParam
    from pydantic import TypeAdapter

    folder, _ = write(tmp_path, "openai")
    adapter = TypeAdapter(list[ChatCompletionMessageParam])
    for line in (folder / "train.jsonl").read_text().splitlines():
        sample = json.loads(line)
        assert set(sample) == {"messages"}
        assert len(adapter.validate_python(sample["messages"])) == 2
        assert sample["messages"][-1]["role"] == "assistant"


@pytest.mark.parametrize(("rows", "formatting"), [(PAIRS, None), (CHATS, "sharegpt")])
def test_llama_factory_finds_every_file_and_field_that_dataset_info_names(tmp_path: Path, rows: pa.Table, formatting: str | None) -> None:
    folder, _ = write(tmp_path, "llama_factory", rows, splits={"train": 0.5, "test": 0.5})
    information = json.loads((folder / "dataset_info.json").read_text())
    assert set(information) == {"sums_train", "sums_test"}
    for said in information.values():
        assert said.get("formatting") == formatting
        for row in json.loads((folder / said["file_name"]).read_text()):
            assert set(said["columns"].values()) <= set(row), "its reader takes each named column of every row"


def test_hugging_face_shards_are_whole_and_the_card_names_them(tmp_path: Path) -> None:
    folder, written = write(tmp_path, "hugging_face", splits=SPLITS, shard_rows=10, license="apache-2.0")
    tables = [pq.read_table(file) for file in sorted(folder.glob("data/train-*.parquet"))]
    assert sum(table.num_rows for table in tables) == written.rows["train"]
    assert {table.num_rows for table in tables[:-1]} == {10}
    header = (folder / "README.md").read_text()
    assert header.startswith("---\nlicense: apache-2.0\n")
    assert "path: data/train-*.parquet" in header


def test_datasets_reads_what_was_written(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the package datasets is not installed")
    folder, written = write(tmp_path, "hugging_face", splits=SPLITS)
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in loaded.items()} == written.rows
    assert set(loaded["train"].column_names) == {"instruction", "input", "output", "score"}
    for format_, file in (("alpaca", "train.json"), ("openai", "train.jsonl")):
        other, written = write(tmp_path, format_)
        assert len(datasets.load_dataset("json", data_files=str(other / file), cache_dir=str(tmp_path / "cache"))["train"]) == written.rows["train"]


def test_webdataset_reads_what_was_written(tmp_path: Path) -> None:
    webdataset = pytest.importorskip("webdataset", reason="the package webdataset is not installed")
    folder, written = write(tmp_path, "webdataset", PAIRS.rename_columns(["row_id", "parent_ids", "text", "input", "output", "score"]))
    read = list(webdataset.WebDataset(str(folder / "train-000000.tar"), shardshuffle=False).decode())
    assert len(read) == written.rows["train"]
    assert read[3]["txt"].startswith("What is 3")
    assert read[3]["json"]["score"] == 3


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0, 1, None], ["0", "1"]),
        ([False, True, None], ["false", "true"]),
        ([0.0, 2.5, None], ["0", "2.5"]),
        ([["a"], ["b", "c"], []], ['["a"]', '["b","c"]']),
    ],
    ids=["integers", "truth values", "fractions", "lists"],
)
@pytest.mark.parametrize("format_", ["alpaca", "sharegpt", "openai"])
def test_an_answer_that_is_no_text_is_an_answer(tmp_path: Path, format_: str, values: list[Any], told: list[str]) -> None:
    ids = [["p"]] * len(values)
    rows = pa.table({"row_id": list("abc"), "parent_ids": ids, "instruction": ["How many are there?"] * 3, "output": values})
    folder, written = write(tmp_path, format_, rows)
    text = next(path for path in folder.glob("train.json*")).read_text()
    samples = [json.loads(line) for line in text.splitlines()] if format_ == "openai" else json.loads(text)
    last = {"alpaca": lambda row: row["output"], "sharegpt": lambda row: row["conversations"][-1]["value"]}
    assert [last.get(format_, lambda row: row["messages"][-1]["content"])(row) for row in samples] == told
    assert written.left_out == 1, "the one that says nothing"


def test_values_in_webdataset_are_those_of_json_files(tmp_path: Path) -> None:
    rows = pa.table(
        {
            "row_id": ["a"],
            "parent_ids": [["p"]],
            "raw": [b"\xff\x00"],
            "price": pa.array([Decimal("1.10")]),
            "found": pa.array([[("k", 0)]], pa.map_(pa.string(), pa.int64())),
            "day": [date(2024, 2, 29)],
        }
    )
    folder, _ = write(tmp_path, "webdataset", rows)
    with tarfile.open(next(folder.glob("*.tar"))) as tar:
        member = tar.extractfile("000000000.json")
        assert member is not None
        assert member.read() == b'{"raw":"/wA=","price":1.10,"found":{"k":0},"day":"2024-02-29"}'


def test_the_metadata_is_valid_croissant(tmp_path: Path) -> None:
    croissant_of = pytest.importorskip("mlcroissant", reason="the package mlcroissant is not installed")
    folder, _ = write(tmp_path, "hugging_face", splits=SPLITS)
    found = croissant_of.Dataset(str(folder / "croissant.json"))
    assert {record.name for record in found.metadata.record_sets} == {"records_train", "records_test"}


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (write(tmp_path / name, "webdataset")[0] / "train-000000.tar" for name in "ab")
    assert one.read_bytes() == other.read_bytes()
    with tarfile.open(one) as tar:
        assert tar.getnames()[0] == "000000000.json"


def test_siblings_and_near_duplicates_are_in_one_split() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    texts = [f"{words} and one more: {number}" for number in range(10)] + [f"quite another text, number {number} " * 8 for number in range(90)]
    rows = pa.table(
        {
            "row_id": [str(number) for number in range(100)],
            "text": texts,
            "parent_ids": pa.array([[] if number < 10 else [f"p{number // 3}"] for number in range(100)], pa.list_(pa.string())),
        }
    )
    found = split_of_rows(MemoryStorage(rows), {"train": 0.6, "validation": 0.2, "test": 0.2}, 0.8, seed=1)
    assert len(set(found[:10])) == 1, "near-duplicates"
    for first in range(12, 99, 3):
        assert len(set(found[first : first + 3])) == 1, "children of one parent"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 15), min_size=1, max_size=60), st.integers(0, 5), st.sampled_from([{"a": 0.5, "b": 0.5}, {"a": 0.9, "b": 0.1}]))
def test_every_row_is_in_one_split_whose_share_holds_up_to_the_largest_group(parents: list[int], seed: int, splits: dict[str, float]) -> None:
    rows = pa.table(
        {
            "row_id": [str(number) for number in range(len(parents))],
            "parent_ids": pa.array([[f"p{parent}"] for parent in parents], pa.list_(pa.string())),
            "number": list(range(len(parents))),
        }
    )
    found = split_of_rows(MemoryStorage(rows), splits, 0.8, seed)
    by_parent: dict[int, set[str]] = {}
    for parent, split in zip(parents, found, strict=True):
        by_parent.setdefault(parent, set()).add(split)
    assert all(len(seen) == 1 for seen in by_parent.values())
    largest = max(Counter(parents).values())
    assert all(abs(found.count(split) - share * len(parents)) <= largest for split, share in splits.items())


def test_wrong_settings_are_named_with_the_closest_right_ones() -> None:
    with pytest.raises(ParameterError, match='no setting "fromat"'):
        dataset_settings({"fromat": "alpaca", "path": "x"})
    with pytest.raises(ParameterError, match='did you mean "sharegpt"'):
        dataset_settings({"format": "share_gpt", "path": "x"})
    with pytest.raises(ParameterError, match="together they are 1"):
        dataset_settings({"format": "alpaca", "path": "x", "splits": {"train": 0.9}})


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "", ".", "..", "a b", "a..b"])
def test_a_split_names_a_file_and_no_place(name: str) -> None:
    with pytest.raises(ParameterError, match="cannot name a split"):
        dataset_settings({"format": "hugging_face", "path": "x", "splits": {name: 1.0}})


@pytest.mark.parametrize("format_", ["openai", "sharegpt", "alpaca", "llama_factory"])
def test_messages_in_parts_and_as_json_are_messages_and_a_text_that_holds_none_is_left_out(tmp_path: Path, format_: str) -> None:
    parts = [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]}]
    folder, _ = write(tmp_path, format_, pa.table({"row_id": ["a"], "messages": pa.array([parts])}))
    told = next(file.read_text() for file in (folder / "train.jsonl", folder / "train.json") if file.exists())
    assert '"Hi"' in told
    assert '"Hello"' in told
    assert "type" not in told

    texts = [json.dumps(parts), "no messages at all", None]
    folder, written = write(tmp_path, format_, pa.table({"row_id": ["a", "b", "c"], "messages": texts}))
    assert (written.rows, written.left_out) == ({"train": 1}, 2)
    assert next(file.read_text() for file in (folder / "train.jsonl", folder / "train.json") if file.exists()) == told

    with pytest.raises(ParameterError, match="none of the 2 rows makes a sample"):
        write(tmp_path, format_, pa.table({"row_id": ["a", "b"], "messages": texts[1:]}))


def with_calls() -> pa.Table:
    """Two conversations with calls of functions: one sound, one whose call has no result."""
    sound, cut = json.dumps(MESSAGES), json.dumps(MESSAGES[:2])
    messages = pa.array([json.loads(sound), json.loads(cut)], MESSAGES_WITH_TOOLS)
    return pa.table({"row_id": ["a", "b"], "messages": messages, "tools": [json.dumps(TOOLS)] * 2})


def test_openai_has_calls_with_ids_and_the_tools(tmp_path: Path) -> None:
    folder, written = write(tmp_path, "openai", with_calls())
    (row,) = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
    assert written.left_out == 1
    assert row["tools"] == TOOLS
    assert [message["role"] for message in row["messages"]] == ["user", "assistant", "tool", "assistant"] * 2
    assert row["messages"][1] == {"role": "assistant", "tool_calls": MESSAGES[1]["tool_calls"]}
    assert row["messages"][2] == {"role": "tool", "tool_call_id": "call_1", "content": MESSAGES[2]["content"]}


@pytest.mark.parametrize("format_", ["llama_factory", "sharegpt"])
def test_llama_factory_has_turns_of_calls_and_observations_and_the_tools_as_text(tmp_path: Path, format_: str) -> None:
    folder, _ = write(tmp_path, format_, with_calls())
    (row,) = json.loads((folder / "train.json").read_text())
    assert [turn["from"] for turn in row["conversations"]] == ["human", "function_call", "observation", "gpt"] * 2
    assert json.loads(row["conversations"][1]["value"]) == {"name": "find_train", "arguments": {"start": "Bern", "end": "Basel"}}
    assert json.loads(row["tools"]) == TOOLS
    if format_ == "llama_factory":
        entry = json.loads((folder / "dataset_info.json").read_text())["sums"]
        assert (entry["columns"]["tools"], entry["tags"]["function_tag"], entry["tags"]["observation_tag"]) == (
            "tools",
            "function_call",
            "observation",
        )


def test_hermes_has_calls_results_and_definitions_between_tags_and_is_read_back(tmp_path: Path) -> None:
    folder, _ = write(tmp_path, "hermes", with_calls())
    (row,) = json.loads((folder / "train.json").read_text())
    system, *turns = row["conversations"]
    assert json.dumps(TOOLS[0], separators=(",", ":")) in system["value"]
    assert [turn["from"] for turn in turns] == ["human", "gpt", "tool", "gpt"] * 2
    assert turns[1]["value"].startswith("<tool_call>\n")
    (read,) = ToolMessagesReader().run([row], progress=False).table.to_pylist()
    assert [message["role"] for message in read["messages"]] == ["system", *["user", "assistant", "tool", "assistant"] * 2]
    assert read["messages"][2]["tool_calls"][0]["function"]["name"] == "find_train"
    assert json.loads(read["functions"]) == TOOLS
    alone, _ = write(tmp_path, "hermes", CHATS)
    assert json.loads((alone / "train.json").read_text())[0]["conversations"][0] == {"from": "system", "value": "Be brief."}


def test_results_of_calls_made_at_once_are_one_observation_and_alpaca_has_no_place_for_calls(tmp_path: Path) -> None:
    both = {"role": "assistant", "content": None, "tool_calls": [*MESSAGES[1]["tool_calls"], *MESSAGES[5]["tool_calls"]]}
    table = pa.table({"row_id": ["a"], "messages": pa.array([[MESSAGES[0], both, MESSAGES[2], MESSAGES[6], MESSAGES[7]]], MESSAGES_WITH_TOOLS)})
    (row,) = json.loads((write(tmp_path, "sharegpt", table)[0] / "train.json").read_text())
    assert [turn["from"] for turn in row["conversations"]] == ["human", "function_call", "observation", "gpt"]
    assert len(json.loads(row["conversations"][1]["value"])) == len(json.loads(row["conversations"][2]["value"])) == 2
    with pytest.raises(ParameterError, match=r"none of the 1 rows makes a sample: .* has no place there"):
        write(tmp_path, "alpaca", table)


ASKED, ANSWERED = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
PARTS = [{"role": turn["role"], "content": [{"type": "text", "text": turn["content"]}]} for turn in (ASKED, ANSWERED)]
SAID = {"openai": [ASKED, ANSWERED], "alpaca": ("Hi", "Hello"), "llama_factory": ("Hi", "Hello")}
SAID["sharegpt"] = SAID["hermes"] = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]


def one_chat(messages: Any) -> pa.Table:
    return pa.table({"row_id": ["a"], "messages": pa.array([messages])})


def first_row(tmp_path: Path, format_: str, table: pa.Table) -> Any:
    folder, written = write(tmp_path, format_, table)
    assert (written.rows["train"], written.left_out) == (1, 0)
    text = (folder / ("train.jsonl" if format_ == "openai" else "train.json")).read_text()
    return json.loads(text) if format_ == "openai" else json.loads(text)[0]


@pytest.mark.parametrize("format_", ["openai", "sharegpt", "hermes", "llama_factory", "alpaca"])
@pytest.mark.parametrize(
    "messages",
    [PARTS, json.dumps([ASKED, ANSWERED]), json.dumps(PARTS), [{"role": "prompter", "text": "Hi"}, {"role": "model", "text": "Hello"}]],
    ids=["parts", "JSON text", "JSON text of parts", "other names"],
)
def test_conversations_of_any_shape_that_operators_read_are_written(tmp_path: Path, format_: str, messages: Any) -> None:
    row = first_row(tmp_path, format_, one_chat(messages))
    said = row.get("messages") or row.get("conversations") or (row["instruction"], row["output"])
    assert said == SAID[format_]


@pytest.mark.parametrize("format_", ["openai", "sharegpt", "hermes", "llama_factory", "alpaca"])
def test_what_was_thought_is_not_lost(tmp_path: Path, format_: str) -> None:
    row = first_row(tmp_path, format_, one_chat([{**ASKED, "reasoning_content": None}, {**ANSWERED, "reasoning_content": "A greeting."}]))
    if format_ == "openai":
        assert row["messages"][1] == {**ANSWERED, "reasoning_content": "A greeting."}
    else:
        assert "<think>\nA greeting.\n</think>" in (row.get("output") or row["conversations"][1]["value"])


@pytest.mark.parametrize(
    ("messages", "left_out"),
    [
        ([ASKED, ASKED, ANSWERED, ASKED, ANSWERED], {"alpaca", "llama_factory"}),
        ([ANSWERED, ASKED, ANSWERED], {"alpaca", "llama_factory"}),
        ([ASKED, {"role": "system", "content": "Be brief."}, ANSWERED], {"alpaca", "llama_factory", "sharegpt", "hermes"}),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}, *PARTS[1:]], set(SAID)),
        ([ASKED, {"role": "narrator", "content": "x"}], set(SAID)),
        ([ASKED], set(SAID)),
    ],
)
def test_conversations_that_a_format_cannot_hold_are_left_out_and_counted(tmp_path: Path, messages: Any, left_out: set[str]) -> None:
    table = pa.table({"row_id": ["a", "b"], "messages": [json.dumps(messages), json.dumps([ASKED, ANSWERED])]})
    assert {format_ for format_ in SAID if write(tmp_path, format_, table)[1].left_out} == left_out


QUESTION, BETTER, WORSE = "Where does the ferry land?", "At the north pier.", "Somewhere."
PREFERENCES = pa.table(
    {
        "row_id": ["a", "b", "c", "d"],
        "prompt": [QUESTION, QUESTION, "", QUESTION],
        "chosen": [BETTER, BETTER, BETTER, BETTER],
        "rejected": [WORSE, BETTER, WORSE, " "],
    }
)
"""One that is a preference; the same answer twice, no question, no answer."""


def exchange(*said: str) -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(said)]


def test_preferences_have_a_better_answer_beside_a_worse_one_in_every_format(tmp_path: Path) -> None:
    def rows(format_: str) -> list[Any]:
        folder, written = write(tmp_path, format_, PREFERENCES)
        assert (written.rows, written.left_out) == ({"train": 1}, 3)
        text = (folder / f"train.{'jsonl' if format_ == 'openai' else 'json'}").read_text()
        return [json.loads(text)] if format_ == "openai" else list(json.loads(text))

    alpaca = {"instruction": QUESTION, "input": "", "chosen": BETTER, "rejected": WORSE}
    assert rows("alpaca") == rows("llama_factory") == [alpaca]
    (entry,) = json.loads((tmp_path / "llama_factory" / "dataset_info.json").read_text()).values()
    assert entry["ranking"] is True
    assert entry["columns"] == {"prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected"}
    answers = {"chosen": {"from": "gpt", "value": BETTER}, "rejected": {"from": "gpt", "value": WORSE}}
    assert rows("sharegpt") == [{"conversations": [{"from": "human", "value": QUESTION}], **answers}]
    preferred = {"preferred_output": [exchange("", BETTER)[1]], "non_preferred_output": [exchange("", WORSE)[1]]}
    assert rows("openai") == [{"input": {"messages": exchange(QUESTION)}, **preferred}]
    with pytest.raises(ParameterError, match="hermes has no place for preferences"):
        write(tmp_path, "hermes", PREFERENCES)


@pytest.mark.parametrize(
    ("prompt", "chosen", "rejected"),
    [
        (None, exchange("Hi", "Hello", QUESTION, BETTER), exchange("Hi", "Hello", QUESTION, WORSE)),
        (exchange("Hi", "Hello", QUESTION), exchange("", BETTER)[1:], exchange("", WORSE)[1:]),
        (exchange("Hi", "Hello", QUESTION), BETTER, WORSE),
        (json.dumps([1]), exchange("Hi", "Hello", QUESTION, BETTER), exchange("Hi", "Hello", QUESTION, WORSE)),
    ],
    ids=["TRL, with the question in both", "TRL, with a prompt", "messages and texts", "a prompt that both have too"],
)
def test_preferences_of_conversations_are_read_in_trls_shapes(tmp_path: Path, prompt: Any, chosen: Any, rejected: Any) -> None:
    rows = pa.Table.from_pylist([{"row_id": "a", "prompt": prompt, "chosen": chosen, "rejected": rejected}])
    folder, written = write(tmp_path, "llama_factory", rows if prompt is not None else rows.drop_columns("prompt"))
    assert written.left_out == 0
    (row,) = json.loads((folder / "train.json").read_text())
    assert [turn["value"] for turn in row["conversations"]] == ["Hi", "Hello", QUESTION]
    assert (row["chosen"]["value"], row["rejected"]["value"]) == (BETTER, WORSE)
    (entry,) = json.loads((folder / "dataset_info.json").read_text()).values()
    assert (entry["ranking"], entry["formatting"], entry["columns"]["chosen"]) == (True, "sharegpt", "chosen")


def test_preferences_of_llama_factory_itself_are_read_where_they_are_named(tmp_path: Path) -> None:
    """The question in turns, and each answer a turn of its own."""
    answers = {part: {"from": "gpt", "value": text} for part, text in (("chosen", BETTER), ("rejected", "[]"))}
    rows = pa.Table.from_pylist([{"row_id": "a", "conversations": [{"from": "human", "value": QUESTION}], **answers}])
    folder, _ = write(tmp_path, "sharegpt", rows, columns={"chosen": "chosen", "rejected": "rejected"})
    assert json.loads((folder / "train.json").read_text()) == [{"conversations": [{"from": "human", "value": QUESTION}], **answers}]
    plain = PREFERENCES.set_column(3, "rejected", pa.array(["[]"] * 4)).slice(0, 1)
    (row,) = json.loads((write(tmp_path, "alpaca", plain)[0] / "train.json").read_text())
    assert row["rejected"] == "[]", "an answer that looks like an empty list is an answer"


def test_preferences_are_written_of_a_table_with_outputs_only_where_they_are_named(tmp_path: Path) -> None:
    rows = PREFERENCES.append_column("output", pa.array(["x"] * 4)).slice(0, 1)
    (plain,) = json.loads((write(tmp_path / "plain", "alpaca", rows)[0] / "train.json").read_text())
    (named,) = json.loads(
        (write(tmp_path / "named", "alpaca", rows, columns={"chosen": "output", "rejected": "rejected"})[0] / "train.json").read_text()
    )
    assert (plain["output"], "chosen" in plain) == ("x", False)
    assert (named["chosen"], named["rejected"], "output" in named) == ("x", WORSE, False)
    with pytest.raises(ParameterError, match="a column of chosen answers and one of rejected ones"):
        write(tmp_path / "half", "alpaca", rows.drop_columns("rejected"), columns={"chosen": "chosen"})


def test_a_column_that_can_hold_no_conversation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match='export: column "messages" holds no conversations'):
        write(tmp_path, "openai", pa.table({"row_id": ["a"], "messages": [3]}))

"""The layouts: what the files of a split look like, and what else lies beside them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from dataflow_assets.running.formats.images import parts_of, picture_files
from dataflow_assets.running.formats.samples import Sample
from operators.bases.messages.tool_formats import as_hermes, as_llama_factory, as_openai
from operators.tables.files.json.encoding import json_rows
from operators.tables.types import PARENT_IDS, ROW_ID

SHAREGPT_ROLES = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


def alpaca(found: Iterable[Sample], with_id: bool) -> list[dict[str, Any]]:
    """Instruction, input, output (of preferences chosen and rejected), and earlier turns as `history`."""
    return [_alpaca(sample) | _images(sample) | _id(sample, with_id) for sample in found]


def sharegpt(found: Iterable[Sample], with_id: bool) -> list[dict[str, Any]]:
    rows = []
    for sample in found:
        if sample.calls:
            rows.append(_with_calls(sample, as_llama_factory([turn for turn in sample.conversation if turn.role != "system"]), with_id))
            continue
        turns = [{"from": SHAREGPT_ROLES[role], "value": content} for role, content in sample.turns]
        preferred: dict[str, Any] = {}
        if sample.rejected:
            turns, preferred = turns[:-1], {"chosen": turns[-1], "rejected": turns[-1] | {"value": sample.rejected}}
        rows.append(
            {"conversations": turns, **preferred, **({"system": sample.system} if sample.system else {}), **_images(sample), **_id(sample, with_id)}
        )
    return rows


def _images(sample: Sample) -> dict[str, list[str]]:
    return {"images": list(sample.images)} if sample.images else {}


def _with_calls(sample: Sample, turns: list[dict[str, str]], with_id: bool) -> dict[str, Any]:
    """Definitions are JSON as text: so LLaMA-Factory reads them."""
    tools = json.dumps(list(sample.tools), ensure_ascii=False)
    system = {"system": sample.system} if sample.system else {}
    return {"conversations": turns, "tools": tools, **system, **_images(sample), **_id(sample, with_id)}


def hermes(found: Iterable[Sample], with_id: bool) -> list[dict[str, Any]]:
    """Definitions in the system message, calls and results as text between tags: what Hermes and Qwen are trained on."""
    return [{"conversations": as_hermes(sample.conversation, sample.tools), **_id(sample, with_id)} for sample in found]


def openai(found: Iterable[Sample], with_id: bool) -> list[dict[str, Any]]:
    """What OpenAI's fine-tuning takes. Its validator knows no other field than `messages`, so that an id goes into `metadata`."""
    return [{**_openai(sample), **({"metadata": _id(sample, True)} if with_id else {})} for sample in found]


def _openai(sample: Sample) -> dict[str, Any]:
    """Messages; of preferences the question, and two answers to it."""
    messages = as_openai(sample.conversation) if not sample.images else _with_parts(as_openai(sample.conversation), iter(sample.images))
    tools = {"tools": list(sample.tools)} if sample.tools else {}
    if not sample.rejected:
        return {"messages": messages, **tools}
    *asked, chosen = messages
    return {
        "input": {"messages": asked, **tools},
        "preferred_output": [chosen],
        "non_preferred_output": [{"role": "assistant", "content": sample.rejected}],
    }


def _with_parts(messages: list[dict[str, Any]], pictures: Iterator[str]) -> list[dict[str, Any]]:
    return [{**message, "content": parts_of(message["content"], pictures)} if message.get("content") else message for message in messages]


def dataset_info(name: str, files: Mapping[str, str], rows: Sequence[Sample]) -> dict[str, Any]:
    """LLaMA-Factory's dataset_info.json: an entry for each split. Its reader wants each column that is named here in every row."""
    named = {column: column for column in named_columns(rows)}
    ranking = {"ranking": True} if any(sample.rejected for sample in rows) else {}
    if all(sample.is_single and not sample.images for sample in rows):
        answers = {"chosen": "chosen", "rejected": "rejected"} if ranking else {"response": "output"}
        said: dict[str, Any] = {**ranking, "columns": {"prompt": "instruction", "query": "input"} | answers | named}
    else:
        tags = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}
        if "tools" in named:
            tags |= {"observation_tag": "observation", "function_tag": "function_call"}
        answers = {"chosen": "chosen", "rejected": "rejected"} if ranking else {}
        said = {**ranking, "formatting": "sharegpt", "columns": {"messages": "conversations"} | answers | named, "tags": tags}
    return {f"{name}_{split}" if len(files) > 1 else name: {"file_name": file, **said} for split, file in files.items()}


def named_columns(rows: Sequence[Sample]) -> list[str]:
    """What is named beside the turns where any sample of any split has it."""
    found = {
        "system": any(sample.system for sample in rows),
        "tools": any(sample.calls for sample in rows),
        "images": any(sample.images for sample in rows),
    }
    return [column for column, there in found.items() if there]


def parquet_shards(rows: pa.Table, folder: Path, split: str, shard_rows: int) -> list[Path]:
    """data/SPLIT-00000-of-00003.parquet, which `datasets.load_dataset(folder)` reads as that split."""
    shards = max(1, -(-rows.num_rows // shard_rows))
    paths = []
    for number in range(shards):
        path = folder / "data" / f"{split}-{number:05d}-of-{shards:05d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows.slice(number * shard_rows, shard_rows), path, compression="zstd")
        paths.append(path)
    return paths


def tar_shards(rows: pa.Table, folder: Path, split: str, shard_rows: int, with_id: bool) -> list[Path]:
    """SPLIT-000000.tar with KEY.json of each row, KEY.txt where there is a column "text", and a file for each picture, such as KEY.images.0.png.

    The same rows give the same bytes.
    """
    paths = []
    for number, start in enumerate(range(0, max(rows.num_rows, 1), shard_rows)):
        path = folder / f"{split}-{number:06d}.tar"
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for place, (row, said) in enumerate(_with_json(rows.slice(start, shard_rows)), start):
                text = row.pop("text", None)
                named = [name for name in row if with_id or name not in (ROW_ID, PARENT_IDS)]
                files = {name: list(picture_files(name, row[name])) for name in named}
                if text is not None:
                    _add(tar, f"{place:09d}.txt", str(text).encode())
                _add(tar, f"{place:09d}.json", orjson.dumps({name: said[name] for name in named if not files[name]}))
                for ending, content in (file for found in files.values() for file in found):
                    _add(tar, f"{place:09d}.{ending}", content)
        paths.append(path)
    return paths


def _with_json(rows: pa.Table) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each row with its values, and as JSON has them; durations as numbers of their unit."""
    for batch in rows.to_batches():
        columns = [column.cast(pa.int64()) if pa.types.is_duration(column.type) else column for column in batch.columns]
        yield from zip(batch.to_pylist(), json_rows(pa.RecordBatch.from_arrays(columns, batch.schema.names)), strict=True)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


def _alpaca(sample: Sample) -> dict[str, Any]:
    *earlier, (_, question), (_, answer) = sample.turns
    if not earlier:
        row: dict[str, Any] = {"instruction": sample.instruction or question, "input": sample.input, "output": answer}
    else:
        pairs = [[earlier[place][1], earlier[place + 1][1]] for place in range(0, len(earlier) - 1, 2)]
        row = {"instruction": question, "input": "", "output": answer, "history": pairs}
    if sample.rejected:
        row |= {"chosen": row.pop("output"), "rejected": sample.rejected}
    return row | ({"system": sample.system} if sample.system else {})


def _id(sample: Sample, with_id: bool) -> dict[str, str]:
    return {ROW_ID: sample.row_id} if with_id else {}

"""The process that replaces in long texts: `python -m operators.text.patterns.replacing`, started by `expressions`."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from operators.engine.processes import Message, serve


def replace(message: Message) -> Message:
    texts = pa.array(message["texts"], pa.large_string())
    return {"texts": pc.replace_substring_regex(texts, message["pattern"], message["replacement"]).to_pylist()}


if __name__ == "__main__":
    serve(replace)

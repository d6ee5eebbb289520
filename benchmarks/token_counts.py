"""Whether tokens are counted as llama.cpp counts them, by the GGUF files given: `python -m benchmarks.token_counts MODEL.gguf ...`.

The texts are those of tests/text/labelled_texts, the documentation, and lines that are hard to cut.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from pathlib import Path

import xllamacpp

from operators.bases.models.tokenizer import count_tokens, find_tokenizer
from tests.text import labelled_texts

HARD = [
    "",
    "  two  spaces\n\n\n",
    "don't DON'T 12345 3.14",
    "<|im_start|>user\nhi<|im_end|>",
    "def f(x):\n    return x+1\n\n\n",
    "日本語 e\u0301 👩‍👩‍👧",
]


def main() -> None:
    documentation = [page.read_text(encoding="utf-8") for page in sorted((Path(__file__).parents[1] / "docs").glob("*.md"))]
    texts = [*labelled_texts.GOOD.values(), *labelled_texts.BAD.values(), *documentation, *HARD]
    for model in sys.argv[1:]:
        tokenizer = find_tokenizer(model, "the benchmark")
        started = time.perf_counter()
        counts = count_tokens(tokenizer, texts)
        seconds = time.perf_counter() - started
        parameters = xllamacpp.CommonParams()
        parameters.model.path, parameters.n_ctx, parameters.n_gpu_layers, parameters.warmup = model, 256, 0, False
        server = xllamacpp.Server(parameters)
        equal = sum(count == _counted(server.listening_address, text) for count, text in zip(counts, texts, strict=True))
        print(f"{model}: {equal} of {len(texts)} texts counted alike; {sum(counts):,} tokens in {seconds:.2f} s")
        del server


def _counted(address: str, text: str) -> int:
    body = json.dumps({"content": text, "add_special": False, "parse_special": True}).encode()
    request = urllib.request.Request(f"{address}/tokenize", data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return len(json.load(answer)["tokens"])


if __name__ == "__main__":
    main()

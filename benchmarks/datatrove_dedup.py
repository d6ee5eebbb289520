"""Run by `dedup.py` with the Python of an environment that has datatrove: the rows that its MinHash keeps, and CPU seconds, as JSON on the last line.

Usage: PYTHON datatrove_dedup.py TEXTS.json FOLDER words|spacy
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.dedup import minhash


class Spaces:
    """Words as random texts have them. datatrove's own tokenizer finds the same ones, and takes longer."""

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()


if sys.argv[3] == "words":
    minhash.load_word_tokenizer = lambda *_: Spaces()
texts = json.loads(Path(sys.argv[1]).read_text("utf-8"))
folder = Path(sys.argv[2])
config = minhash.MinhashConfig()
documents = [Document(text=text, id=str(row)) for row, text in enumerate(texts)]
started = time.process_time()
minhash.MinhashDedupSignature(str(folder / "signatures"), config).run(iter(documents), 0, 1)
for bucket in range(config.num_buckets):
    minhash.MinhashDedupBuckets(str(folder / "signatures"), str(folder / "buckets"), config=config).run(None, bucket, config.num_buckets)
minhash.MinhashDedupCluster(str(folder / "buckets"), str(folder / "clusters"), config).run(None, 0, 1)
kept = [int(document.id) for document in minhash.MinhashDedupFilter(str(folder / "clusters")).run(iter(documents), 0, 1)]
print(json.dumps({"kept": kept, "cpu_seconds": time.process_time() - started}))

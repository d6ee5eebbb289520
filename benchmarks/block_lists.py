"""How fast a list of domains is read, and what it takes in memory: `python -m benchmarks.block_lists [FILE or FOLDER ...]`.

Without a file, a million names that are made up, in the three usual forms.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from operators.kernels.hashes import hash_texts
from operators.text.urls.addresses import read_address
from operators.text.urls.block_lists import load_block_list

DOMAINS, ADDRESSES = 1_000_000, 100_000
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def names(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [f"{''.join(draw.choices(LETTERS, k=draw.randint(9, 18)))}.{draw.choice(['com', 'net', 'org', 'co.uk'])}" for _ in range(count)]


def measure(path: str) -> None:
    started = time.process_time()
    block_list = load_block_list((path,), (), ())
    seconds = time.process_time() - started
    held = block_list.domains.bytes + block_list.addresses.bytes
    print(f"{path}: {len(block_list):,} entries in {seconds:.2f} s of processor time, {held / 1e6:.1f} MB held")


def main() -> None:
    hash_texts(pa.array(["compiled before the clock starts"]))
    if sys.argv[1:]:
        for path in sys.argv[1:]:
            measure(path)
        return
    listed = names(DOMAINS, 1)
    with tempfile.TemporaryDirectory() as folder:
        for form, line in (("plain", "{}\n"), ("hosts", "0.0.0.0 {}\n"), ("rules", "||{}^\n")):
            file = Path(folder) / form
            file.write_text("".join(map(line.format, listed)))
            measure(str(file))
        block_list = load_block_list((str(file),), (), ())
        others = names(ADDRESSES, 2)
        urls = [f"https://www.{(listed if place % 10 == 0 else others)[place]}/a/b?c={place}" for place in range(ADDRESSES)]
        started = time.process_time()
        found = block_list.find([read_address(url) for url in urls])
        seconds = time.process_time() - started
        count = sum(hit is not None for hit in found)
        print(f"{ADDRESSES:,} addresses looked up in {seconds:.2f} s, {count:,} of {ADDRESSES // 10:,} listed ones found")


if __name__ == "__main__":
    main()

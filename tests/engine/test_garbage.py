"""Where Python looks for garbage while stages run."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import gc, tempfile, weakref
from dataflow_assets.pipelines.web_text import WebText

class Node:
    pass

assert gc.get_freeze_count() == 0
WebText(rate=False).run(["one two three"], warehouse=tempfile.mkdtemp())
assert gc.get_freeze_count() > 10_000
node = Node()
node.itself, gone = node, weakref.ref(node)
del node
gc.collect()
print(gone() is None)
"""


def test_what_is_loaded_is_left_out_and_what_is_made_later_is_found() -> None:
    ended = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "True"
    assert "leaked" not in ended.stderr

"""What other programs make of documents: `PYTHON benchmarks/document_peers.py PATH...` prints a line of JSON for each program and file.

Run by `benchmarks.documents` with the Python of an environment that has pypdf, markitdown or pymupdf4llm; it imports nothing of this project.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time


def pypdf(path: str) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def markitdown(path: str) -> str:
    from markitdown import MarkItDown

    return MarkItDown().convert(path).text_content


def pymupdf4llm(path: str) -> str:
    import pymupdf4llm as program

    return program.to_markdown(path, show_progress=False)


def main() -> None:
    for program in (pypdf, markitdown, pymupdf4llm):
        if importlib.util.find_spec(program.__name__) is None:
            continue
        for path in sys.argv[1:]:
            if program is not markitdown and not path.endswith(".pdf"):
                continue
            started = time.perf_counter()
            try:
                text = program(path)
            except Exception as error:  # of a peer, about this file: it is told, and the next one follows
                text = ""
                print(f"{program.__name__} {path}: {error}", file=sys.stderr)
            print(json.dumps({"program": program.__name__, "path": path, "text": text, "seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main()

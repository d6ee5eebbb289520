"""Texts cut by length."""

from __future__ import annotations

from collections.abc import Sequence

from operators.bases.cutting import CutsToSize
from operators.bases.pieces import Span
from operators.text.parts.part_rows import MakesParts


class ChunkText(MakesParts, CutsToSize):
    """Cut texts into rows of at most `size` words, characters, sentences or tokens, each beginning with the last `overlap` of the one before.

    With `whole_sentences` a chunk ends where a sentence does; only a sentence that is longer than `size` is cut. Words of scripts without spaces are
    counted as their characters. Tokens are those of a `tokenizer` of any model (extra [models]). For Markdown with its headings use ChunkMarkdown.
    """

    covers = ("KBCChunkGenerator", "KBCChunkGeneratorBatch")
    source = "recursive and sliding-window chunking, as in LangChain and LlamaIndex"
    asks = ("chunk documents with overlap for RAG", "cut long texts into pieces of 512 tokens", "split into windows of sentences")

    def spans(self, text: str) -> Sequence[Span]:
        return self.cut(text)

"""Equal and nearly equal programs: one stays, the others say which."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.bases.deduplication import Deduplicate
from operators.bases.exact_duplicates import DeduplicatesExactly
from operators.bases.minhash_duplicates import DeduplicatesByMinHash
from operators.code.language.files import SourceFiles
from operators.kernels.source_text import without_comments
from operators.tables.columns import Input

_NO_WORD = r"[^\pL\pN_]+"


class ComparesPrograms(Deduplicate, abstract=True):
    """Compares the words of programs: names, keywords and numbers. Layout, marks and, where the language is known, comments make no difference.

    The language is that of the column `input_language`, else that of the name or the first line.
    """

    input_language = Input(str, optional=True, nulls="pass", description="Linguist's name of the language")
    input_filename = Input(str, optional=True, nulls="pass", description="name or path of the file")

    def texts_of(self, rows: pa.RecordBatch) -> pa.Array:
        texts = rows.column("text").cast(pa.large_string())
        paths, spoken = (rows.column(name) if name in rows.schema.names else None for name in ("filename", "language"))
        bare = without_comments(texts, SourceFiles.of(texts, paths, spoken).languages.syntax())
        words = pc.replace_substring_regex(bare, _NO_WORD, " ")
        if not self.also:
            return words
        further = [rows.column(name).cast(pa.large_string()) for name in self.also]
        return pc.binary_join_element_wise(words, *further, pa.scalar(self.separator, pa.large_string()), null_handling="replace")


class ExactSourceDedup(DeduplicatesExactly, ComparesPrograms):
    """Keep one of several programs that are the same but for comments, layout and marks: vendored copies, other licence headers.

    `keep` says which stays: the first, the last, the longest, or that with the highest or lowest number in the column `input_score`.
    """

    source = "BLAKE2b, 128 bits"
    asks = ("remove vendored copies of the same file", "identical functions with other comments", "exact deduplication of source code")

    covers: ClassVar[tuple[str, ...]] = ()


class MinHashSourceDedup(DeduplicatesByMinHash, ComparesPrograms):
    """Keep one of several programs whose words are alike in runs of five: Jaccard similarity of at least `threshold`. Comments, layout and marks do
    not count. Programs without a word are like nothing."""

    source = "StarCoder (Li et al. 2023): threshold 0.7"
    asks = ("near duplicate source files", "forks and slightly edited copies of code", "fuzzy dedup of functions")

    threshold: float = Field(0.7, gt=0, le=1)

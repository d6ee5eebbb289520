"""Equal and nearly equal programs: one stays, the others say which."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Final

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.bases.deduplication import Deduplicate
from operators.bases.exact_duplicates import DeduplicatesExactly
from operators.bases.minhash_duplicates import DeduplicatesByMinHash
from operators.code.language.files import FileLanguages, SourceFiles
from operators.kernels.source_text import without_comments
from operators.tables.columns import Input

_NO_WORD = r"[^\pL\pN_]+"
_SPACES, _AROUND_MARKS = r"[\s\pZ]+", r" ?([^\pL\pM\pN_\s]) ?"
_LINE, _DEEPER = "\x01", "\x02"
INDENTED: Final = frozenset({"", "Python", "Cython", "Starlark", "CoffeeScript", "Nim", "Haskell", "F#", "Elm", "YAML"})
"""Languages in which indentation and line ends say what belongs together; a program of no known language may be in one."""


class ComparesPrograms(Deduplicate, abstract=True):
    """Compares programs without their layout and, where the language is known, without their comments.

    The language is that of the column `input_language`, else that of the name or the first line.
    """

    input_language = Input(str, optional=True, nulls="pass", description="Linguist's name of the language")
    input_filename = Input(str, optional=True, nulls="pass", description="name or path of the file")

    @abstractmethod
    def compared(self, bare: pa.Array, languages: FileLanguages) -> pa.Array:
        """What of programs without comments has to be alike."""

    def texts_of(self, rows: pa.RecordBatch) -> pa.Array:
        texts = rows.column("text").cast(pa.large_string())
        paths, spoken = (rows.column(name) if name in rows.schema.names else None for name in ("filename", "language"))
        languages = SourceFiles.of(texts, paths, spoken).languages
        compared = self.compared(without_comments(texts, languages.syntax()), languages)
        if not self.also:
            return compared
        further = [rows.column(name).cast(pa.large_string()) for name in self.also]
        return pc.binary_join_element_wise(compared, *further, pa.scalar(self.separator, pa.large_string()), null_handling="replace")


def without_layout(programs: pa.Array, indented: Sequence[bool]) -> pa.Array:
    """Programs with no space but between words. `indented`: whether how deep each line is indented stays, however that is written."""
    whole = (program and program.removeprefix("\ufeff") for program in programs.to_pylist())
    lines = [_lines_with_depth(program) if program and of else program for program, of in zip(whole, indented, strict=True)]
    spaced = pc.replace_substring_regex(pa.array(lines, pa.large_string()), _SPACES, " ")
    return pc.replace_substring_regex(pc.utf8_trim_whitespace(spaced), _AROUND_MARKS, r"\1")


def _lines_with_depth(program: str) -> str:
    """The lines, each behind a mark of its depth; those within brackets belong to the line before."""
    parts, depths, brackets = list[str](), [0], 0
    for line in program.splitlines():
        said = line.lstrip()
        if not said:
            continue
        if brackets == 0:
            before = line[: len(line) - len(said)]
            depth = len(before.expandtabs(8) if "\t" in before else before)
            while depth < depths[-1]:
                depths.pop()
            if depth > depths[-1]:
                depths.append(depth)
            parts.append(_LINE + _DEEPER * (len(depths) - 1))
        parts.append(said)
        opened = said.count("(") + said.count("[") + said.count("{")
        brackets = max(0, brackets + opened - said.count(")") - said.count("]") - said.count("}"))
    return " ".join(parts)


class ExactSourceDedup(DeduplicatesExactly, ComparesPrograms):
    """Keep one of several programs that are the same but for comments and layout: vendored copies, other licence headers, tabs for spaces.

    `keep` says which stays: the first, the last, the longest, or that with the highest or lowest number in the column `input_score`.
    """

    source = "BLAKE2b, 128 bits"
    asks = ("remove vendored copies of the same file", "identical functions with other comments", "exact deduplication of source code")

    covers: ClassVar[tuple[str, ...]] = ()

    def compared(self, bare: pa.Array, languages: FileLanguages) -> pa.Array:
        return without_layout(bare, languages.among(INDENTED).tolist())


class MinHashSourceDedup(DeduplicatesByMinHash, ComparesPrograms):
    """Keep one of several programs whose words are alike in runs of five: Jaccard similarity of at least `threshold`. Comments, layout and marks do
    not count. Programs without a word are like nothing."""

    source = "StarCoder (Li et al. 2023): threshold 0.7"
    asks = ("near duplicate source files", "forks and slightly edited copies of code", "fuzzy dedup of functions")

    threshold: float = Field(0.7, gt=0, le=1)

    def compared(self, bare: pa.Array, languages: FileLanguages) -> pa.Array:
        return pc.replace_substring_regex(bare, _NO_WORD, " ")

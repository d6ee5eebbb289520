"""Lines and passages that stood in the table before: removed from the texts, which stay."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.core.kinds import Refine
from operators.core.kinds.refine import changed_rows
from operators.engine.batch import Batch, Processed
from operators.engine.rows_reader import RowsReader
from operators.kernels.index import SeenHashes
from operators.tables.columns import Input


class RemoveRepeatedParts(Refine, abstract=True):
    """Reads the table once, in order: what was met before goes, the first occurrence stays. A text may end up empty: `BlankFilter` drops it."""

    scope: ClassVar[Literal["row", "table"]] = "table"

    input_text = Input(str)

    @abstractmethod
    def refine_table(self, rows: RowsReader) -> Iterator[pa.Array]:
        """The new texts, batch by batch, those of null texts null."""

    def process_table(self, tables: Sequence[RowsReader], resources: Mapping[str, Any]) -> Iterator[Processed]:
        storage, name = tables[0].storage, self.rewritten_column()
        for rows, texts in zip(storage.batches(), self.refine_table(tables[0]), strict=True):
            changed = int(changed_rows(rows.column(name), texts).sum())
            kept = Batch(rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), texts))
            yield Processed(kept, changed_by=+Counter({self.name: changed}))


class RemoveRepeatedLines(RemoveRepeatedParts):
    """Remove lines that stood in the table before, in the same text or another: menus, disclaimers, headers. Case and spaces make no difference.

    Lines of less than `min_characters` stay: "}" and "Introduction" are repeated for good reasons. Memory: 16 to 32 bytes for each distinct line.
    """

    source = "CCNet (Wenzek et al. 2020), paragraph deduplication"
    asks = ("delete headers and footers shared across the corpus", "strip site boilerplate that every page carries", "line level dedup")

    min_characters: int = Field(30, ge=1)

    def refine_table(self, rows: RowsReader) -> Iterator[pa.Array]:
        seen, at = SeenHashes(), 0
        for batch in rows.storage.batches([self.rewritten_column()]):
            yield seen.without_repeated_lines(batch.column(0), at, self.min_characters)
            at += len(batch)


class RemoveRepeatedPassages(RemoveRepeatedParts):
    """Remove exact substrings that stood in the table before: any run of at least `min_tokens` tokens, wherever it starts, to its end.

    A token is what stands between spaces, or a character of a script without spaces; white space between tokens does not count. Memory: 16 to
    32 bytes for each token of the table.
    """

    source = "Lee et al. 2022, Deduplicating training data makes language models better: 50 tokens"
    asks = ("substring dedup with a suffix array", "cut out paragraphs copied between documents", "delete long verbatim overlaps inside texts")

    min_tokens: int = Field(50, ge=2)

    def refine_table(self, rows: RowsReader) -> Iterator[pa.Array]:
        seen, at = SeenHashes(), 0
        for batch in rows.storage.batches([self.rewritten_column()]):
            texts = batch.column(0)
            # a text shorter than a passage has none
            yield seen.without_repeated_passages(texts, at, self.min_tokens) if pc.max(pc.binary_length(texts)).as_py() else texts
            at += len(batch)

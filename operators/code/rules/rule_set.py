"""The rules of source files for pretraining, to be put into a `Sequential` together: they are counted in one scan."""

from __future__ import annotations

from operators.code.rules.characters import CommentShareFilter, CompositionFilter, EncodedDataFilter
from operators.code.rules.file_type import FileTypeFilter
from operators.code.rules.generated import GeneratedSourceFilter
from operators.code.rules.layout import LineLengthFilter, SourceSizeFilter, SourceWordsFilter
from operators.code.rules.repetition import RepetitiveSourceFilter, SourceMarksFilter
from operators.core.kinds import Filter


def source_quality(min_comments: float = 0.0) -> tuple[Filter, ...]:
    """The Stack v2, StarCoder2 and RefineCode: not too long, not generated, no data, of a type worth reading, not repetitive.

    `min_comments`: the share of a program's characters that comments have at least; SantaCoder takes 0.01.
    """
    return (
        SourceSizeFilter(),
        LineLengthFilter(),
        GeneratedSourceFilter(),
        CompositionFilter(),
        FileTypeFilter(),
        EncodedDataFilter(),
        CommentShareFilter(min_share=min_comments),
        SourceWordsFilter(),
        SourceMarksFilter(),
        RepetitiveSourceFilter(),
    )
